/** Who writes, as the server puts it together, but without patience: what is tried again is tried at once. */
import { MODEL_TIMEOUTS, type ModelTimeouts } from '#adapters/language-model.ts'
import { type ClosableWriters, createWriters } from '#adapters/writers.ts'
import type { App } from '#app/context.ts'
import { countUsage, modelSettingsOf } from '#app/language-model.ts'
import { parseRange } from '#core/ip.ts'
import type { ModelSettings } from '#core/language-model.ts'

export type WritersSetting = {
  /** The operator's model. */
  readonly model?: ModelSettings
  readonly outbound_allow?: readonly string[]
  readonly model_timeouts?: Partial<ModelTimeouts>
}

export const rangesOf = ({ outbound_allow = [] }: WritersSetting) =>
  outbound_allow.flatMap(range => parseRange(range) ?? [])

export const testWriters = (
  { tenants, secrets, clock, log }: Pick<App, 'tenants' | 'secrets' | 'clock' | 'log'>,
  setting: WritersSetting,
): ClosableWriters =>
  createWriters({
    settings_of: id => modelSettingsOf(tenants.of(id), secrets, id),
    environment: setting.model ?? null,
    allow: rangesOf(setting),
    used: (id, usage) => countUsage(tenants.of(id), clock, id, usage),
    log,
    timeouts: { ...MODEL_TIMEOUTS, ...setting.model_timeouts },
    wait: async () => {},
  })
