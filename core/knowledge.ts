/** Knowledge: collections (`datasets` in the API) of sources, cut into passages that can be looked up. */
import type { SourceFailure } from '#core/source-failure.ts'

export type KnowledgeBase = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly description: string | null
  /** BCP 47. */
  readonly language: string
  readonly source_count: number
  readonly chunk_count: number
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

export const SOURCE_KINDS = ['url', 'text', 'file'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

/** `ready`: can be looked up. `failed`: the last reading did; what an earlier one brought is still there. */
export const SOURCE_STATES = ['queued', 'reading', 'ready', 'failed'] as const
export type SourceState = (typeof SOURCE_STATES)[number]

export type KnowledgeSource = {
  readonly id: string
  readonly organization_id: string
  readonly knowledge_base_id: string
  readonly kind: SourceKind
  readonly title: string
  readonly url: string | null
  readonly file_name: string | null
  readonly media_type: string | null
  readonly state: SourceState
  readonly failure: SourceFailure | null
  readonly chunk_count: number
  readonly workflow_id: string | null
  readonly read_at: string | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

/** Where a passage stands. */
export type Place = {
  readonly title: string
  readonly url: string | null
  readonly file: string | null
  /** From 1; null: the source has no pages. */
  readonly page: number | null
  /** The headings above it, the highest first; null: none. */
  readonly heading: string | null
  /** In characters from the beginning of the source's text, or of its page. */
  readonly offset: number
}

export type Passage = {
  readonly chunk_id: string
  readonly source_id: string
  readonly knowledge_base_id: string
  readonly text: string
  /** 0 to 1: the share of what was asked that the passage has, rare words counting more. */
  readonly score: number
  readonly place: Place
}

/** A document as it was read: Markdown, or the texts of its pages. */
export type ReadDocument = {
  readonly title: string | null
  readonly markdown: string
  /** Of documents that have pages; `markdown` is then all of them. */
  readonly pages?: readonly string[]
}
