/** A SIP user agent over UDP and TCP: opens the sockets and hands what arrives to its place. */
import { networkInterfaces } from 'node:os'
import { placeCall } from '#voice/sip/client-call.ts'
import { clientTransactions } from '#voice/sip/client-transactions.ts'
import { parseMessage } from '#voice/sip/parse-message.ts'
import { hostPort, type Peer } from '#voice/sip/peer.ts'
import { rateLimit } from '#voice/sip/rate-limit.ts'
import { receiveRequest, refuseMalformed } from '#voice/sip/receive-request.ts'
import { readResponseHead } from '#voice/sip/response-head.ts'
import { serverTransactions, type TableLimits, table_limits } from '#voice/sip/server-transactions.ts'
import type { Stack } from '#voice/sip/stack.ts'
import { rfc3261_timers, type TimerSettings, type Timers, timerWheel } from '#voice/sip/timers.ts'
import { openTransports, type Transports } from '#voice/sip/transports.ts'
import type { InviteHandler, ListenSip, SipListenOptions, UserAgent } from '#voice/sip/user-agent-types.ts'

export type UserAgentParts = {
  readonly timers?: Timers
  readonly settings?: TimerSettings
  readonly limits?: TableLimits
}

/** Rejects with the system's error when the port is taken or the host is not ours. */
export const listenSip: ListenSip = (options, on_invite) => openUserAgent(options, on_invite, {})

/** As `listenSip`, with the clock and limits of the caller's choice. */
export async function openUserAgent(
  options: SipListenOptions,
  on_invite: InviteHandler,
  parts: UserAgentParts,
): Promise<UserAgent> {
  const timers = parts.timers ?? timerWheel()
  const settings = parts.settings ?? rfc3261_timers
  const on_error =
    options.on_error ?? ((error: unknown) => process.emitWarning(error instanceof Error ? error : String(error)))
  const may_pass = rateLimit(options.rate_limit_pps, timers.now_ms)
  const counts = { received: 0, malformed: 0, rate_limited: 0 }
  let stack: Stack | null = null

  function received(text: string, from: Peer): void {
    if (stack === null) return
    counts.received += 1
    if (!may_pass(from.address)) counts.rate_limited += 1
    else if (!receive(stack, text, from, on_invite)) counts.malformed += 1
  }

  /** Where no end can be found, the header is read as that of a message with a wrong length: 400. */
  function broken(text: string, from: Peer): void {
    received(`${text}\r\nContent-Length: -1\r\n\r\n`, from)
  }

  const transports = await openTransports(options.host, options.port, timers, {
    received: guard(received),
    broken: guard(broken),
    fault: on_error,
  })
  stack = makeStack(
    transports,
    publicHost(options, transports.port),
    timers,
    settings,
    parts.limits ?? table_limits,
    on_error,
  )
  const running = stack

  /** One message's fault is never the next one's. */
  function guard(handle: (text: string, from: Peer) => void): (text: string, from: Peer) => void {
    return (text, from) => {
      try {
        handle(text, from)
      } catch (error) {
        on_error(error)
      }
    }
  }

  return {
    local: { host: options.host, port: transports.port },
    invite: (invite, events) => placeCall(running, invite, events),
    counts: () => ({ ...counts }),
    async close() {
      stack = null
      timers.close()
      await transports.close()
    },
  }
}

function makeStack(
  transports: Transports,
  public_host: string,
  timers: Timers,
  settings: TimerSettings,
  limits: TableLimits,
  on_error: (error: unknown) => void,
): Stack {
  return {
    public_host,
    timers,
    settings,
    servers: serverTransactions(timers, settings, transports.send, limits),
    clients: clientTransactions(timers, settings, transports.send),
    dialogs: new Map(),
    send: transports.send,
    on_error,
  }
}

/** False: not a message that anybody could use. */
function receive(stack: Stack, text: string, from: Peer, on_invite: InviteHandler): boolean {
  const message = parseMessage(text)
  if (message.kind === 'request') return receiveRequest(stack, message, from, on_invite)
  if (message.kind === 'malformed') {
    refuseMalformed(stack, message, from)
    return false
  }
  const head = readResponseHead(message)
  if (head === null || head.sent_by.toLowerCase() !== stack.public_host.toLowerCase()) return false
  stack.clients.receive(message, head)
  return true
}

function publicHost(options: SipListenOptions, port: number): string {
  if (options.public_host !== undefined) return options.public_host
  const is_any = options.host === '0.0.0.0' || options.host === '::'
  return hostPort(is_any ? firstAddress(options.host) : options.host, port)
}

/** The wildcard is no address to be called at: the first of the machine's own. */
function firstAddress(wildcard: string): string {
  const family = wildcard === '::' ? 'IPv6' : 'IPv4'
  for (const addresses of Object.values(networkInterfaces()))
    for (const address of addresses ?? []) if (!address.internal && address.family === family) return address.address
  return family === 'IPv6' ? '::1' : '127.0.0.1'
}
