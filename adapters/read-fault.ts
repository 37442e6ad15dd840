/** Why an address gives nothing to read. */
import { errors } from 'undici'
import { AddressDenied } from '#adapters/guarded-connect.ts'
import type { PageFault } from '#core/site.ts'

export class ReadFault extends Error {
  override readonly name = 'ReadFault'
  readonly fault: PageFault
  /** HTTP's, where there was an answer. */
  readonly status: number | undefined
  /** How long to stay away, as the answer says. */
  readonly retry_after_ms: number | undefined

  constructor(fault: PageFault, answer: { readonly status?: number; readonly retry_after_ms?: number } = {}) {
    super(fault)
    this.fault = fault
    this.status = answer.status
    this.retry_after_ms = answer.retry_after_ms
  }
}

/** Whatever else goes wrong is the connection's fault. */
export const toReadFault = (error: unknown): ReadFault => {
  if (error instanceof ReadFault) return error
  if (error instanceof AddressDenied) return new ReadFault('address_denied')
  if (error instanceof errors.HeadersOverflowError || error instanceof errors.HTTPParserError)
    return new ReadFault('unreadable')
  return new ReadFault('unreachable')
}
