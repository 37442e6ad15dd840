/**
 * A caller that writes its own datagrams, for what SIPp cannot do: several messages in one burst, before any answer can
 * have come back. It is not a SIP stack: it says what it is told and keeps what it hears.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export type RawResponse = {
  readonly status: number
  readonly method: string
  readonly to_tag: string | null
  readonly text: string
}

export type RawCaller = {
  readonly host: string
  readonly port: number
  /** All in one go, in this order. */
  send(...messages: readonly string[]): void
  /** Resolves with the first response so far or to come that fits; rejects after the time limit. */
  response(fits: (response: RawResponse) => boolean, time_limit_ms?: number): Promise<RawResponse>
  readonly responses: readonly RawResponse[]
  close(): void
}

const headerOf = (text: string, name: string): string =>
  new RegExp(`^${name}\\s*:\\s*(.*?)\\r?$`, 'im').exec(text)?.[1] ?? ''

const parseResponse = (text: string): RawResponse | null => {
  const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1]
  if (status === undefined) return null
  return {
    status: Number(status),
    method: headerOf(text, 'CSeq').split(/\s+/)[1] ?? '',
    to_tag: /;\s*tag=([^;\s]+)/i.exec(headerOf(text, 'To'))?.[1] ?? null,
    text,
  }
}

/** A caller on loopback, at `host`, that sends to 127.0.0.1:`port`. */
export const openRawCaller = async (remote_port: number, host = '127.0.0.1'): Promise<RawCaller> => {
  const socket = createSocket('udp4')
  const responses: RawResponse[] = []
  const waiting = new Set<(response: RawResponse) => void>()
  socket.on('message', datagram => {
    const response = parseResponse(datagram.toString('latin1'))
    if (response === null) return
    responses.push(response)
    for (const hear of [...waiting]) hear(response)
  })
  socket.bind(0, host)
  await once(socket, 'listening')
  return {
    host,
    port: socket.address().port,
    responses,
    send: (...messages) => {
      for (const message of messages) socket.send(message, remote_port, '127.0.0.1')
    },
    response: (fits, time_limit_ms = 5000) => {
      const heard = responses.find(fits)
      if (heard !== undefined) return Promise.resolve(heard)
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          waiting.delete(hear)
          reject(
            new Error(
              `no such response; heard ${responses.map(each => `${each.status} ${each.method}`).join(', ') || 'nothing'}`,
            ),
          )
        }, time_limit_ms)
        const hear = (response: RawResponse): void => {
          if (!fits(response)) return
          clearTimeout(limit)
          waiting.delete(hear)
          resolve(response)
        }
        waiting.add(hear)
      })
    },
    close: () => socket.close(),
  }
}

export type RawRequest = {
  readonly method: 'INVITE' | 'ACK' | 'CANCEL' | 'BYE'
  readonly uri: string
  readonly call_id: string
  readonly branch: string
  readonly cseq: number
  /** User part of From. */
  readonly from_user: string
  readonly to_tag?: string | null
  readonly sdp?: string
  /** More header lines. */
  readonly headers?: readonly string[]
}

/** The text of one request from this caller. */
export const rawRequest = (caller: Pick<RawCaller, 'host' | 'port'>, request: RawRequest): string => {
  const address = `${caller.host}:${caller.port}`
  const body = request.sdp ?? ''
  return [
    `${request.method} ${request.uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address};branch=z9hG4bK${request.branch};rport`,
    'Max-Forwards: 70',
    `From: <sip:${request.from_user}@${address}>;tag=raw`,
    `To: <${request.uri}>${request.to_tag == null ? '' : `;tag=${request.to_tag}`}`,
    `Call-ID: ${request.call_id}`,
    `CSeq: ${request.cseq} ${request.method}`,
    ...(request.method === 'INVITE' ? [`Contact: <sip:${request.from_user}@${address}>`] : []),
    ...(request.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** An offer of PCMU from an address and port. */
export const rawOffer = (host: string, port: number): string =>
  [
    'v=0',
    `o=raw 1 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n')
