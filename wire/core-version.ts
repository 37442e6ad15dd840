/** Agent versions in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import type { Version, VersionSummary } from '#core/version.ts'
import { AgentConfigSchema } from '#wire/agent-config.ts'
import { anyObject, closed, nullable, time, uuid, word } from '#wire/schema.ts'

const summary = {
  id: uuid(),
  agent_id: uuid(),
  version: T.Integer({ minimum: 1, description: 'Counted by the server, from 1.' }),
  published: T.Boolean({ description: 'A published version never changes.' }),
  published_at: nullable(time()),
  digest: T.String({
    description: 'SHA-256 of the config’s canonical form (RFC 8785), in hex: equal configs, equal digests.',
  }),
  base_version: nullable(T.Integer({ minimum: 1 }), { description: 'The version it was copied from.' }),
  generating: T.Boolean({ description: 'Instructions are being generated.' }),
  dirty: T.Boolean({ description: 'The instructions are older than the builder inputs.' }),
  manually_edited: T.Boolean({ description: 'The instructions were written or changed by hand.' }),
  generation_error: nullable(T.String(), { description: 'Why the last generation failed.' }),
  generated_by: nullable(word(['model', 'offline']), {
    description: 'Who wrote what was last generated: a language model, or rules.',
  }),
  workflow_id: nullable(T.String(), { description: 'The generation’s workflow.' }),
  created_by: nullable(T.String(), { description: 'The key that made it.' }),
  created_at: time(),
  updated_at: time(),
} as const

export const VersionSummaryAnswer = closed(summary, {
  title: 'VersionSummary',
  description: 'A version without its config.',
})

export const VersionAnswer = closed(
  {
    ...summary,
    config: AgentConfigSchema,
    instruction_builder_inputs: nullable(anyObject(), { description: 'What the instructions are generated from.' }),
  },
  { title: 'Version', description: 'A version of an agent: a draft, or published for good.' },
)

export const toVersionSummaryAnswer = (version: VersionSummary): Static<typeof VersionSummaryAnswer> => ({
  id: version.id,
  agent_id: version.agent_id,
  version: version.version,
  published: version.published,
  published_at: version.published_at,
  digest: version.digest,
  base_version: version.base_version,
  generating: version.generating,
  dirty: version.dirty,
  manually_edited: version.manually_edited,
  generation_error: version.generation_error,
  generated_by: version.generated_by,
  workflow_id: version.workflow_id,
  created_by: version.created_by,
  created_at: version.created_at,
  updated_at: version.updated_at,
})

export const toVersionAnswer = (version: Version): Static<typeof VersionAnswer> => ({
  ...toVersionSummaryAnswer(version),
  config: version.config as Static<typeof AgentConfigSchema>,
  instruction_builder_inputs: version.instruction_builder_inputs,
})
