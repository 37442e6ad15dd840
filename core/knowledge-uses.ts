/** Which knowledge bases a config names, and where. */
import type { AgentConfig } from '#core/version.ts'

/** `pointer`: RFC 6901, into the config. */
export type KnowledgeUse = { readonly pointer: string; readonly id: string }

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined

const ofActions = (actions: unknown, pointer: string): readonly KnowledgeUse[] =>
  listOf(actions).flatMap((action, nth) => {
    const id = field(action, 'type') === 'knowledge_base' ? field(action, 'knowledge_base_id') : null
    return typeof id === 'string' ? [{ pointer: `${pointer}/${nth}/knowledge_base_id`, id: id.toLowerCase() }] : []
  })

/** `config` is valid by its schema. */
export const knowledgeUses = (config: AgentConfig): readonly KnowledgeUse[] => [
  ...listOf(config.knowledge_bases).map((base, nth) => ({
    pointer: `/knowledge_bases/${nth}/id`,
    id: String(field(base, 'id')).toLowerCase(),
  })),
  ...listOf(config.tools).flatMap((tool, nth) =>
    ['actions', 'actions_on_error'].flatMap(key => ofActions(field(tool, key), `/tools/${nth}/${key}`)),
  ),
]
