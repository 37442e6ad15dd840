/** A live user agent on a loopback port and a bare UDP socket that talks to it. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { manualTimers } from '#tests/sip/manual-timers.ts'
import type { TableLimits } from '#voice/sip/server-transactions.ts'
import { rfc3261_timers } from '#voice/sip/timers.ts'
import { openUserAgent } from '#voice/sip/user-agent.ts'
import type { InviteHandler, UserAgent } from '#voice/sip/user-agent-types.ts'

export type Endpoint = {
  readonly agent: UserAgent
  readonly timers: ReturnType<typeof manualTimers>
  /** Port of the bare socket. */
  readonly port: number
  readonly errors: unknown[]
  send(text: string): void
  /**
   * All that has come back up to now: a probe is sent and what arrives before its answer is returned. Loopback UDP
   * keeps the order, so nothing is waited for and "no answer" is certain.
   */
  received(): Promise<string[]>
  /** `send`, then `received`. */
  ask(text: string): Promise<string[]>
  close(): Promise<void>
}

export async function openEndpoint(on_invite: InviteHandler, limits?: TableLimits): Promise<Endpoint> {
  const timers = manualTimers()
  const errors: unknown[] = []
  const options = { host: '127.0.0.1', port: 0, rate_limit_pps: 0, on_error: (error: unknown) => errors.push(error) }
  const agent = await openUserAgent(options, on_invite, {
    timers,
    settings: rfc3261_timers,
    ...(limits === undefined ? {} : { limits }),
  })
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const arrived: string[] = []
  let probes = 0
  let probe_came: (() => void) | null = null
  socket.on('message', bytes => {
    const text = bytes.toString('latin1')
    if (text.includes(`Call-ID: probe-${probes}\r\n`)) probe_came?.()
    else arrived.push(text)
  })
  const port = socket.address().port
  const endpoint: Endpoint = {
    agent,
    timers,
    port,
    errors,
    send: text => sendTo(socket, text, agent.local.port),
    async received() {
      probes += 1
      const came = new Promise<void>(resolve => {
        probe_came = resolve
      })
      sendTo(socket, probe(probes, port), agent.local.port)
      await came
      return arrived.splice(0)
    },
    ask(text) {
      endpoint.send(text)
      return endpoint.received()
    },
    async close() {
      socket.close()
      await agent.close()
    },
  }
  return endpoint
}

function sendTo(socket: Socket, text: string, port: number): void {
  socket.send(Buffer.from(text, 'latin1'), port, '127.0.0.1')
}

function probe(number: number, port: number): string {
  return request('OPTIONS', { call_id: `probe-${number}`, branch: `z9hG4bKprobe${number}`, port })
}

export type RequestParts = {
  readonly call_id?: string
  readonly branch?: string
  readonly port?: number
  readonly uri?: string
  readonly cseq?: number
  readonly from_tag?: string
  readonly to_tag?: string
  readonly body?: string
  readonly type?: string
  readonly more?: readonly string[]
}

/** A plain, valid request. The Via asks for answers at the source port. */
export function request(method: string, parts: RequestParts = {}): string {
  const body = parts.body ?? ''
  const lines = [
    `${method} ${parts.uri ?? 'sip:+15551234567@127.0.0.1'} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${parts.port ?? 5999};rport;branch=${parts.branch ?? 'z9hG4bK-1'}`,
    'Max-Forwards: 70',
    `From: <sip:caller@127.0.0.1>;tag=${parts.from_tag ?? 'caller-tag'}`,
    `To: <sip:+15551234567@127.0.0.1>${parts.to_tag === undefined ? '' : `;tag=${parts.to_tag}`}`,
    `Call-ID: ${parts.call_id ?? 'call-1'}`,
    `CSeq: ${parts.cseq ?? 1} ${method}`,
    `Contact: <sip:caller@127.0.0.1:${parts.port ?? 5999}>`,
    ...(parts.more ?? []),
    ...(body === '' ? [] : [`Content-Type: ${parts.type ?? 'application/sdp'}`]),
    `Content-Length: ${body.length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

export function statusOf(text: string | undefined): number {
  return Number(text?.slice(8, 11) ?? 0)
}

export function headerOf(text: string | undefined, name: string): string {
  const found = new RegExp(`^${name}: (.*)$`, 'im').exec(text?.split('\r\n\r\n', 1)[0] ?? '')
  return found?.[1]?.trim() ?? ''
}

export function toTagOf(text: string | undefined): string {
  return /;tag=([^;\s]+)/.exec(headerOf(text, 'To'))?.[1] ?? ''
}
