/** What reads documents, as use cases and background work ask for it. Types, and the one way it says no. */
import type { ReadDocument } from '#core/knowledge.ts'
import { SOURCE_FAILURES, type SourceFailureCode } from '#core/source-failure.ts'

/** Thrown when a document cannot be read, for a reason that a customer understands. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault'
  readonly code: SourceFailureCode
  /** Another try may bring it. */
  readonly again: boolean

  constructor(code: SourceFailureCode, again = false) {
    super(SOURCE_FAILURES[code])
    this.code = code
    this.again = again
  }
}

export type DocumentReader = {
  /** Fetches and reads, from addresses that may be reached only. Rejects with a `DocumentFault`, or the signal's reason. */
  fetch(url: string, signal: AbortSignal): Promise<ReadDocument & { readonly media_type: string }>
  /** Reads what was uploaded. `media_type`: one of core/media-type.ts. */
  parse(bytes: Uint8Array, media_type: string, signal: AbortSignal): Promise<ReadDocument>
  /** Why such a URL may not be saved: a public sentence; null: it may. */
  refuse_url(url: string): string | null
}
