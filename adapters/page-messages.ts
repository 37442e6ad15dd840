/** What is asked of the thread that parses, and what it answers. */
import type { ParsedPage } from '#core/site.ts'

export type ParseQuestion =
  | { readonly kind: 'html'; readonly bytes: Uint8Array; readonly content_type: string; readonly url: string }
  | { readonly kind: 'pdf'; readonly bytes: Uint8Array; readonly url: string }
  /** Which of the addresses the robots.txt allows. */
  | { readonly kind: 'robots'; readonly text: string; readonly url: string; readonly asked: readonly string[] }

export type RobotsVerdict = {
  readonly allowed: readonly boolean[]
  readonly sitemaps: readonly string[]
  /** null: none is asked for. */
  readonly crawl_delay_ms: number | null
}

export type ParseAnswer =
  | { readonly kind: 'page'; readonly page: ParsedPage }
  | { readonly kind: 'robots'; readonly verdict: RobotsVerdict }
  | { readonly kind: 'failed' }
