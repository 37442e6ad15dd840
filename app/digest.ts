import { createHash } from 'node:crypto'
import { canonicalJson } from '#core/canonical-json.ts'
import type { AgentConfig } from '#core/version.ts'

/** SHA-256, hex, of the RFC 8785 form of a config whose defaults are filled in: equal configs, equal digests. */
export const digestOf = (config: AgentConfig): string =>
  createHash('sha256').update(canonicalJson(config)).digest('hex')
