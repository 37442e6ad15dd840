/** What a mind looks up: passages of knowledge bases, with where they are from. */
import type { App } from '#app/context.ts'
import type { Passage } from '#core/passage.ts'

export const lookUp = async (
  _app: App,
  _organization_id: string,
  _knowledge_base_ids: readonly string[],
  _query: string,
  _top_n: number,
): Promise<readonly Passage[]> => []
