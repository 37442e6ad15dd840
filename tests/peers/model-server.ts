/** A server that speaks the OpenAI protocol over a socket and answers what it is told to, well or badly. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type ModelTurn =
  /** `between` is waited for before each piece but the first. */
  | {
      readonly kind: 'text'
      readonly pieces: readonly string[]
      readonly between?: () => Promise<void>
      readonly finish?: string
    }
  | { readonly kind: 'tool_calls'; readonly calls: readonly { id: string; name: string; arguments: string }[] }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Pieces, then: the socket is destroyed; or nothing more ever comes; or the answer ends without saying that it ends. */
  | { readonly kind: 'breaks' | 'stalls' | 'stops'; readonly pieces: readonly string[] }
  /** The headers do not come either. */
  | { readonly kind: 'silence' }
  /** The socket is destroyed at once. */
  | { readonly kind: 'hangup' }
  | { readonly kind: 'raw'; readonly type: string; readonly body: string }

export type ModelRequest = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: {
    readonly model: string
    readonly stream?: boolean
    readonly messages: readonly { role: string; content: unknown; tool_calls?: unknown; tool_call_id?: string }[]
    readonly tools?: readonly unknown[]
    readonly temperature?: number
    readonly max_tokens?: number
  }
  /** Whether whoever asked has gone away. */
  gone: boolean
}

export type ModelServer = {
  /** `http://127.0.0.1:port/v1`. */
  readonly base_url: string
  readonly requests: ModelRequest[]
  /** What is answered next, in order; after that `otherwise`. */
  readonly turns: ModelTurn[]
  otherwise: (request: ModelRequest) => ModelTurn
  close(): Promise<void>
}

export const says = (...pieces: readonly string[]): ModelTurn => ({ kind: 'text', pieces })

const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }

const event = (response: ServerResponse, body: object): void => {
  response.write(
    `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', ...body })}\n\n`,
  )
}
const delta = (response: ServerResponse, delta: object, finish_reason: string | null = null): void =>
  event(response, { choices: [{ index: 0, delta, finish_reason }] })

const end = (response: ServerResponse, finish_reason: string): void => {
  delta(response, {}, finish_reason)
  event(response, { choices: [], usage: USAGE })
  response.end('data: [DONE]\n\n')
}

const answer = async (turn: ModelTurn, response: ServerResponse): Promise<void> => {
  if (turn.kind === 'silence') return
  if (turn.kind === 'hangup') return void response.destroy()
  if (turn.kind === 'status') {
    response.writeHead(turn.status, { 'content-type': 'application/json', ...turn.headers })
    return void response.end(JSON.stringify({ error: { message: 'no', type: 'x', code: null } }))
  }
  if (turn.kind === 'raw') return void response.writeHead(200, { 'content-type': turn.type }).end(turn.body)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (turn.kind === 'tool_calls') {
    for (const [index, { id, name, arguments: text }] of turn.calls.entries()) {
      delta(response, { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })
      // As they come in earnest: in two halves, neither of them JSON.
      for (const half of [text.slice(0, 3), text.slice(3)])
        delta(response, { tool_calls: [{ index, function: { arguments: half } }] })
    }
    return end(response, 'tool_calls')
  }
  response.flushHeaders()
  for (const [index, content] of turn.pieces.entries()) {
    if (index > 0 && turn.kind === 'text') await turn.between?.()
    delta(response, { role: 'assistant', content })
  }
  if (turn.kind === 'text') return end(response, turn.finish ?? 'stop')
  if (turn.kind === 'stops') return void response.end()
  // What was written reaches the other side before the end does.
  if (turn.kind === 'breaks') setImmediate(() => setImmediate(() => response.destroy()))
}

export const startModelServer = async (): Promise<ModelServer> => {
  const requests: ModelRequest[] = []
  const turns: ModelTurn[] = []
  const http = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString())
    const request: ModelRequest = { path: incoming.url ?? '', headers: incoming.headers, body, gone: false }
    response.on('close', () => {
      request.gone = !response.writableFinished
    })
    requests.push(request)
    await answer(turns.shift() ?? server.otherwise(request), response)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const server: ModelServer = {
    base_url: `http://127.0.0.1:${port}/v1`,
    requests,
    turns,
    otherwise: () => says('Certainly.'),
    close: async () => {
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  }
  return server
}
