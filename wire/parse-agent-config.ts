/** From anything to a config that can be stored: valid, with every default filled in. */
import type { AgentConfig } from '#core/version.ts'
import { AgentConfigSchema } from '#wire/agent-config.ts'
import { toPointer } from '#wire/faults.ts'
import { fill } from '#wire/fill-defaults.ts'
import { bodyValidator } from '#wire/validate.ts'

/** `pointer`: RFC 6901, `''` is the config itself. */
export type ConfigFault = { readonly pointer: string; readonly message: string }

export type ParsedConfig =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] }

const validate = bodyValidator(AgentConfigSchema)

/** `config` must be valid; filling it again changes nothing. */
export const fillDefaults = (config: AgentConfig): AgentConfig => fill({ ...AgentConfigSchema }, config) as AgentConfig

/** Never throws. */
export const parseAgentConfig = (value: unknown): ParsedConfig => {
  const faults = validate(value)
  if (faults.length > 0) {
    return { ok: false, faults: faults.map(({ path, message }) => ({ pointer: toPointer(path), message })) }
  }
  return { ok: true, config: fillDefaults(value as AgentConfig) }
}
