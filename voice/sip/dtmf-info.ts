/** DTMF in INFO: `application/dtmf-relay` (`Signal=5`) and `application/dtmf` (`5`). De facto, no RFC. */
import { firstField, type SipRequest } from '#voice/sip/message.ts'

const by_event: Readonly<Record<string, string>> = { '10': '*', '11': '#', '12': 'A', '13': 'B', '14': 'C', '15': 'D' }

/** The digit; null: none that we know; 'foreign': another kind of INFO. */
export function dtmfOfInfo(request: SipRequest): { readonly digit: string } | null | 'foreign' {
  const type = mediaType(request)
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return 'foreign'
  const signal =
    type === 'application/dtmf'
      ? request.body.trim()
      : (/^[ \t]*Signal[ \t]*=[ \t]*(\S{1,2})[ \t]*$/im.exec(request.body)?.[1] ?? '')
  const digit = by_event[signal] ?? signal.toUpperCase()
  return /^[0-9*#A-D]$/.test(digit) ? { digit } : null
}

/** `type/subtype` in lower case, without parameters; `''` when there is none. */
export function mediaType(request: SipRequest): string {
  return (firstField(request, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
