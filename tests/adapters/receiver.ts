/** Servers that stand in for a customer's webhook, and a look at every socket this process opens. */
import { once } from 'node:events'
import { createServer as createHttp, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, Socket } from 'node:net'
import type { TestContext } from 'node:test'

export const LISTEN = '127.0.0.1'

export type Received = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly method: string }

export type Receiver = {
  readonly url: string
  readonly port: number
  /** One for each connection: the address of ours that was called. */
  readonly called: string[]
  readonly requests: Received[]
  /** Resolves once the n-th connection (from 1) is closed. */
  gone(nth: number): Promise<void>
}

const watch = async (t: TestContext, server: Server, host: string): Promise<Omit<Receiver, 'requests'>> => {
  const called: string[] = []
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    called.push(socket.localAddress ?? '')
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    called,
    async gone(nth) {
      const socket = sockets[nth - 1]
      // Not `once`: it rejects with the reset that may come before.
      if (socket !== undefined && !socket.closed) await new Promise(resolve => socket.on('close', resolve))
    },
  }
}

/** An HTTP server; `answer` is told how many requests came before. */
export const openReceiver = async (
  t: TestContext,
  answer: (response: ServerResponse, nth: number) => void,
  host = LISTEN,
): Promise<Receiver> => {
  const requests: Received[] = []
  const server = createHttp(async (request, response) => {
    const chunks = await request.toArray()
    const { headers, method = '' } = request
    requests.push({ headers, method, body: Buffer.concat(chunks).toString() })
    answer(response, requests.length)
  })
  return { ...(await watch(t, server, host)), requests }
}

/** Whatever is done with the n-th bare connection (from 1) once its request begins to arrive; `ids` are the webhook-ids. */
export const openRaw = async (t: TestContext, answer: (socket: Socket, nth: number) => void) => {
  const ids: string[] = []
  const server = createTcp(socket => {
    socket.once('data', data => {
      ids.push(/^webhook-id: (.*)\r$/m.exec(data.toString())?.[1] ?? '')
      answer(socket, ids.length)
    })
  })
  return { ...(await watch(t, server, LISTEN)), ids }
}

/** A port where nobody listens. */
export const deadPort = async (): Promise<number> => {
  const server = createTcp().listen(0, LISTEN)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** How many sockets this process has begun to connect, TLS or not. */
export const watchConnects = (t: TestContext): (() => number) => {
  const spy = t.mock.method(Socket.prototype, 'connect')
  return () => spy.mock.callCount()
}
