/** What a response must say to find the request that it answers (RFC 3261 17.1.3). */
import type { SipResponse } from '#voice/sip/message.ts'
import { allFields, firstField } from '#voice/sip/message.ts'
import { parseNameAddr, tagOf } from '#voice/sip/name-addr.ts'
import { parseCseq } from '#voice/sip/request-head.ts'
import { parseVia } from '#voice/sip/via.ts'

export type ResponseHead = {
  readonly branch: string
  /** `host:port` of the top Via: it must be ours, or the response is somebody else's (18.1.2). */
  readonly sent_by: string
  readonly method: string
  readonly cseq: number
  readonly to_tag: string
}

/** Null: a response that nobody can use. Several Vias mean that it was meant for a proxy (8.1.3.3). */
export function readResponseHead(response: SipResponse): ResponseHead | null {
  const lines = allFields(response, 'via')
  const line = lines[0]
  const via = line === undefined ? null : parseVia(line)
  if (via === null || lines.length !== 1 || via.end !== line?.length || via.branch === null) return null
  const cseq = parseCseq(firstField(response, 'cseq') ?? '')
  const to = parseNameAddr(firstField(response, 'to') ?? '')
  if (cseq === null || to === null) return null
  const sent_by = via.port === null ? via.host : `${via.host}:${via.port}`
  return { branch: via.branch, sent_by, method: cseq.method, cseq: cseq.number, to_tag: tagOf(to) }
}
