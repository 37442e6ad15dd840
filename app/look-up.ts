/** What a mind looks up: passages of knowledge bases, with where they are from. */
import type { App } from '#app/context.ts'
import { queryKnowledge } from '#app/knowledge.ts'
import { type NamedPassage, named } from '#core/passage.ts'

export const lookUp = async (
  app: App,
  organization_id: string,
  knowledge_base_ids: readonly string[],
  query: string,
  top_n: number,
): Promise<readonly NamedPassage[]> =>
  (await queryKnowledge(app, organization_id, knowledge_base_ids, query, top_n)).map(named)
