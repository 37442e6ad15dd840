/**
 * SDP (RFC 8866) as far as a telephone call needs it: one audio stream over RTP/AVP, G.711 and telephone-event, offered
 * and answered by RFC 3264. Reading never throws: a body that is no SDP, or offers nothing we can use, is null.
 */
import { isIPv4 } from 'node:net'
import type { Codec } from '#core/call.ts'

export const SDP_LIMIT_BYTES = 16_384
const LINE_LIMIT = 512
const MEDIA_LIMIT = 32
const FORMAT_LIMIT = 64

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export type OfferedCodec = { readonly codec: Codec; readonly payload_type: number }

/** One `m=` section. */
type SdpMedia = {
  /** The `m=` line's own words: media, port, transport, formats. */
  readonly words: readonly string[]
  /** The `c=` line of this part: null without one, its address null where we cannot send to it. */
  readonly connection: { readonly address: string | null } | null
  readonly attributes: readonly string[]
}

/** The audio we can take part in. */
export type SdpAudio = {
  /** Position among the `m=` lines. */
  readonly index: number
  /** null when put on hold the old way, by 0.0.0.0 (RFC 3264 section 8.4). */
  readonly remote: { readonly address: string; readonly port: number } | null
  /** What we can speak, in the sender's order; not empty. */
  readonly codecs: readonly OfferedCodec[]
  readonly dtmf_payload_type: number | null
  readonly direction: Direction
}

export type Sdp = { readonly media: readonly SdpMedia[]; readonly audio: SdpAudio }

const STATIC_CODECS: Readonly<Record<number, Codec>> = { 0: 'PCMU', 8: 'PCMA' }
const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] satisfies Direction[]
const isDirection = (text: string | undefined): text is Direction => text !== undefined && DIRECTIONS.includes(text)

/** `IN IP4 192.0.2.1`; names, IPv6, multicast and broadcast are nothing we send to. */
const connectionAddress = (value: string): string | null => {
  const [network, family, address = ''] = value.split(' ')
  return network === 'IN' && family === 'IP4' && isIPv4(address) && Number.parseInt(address, 10) < 224 ? address : null
}

const number = (text: string | undefined, most: number): number | null => {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return null
  const value = Number(text)
  return value <= most ? value : null
}

/** The value of `a=rtpmap:<payload type> …`, lower-cased. */
const rtpmapOf = (attributes: readonly string[], payload_type: number): string | null => {
  const prefix = `rtpmap:${payload_type} `
  const found = attributes.find(attribute => attribute.startsWith(prefix))
  return found === undefined ? null : found.slice(prefix.length).trim().toLowerCase()
}

const codecOf = (attributes: readonly string[], payload_type: number): Codec | null => {
  const rtpmap = rtpmapOf(attributes, payload_type)
  if (rtpmap === null) return STATIC_CODECS[payload_type] ?? null
  if (rtpmap === 'pcmu/8000' || rtpmap === 'pcmu/8000/1') return 'PCMU'
  return rtpmap === 'pcma/8000' || rtpmap === 'pcma/8000/1' ? 'PCMA' : null
}

const usableAudio = (media: SdpMedia, index: number, session: SdpMedia): SdpAudio | null => {
  const [kind, port_text, transport, ...formats] = media.words
  const port = number(port_text?.split('/', 1)[0], 65_535)
  const address = (media.connection ?? session.connection)?.address ?? null
  if (kind !== 'audio' || transport !== 'RTP/AVP' || port === null || port === 0 || address === null) return null
  const payload_types = formats.slice(0, FORMAT_LIMIT).map(format => number(format, 127))
  const codecs: OfferedCodec[] = []
  let dtmf_payload_type: number | null = null
  for (const payload_type of payload_types) {
    if (payload_type === null) continue
    const codec = codecOf(media.attributes, payload_type)
    if (codec !== null && !codecs.some(other => other.codec === codec)) codecs.push({ codec, payload_type })
    if (rtpmapOf(media.attributes, payload_type) === 'telephone-event/8000') dtmf_payload_type ??= payload_type
  }
  if (codecs.length === 0) return null
  const direction = media.attributes.find(isDirection) ?? session.attributes.find(isDirection) ?? 'sendrecv'
  const remote = address === '0.0.0.0' ? null : { address, port }
  return { index, remote, codecs, dtmf_payload_type, direction }
}

type Section = { words: string[]; connection: SdpMedia['connection']; attributes: string[] }

/** Cuts the text into the session part and its `m=` sections; null when a line or a count is out of bounds. */
const sections = (text: string): { readonly session: SdpMedia; readonly media: readonly SdpMedia[] } | null => {
  const session: Section = { words: [], connection: null, attributes: [] }
  const media: Section[] = []
  let current = session
  const lines = text.split(/\r\n|\n|\r/)
  if (lines[0] !== 'v=0') return null
  for (const line of lines) {
    if (line === '') continue
    if (line.length > LINE_LIMIT || line[1] !== '=') return null
    const value = line.slice(2)
    if (line[0] === 'm') {
      current = { words: value.split(' ').filter(word => word !== ''), connection: null, attributes: [] }
      media.push(current)
      if (media.length > MEDIA_LIMIT) return null
    } else if (line[0] === 'c') current.connection = { address: connectionAddress(value) }
    else if (line[0] === 'a') current.attributes.push(value)
  }
  return { session, media }
}

/** An offer or an answer; null when it is not SDP or has no audio that we can take part in. */
export const parseSdp = (text: string): Sdp | null => {
  if (text.length > SDP_LIMIT_BYTES) return null
  const parts = sections(text)
  if (parts === null) return null
  for (const [index, media] of parts.media.entries()) {
    const audio = usableAudio(media, index, parts.session)
    if (audio !== null) return { media: parts.media, audio }
  }
  return null
}

/** What we say of ourselves. `version` grows with each change (RFC 3264 section 8). */
export type LocalMedia = {
  readonly session_id: number
  readonly version: number
  readonly address: string
  readonly port: number
}

/** The same stream seen from the other end. */
const REVERSED: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Our direction in the answer: what the other end only sends, we only receive. */
export const answeringDirection = (audio: SdpAudio): Direction =>
  REVERSED[audio.remote === null && audio.direction === 'sendrecv' ? 'sendonly' : audio.direction]

const head = (local: LocalMedia): string[] => [
  'v=0',
  `o=- ${local.session_id} ${local.version} IN IP4 ${local.address}`,
  's=-',
  `c=IN IP4 ${local.address}`,
  't=0 0',
]

const audioLines = (
  port: number,
  codecs: readonly OfferedCodec[],
  dtmf: number | null,
  direction: Direction,
): string[] => [
  `m=audio ${port} RTP/AVP ${[...codecs.map(codec => codec.payload_type), ...(dtmf === null ? [] : [dtmf])].join(' ')}`,
  ...codecs.map(({ codec, payload_type }) => `a=rtpmap:${payload_type} ${codec}/8000`),
  ...(dtmf === null ? [] : [`a=rtpmap:${dtmf} telephone-event/8000`, `a=fmtp:${dtmf} 0-15`]),
  'a=ptime:20',
  `a=${direction}`,
]

const toText = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`

export const OUR_DTMF_PAYLOAD_TYPE = 101

/** Both codecs and telephone-event. */
export const buildOffer = (local: LocalMedia): string => {
  const codecs = Object.entries(STATIC_CODECS).map(([payload_type, codec]) => ({ codec, payload_type: +payload_type }))
  return toText([...head(local), ...audioLines(local.port, codecs, OUR_DTMF_PAYLOAD_TYPE, 'sendrecv')])
}

/** Takes the one codec of the offer's audio and declines every other `m=` line with port 0 (RFC 3264 section 6). */
export const buildAnswer = (offer: Sdp, chosen: OfferedCodec, local: LocalMedia): string =>
  toText([
    ...head(local),
    ...offer.media.flatMap((media, index) => {
      if (index === offer.audio.index) {
        return audioLines(local.port, [chosen], offer.audio.dtmf_payload_type, answeringDirection(offer.audio))
      }
      const [kind = 'audio', , ...rest] = media.words
      return [`m=${[kind, '0', ...rest].join(' ')}`]
    }),
  ])
