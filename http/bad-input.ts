/** Thrown when what arrived does not match what the operation takes. */
import type { Fault } from '#wire/faults.ts'

export type InputPart = 'body' | 'query' | 'path'

export class BadInput extends Error {
  readonly part: InputPart
  readonly faults: readonly Fault[]

  constructor(part: InputPart, faults: readonly Fault[]) {
    super(`the ${part} does not match its schema`)
    this.part = part
    this.faults = faults
  }
}
