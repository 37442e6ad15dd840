/** What a config names must exist when it goes live, and cannot be deleted while that is being written. */
import { refuse } from '#app/refused.ts'
import { knowledgeUses } from '#core/knowledge-uses.ts'
import type { AgentConfig } from '#core/version.ts'
import type { Tx } from '#store/database.ts'
import { holdKnowledgeBases } from '#store/knowledge-bases.ts'

export const requireKnowledge = async (tx: Tx, organization_id: string, config: AgentConfig): Promise<void> => {
  const uses = knowledgeUses(config)
  if (uses.length === 0) return
  const there = await holdKnowledgeBases(tx, organization_id, [...new Set(uses.map(use => use.id))])
  const missing = uses.filter(use => !there.has(use.id)).map(use => use.pointer)
  if (missing.length > 0) refuse('knowledge_base_missing', missing)
}
