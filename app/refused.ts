/** Thrown by a use case when a rule says no; the transaction around it rolls back. */
import { type Refusal, type RefusalCode, sentenceOf } from '#core/refusal.ts'

export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(sentenceOf(refusal))
    this.refusal = refusal
  }
}

export const refuse = (code: RefusalCode, about?: readonly string[]): never => {
  throw new Refused(about ? { code, about } : { code })
}
