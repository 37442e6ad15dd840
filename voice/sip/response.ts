/** A response from the request that it answers (RFC 3261 8.2.6). */
import { spellHeader } from '#voice/sip/header-names.ts'
import type { HeaderField, SipRequest } from '#voice/sip/message.ts'
import { contentPart, serializeFields } from '#voice/sip/serialize-message.ts'
import { reasonPhrase } from '#voice/sip/status.ts'
import { stampVia, type Via } from '#voice/sip/via.ts'

export type ResponseParts = {
  readonly status: number
  readonly reason?: string
  /** Added to To where it has no tag; null for 100. */
  readonly to_tag: string | null
  readonly fields?: readonly HeaderField[]
  /** Record-Route goes back in answers that make a dialog (12.1.1). */
  readonly with_record_route?: boolean
  readonly body?: string
}

const has_tag = /;[ \t]*tag[ \t]*=/i

/** Octets of the response. `via` null: the top Via could not be read and goes back as it came. */
export function buildResponse(
  request: SipRequest,
  via: Via | null,
  source: { readonly address: string; readonly port: number },
  parts: ResponseParts,
): string {
  let text = `SIP/2.0 ${parts.status} ${parts.reason ?? reasonPhrase(parts.status)}\r\n`
  let is_top = true
  for (const [name, value] of request.fields) {
    switch (name) {
      case 'via':
        text += `Via: ${is_top && via !== null ? stampVia(value, via, source) : value}\r\n`
        is_top = false
        break
      case 'to':
        text +=
          parts.to_tag === null || has_tag.test(afterUri(value))
            ? `To: ${value}\r\n`
            : `To: ${value};tag=${parts.to_tag}\r\n`
        break
      case 'from':
      case 'call-id':
      case 'cseq':
        text += `${spellHeader(name)}: ${value}\r\n`
        break
      case 'record-route':
        if (parts.with_record_route === true) text += `Record-Route: ${value}\r\n`
        break
      // 8.2.6.1: the delay calculation of the caller.
      case 'timestamp':
        if (parts.status === 100) text += `Timestamp: ${value}\r\n`
        break
    }
  }
  return text + serializeFields(parts.fields ?? []) + contentPart(parts.body ?? '')
}

/** A `;tag=` inside of the brackets is the URI's, not the header's. */
function afterUri(value: string): string {
  return value.slice(value.lastIndexOf('>') + 1)
}
