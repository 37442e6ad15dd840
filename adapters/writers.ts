/** Who writes for an organization: its own model, else this installation's, else the offline writer. */
import { Agent } from 'undici'
import { guardedAgent } from '#adapters/guarded-connect.ts'
import { createLanguageModel, MODEL_TIMEOUTS, type ModelTimeouts } from '#adapters/language-model.ts'
import { createModelFetch, type ModelFetchOptions } from '#adapters/model-fetch.ts'
import { modelWriter } from '#adapters/model-writer.ts'
import type { Log, Writers } from '#app/ports.ts'
import type { AddressRange } from '#core/ip.ts'
import type { ModelSettings } from '#core/language-model.ts'
import { OFFLINE_WRITER } from '#core/offline-writer.ts'
import type { Usage } from '#core/writer.ts'

export type WritersOptions = {
  /** null: the organization has set none. */
  readonly settings_of: (organization_id: string) => Promise<ModelSettings | null>
  /** The operator's, who may name any address; null: none. */
  readonly environment: ModelSettings | null
  /** What organizations' models may be reached at besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  /** Adds to what the organization has used. */
  readonly used: (organization_id: string, usage: Usage) => Promise<void>
  readonly log: Log
  /** For tests. */
  readonly timeouts?: ModelTimeouts
  readonly wait?: ModelFetchOptions['wait']
}

/** `close` ends every answer under way. */
export type ClosableWriters = Writers & { close(): Promise<void> }

export const createWriters = (options: WritersOptions): ClosableWriters => {
  const { settings_of, environment, allow, used, log, timeouts = MODEL_TIMEOUTS } = options
  const over = new AbortController()
  const guarded = guardedAgent({ allow, signal: over.signal })
  // The time for the first word and between words is kept by who asks.
  const open = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  const fetches = { ...(options.wait ? { wait: options.wait } : {}), log }
  const guarded_fetch = createModelFetch({ dispatcher: guarded, ...fetches })
  const open_fetch = createModelFetch({ dispatcher: open, ...fetches })

  const note = (organization_id: string, usage: Usage): void => {
    used(organization_id, usage).catch((error: unknown) =>
      log.warn({ model: usage.model, reason: String(error) }, 'what a language model was used for is not counted'),
    )
  }
  return {
    installed_model: environment?.model ?? null,
    async for(organization_id) {
      const own = await settings_of(organization_id)
      const settings = own ?? environment
      if (settings === null) return OFFLINE_WRITER
      const fetch = own === null ? open_fetch : guarded_fetch
      return modelWriter(
        createLanguageModel({ settings, fetch, timeouts, used: usage => note(organization_id, usage) }),
      )
    },
    async close() {
      over.abort(new Error('the process stops'))
      await Promise.all([guarded.destroy(), open.destroy()])
    },
  }
}
