/** What every request must say before anything is done with it (RFC 3261 8.1.1, 8.2.2; RFC 4475 3.1.2, 3.3). */
import { isToken } from '#voice/sip/header-names.ts'
import type { SipRequest } from '#voice/sip/message.ts'
import { type NameAddr, parseNameAddr, tagOf } from '#voice/sip/name-addr.ts'
import { parseVia, type Via } from '#voice/sip/via.ts'

export type RequestHead = {
  readonly kind: 'head'
  readonly via: Via
  /** The line that the top Via stands in. */
  readonly via_line: string
  readonly call_id: string
  readonly cseq: number
  readonly from_tag: string
  /** `''`: outside of a dialog. */
  readonly to_tag: string
  /** First Contact, null when there is none. */
  readonly contact: NameAddr | null
}

export type BadHead = { readonly kind: 'bad'; readonly reason: string }
type Singles = {
  via: string
  from: string
  to: string
  call_id: string
  cseq: string
  contact: string
  max_forwards: string
}

const max_cseq = 2 ** 31 - 1

export function readRequestHead(request: SipRequest): RequestHead | BadHead {
  const singles = readSingles(request)
  if (typeof singles === 'string') return bad(singles)
  const cseq = parseCseq(singles.cseq)
  if (cseq === null) return bad('Bad CSeq')
  if (cseq.method !== request.method) return bad('CSeq Method Mismatch')
  if (singles.call_id === '' || /[\s,]/.test(singles.call_id)) return bad('Bad Call-ID')
  const max_forwards = singles.max_forwards
  if (max_forwards !== '' && (!/^\d{1,9}$/.test(max_forwards) || Number(max_forwards) > 255))
    return bad('Bad Max-Forwards')
  const from = parseNameAddr(singles.from)
  if (from === null || from.end !== singles.from.length) return bad('Bad From')
  const to = parseNameAddr(singles.to)
  if (to === null || to.end !== singles.to.length) return bad('Bad To')
  const contact = singles.contact === '' || singles.contact === '*' ? null : parseNameAddr(singles.contact)
  if (contact === null && singles.contact !== '' && singles.contact !== '*') return bad('Bad Contact')
  const via = parseVia(singles.via)
  if (via === null) return bad('Bad Via')
  const { call_id, via: via_line } = singles
  return { kind: 'head', via, via_line, call_id, cseq: cseq.number, from_tag: tagOf(from), to_tag: tagOf(to), contact }
}

function bad(reason: string): BadHead {
  return { kind: 'bad', reason }
}

function readSingles(request: SipRequest): Singles | string {
  const singles: Singles = { via: '', from: '', to: '', call_id: '', cseq: '', contact: '', max_forwards: '' }
  for (const [name, value] of request.fields) {
    switch (name) {
      case 'via':
        if (singles.via === '') singles.via = value
        break
      case 'contact':
        if (singles.contact === '') singles.contact = value
        break
      case 'from':
      case 'to':
      case 'cseq':
        if (singles[name] !== '') return `Several ${name} headers`
        singles[name] = value
        break
      case 'call-id':
        if (singles.call_id !== '') return 'Several Call-ID headers'
        singles.call_id = value
        break
      case 'max-forwards':
        if (singles.max_forwards !== '') return 'Several Max-Forwards headers'
        singles.max_forwards = value
        break
    }
  }
  if (singles.via === '' || singles.from === '' || singles.to === '' || singles.call_id === '' || singles.cseq === '')
    return 'Missing Header'
  return singles
}

export function parseCseq(value: string): { readonly number: number; readonly method: string } | null {
  let at = 0
  while (at < value.length && value.charCodeAt(at) >= 48 && value.charCodeAt(at) <= 57) at += 1
  if (at === 0) return null
  const number = Number(value.slice(0, at))
  const method = value.slice(at).trimStart()
  if (number > max_cseq || method.length === value.length - at || !isToken(method)) return null
  return { number, method }
}
