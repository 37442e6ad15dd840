/** What use cases ask of the part that reads websites (adapters/site-reader.ts). Types only. */
import type { PageFault, ReadSite } from '#core/site.ts'

export type SiteProgress = (fraction: number, detail: string) => void

export type SiteReader = {
  /** Reads the site from this page on. Rejects with the signal's reason alone. */
  read(
    url: URL,
    signal: AbortSignal,
    progress: SiteProgress,
  ): Promise<
    | { readonly kind: 'read'; readonly site: ReadSite }
    | { readonly kind: 'failed'; readonly fault: PageFault; readonly status: number | null }
  >
}
