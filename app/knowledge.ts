/** Knowledge bases (`datasets` in the API), and looking things up in them. */
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import type { KnowledgeBase, Passage } from '#core/knowledge.ts'
import { type Correction, correctable, lookupsOf, meantBy, termsOf } from '#core/knowledge-query.ts'
import { searchConfigurationOf } from '#core/text-language.ts'
import { insertAudit } from '#store/audit.ts'
import type { Db, Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  agentsUsing,
  deleteKnowledgeBase as deleteRow,
  findKnowledgeBase,
  insertKnowledgeBase,
  type KnowledgeBaseFilters,
  listKnowledgeBases as listRows,
  lockKnowledgeBase,
} from '#store/knowledge-bases.ts'
import { type Asked, bestChunks, readPassages, wordsAsked, wordsLike } from '#store/knowledge-search.ts'

export type KnowledgeBaseInput = Pick<KnowledgeBase, 'name' | 'description' | 'language'>

/** Part of whatever makes one: with the caller's audit line, in the caller's transaction. */
export const createKnowledgeBase = async (
  tx: Tx,
  caller: Caller,
  input: KnowledgeBaseInput,
): Promise<KnowledgeBase> => {
  const { organization_id } = caller
  const search_configuration = searchConfigurationOf(input.language)
  const made = await insertKnowledgeBase(tx, { id: newId(), organization_id, search_configuration, ...input })
  await insertAudit(tx, { ...by(caller), action: 'knowledge_base.create', subject: made.id, after: input })
  return made
}

export const makeKnowledgeBase = async (app: App, caller: Caller, input: KnowledgeBaseInput): Promise<KnowledgeBase> =>
  transact(app, tx => createKnowledgeBase(tx, caller, input))

export type { KnowledgeBaseFilters }

export const listKnowledgeBases = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: KnowledgeBaseFilters,
): Promise<Listed<KnowledgeBase>> => listRows(app.db, caller.organization_id, page, filters)

export const getKnowledgeBase = async (app: App, caller: Caller, id: string): Promise<KnowledgeBase> =>
  (await findKnowledgeBase(app.db, caller.organization_id, id)) ?? refuse('knowledge_base_not_found', [id])

/** With everything in it. Refuses while a version that can answer calls looks things up in it. */
export const deleteKnowledgeBase = async (app: App, caller: Caller, id: string): Promise<void> =>
  transact(app, async tx => {
    const { organization_id } = caller
    const before = (await lockKnowledgeBase(tx, organization_id, id)) ?? refuse('knowledge_base_not_found', [id])
    requireMatch(caller, before)
    const users = await agentsUsing(tx, organization_id, id)
    if (users.length > 0) refuse('knowledge_base_in_use', users)
    await deleteRow(tx, id)
    const { name, description, language, source_count, chunk_count } = before
    await insertAudit(tx, {
      ...by(caller),
      action: 'knowledge_base.delete',
      subject: id,
      before: { name, description, language, source_count, chunk_count },
    })
  })

type Databases = { readonly db: Db; readonly system: Db }

export type Answer = { readonly passages: readonly Passage[]; readonly corrections: readonly Correction[] }

/** What is meant: each word that the collection does not have replaced by the nearest that it has, if one is near. */
const asMeant = async (system: Db, organization_id: string, id: string, { words }: Asked) => {
  const unknown = correctable(words.filter(each => each.chunk_count === 0).map(each => each.word))
  const like = unknown.length === 0 ? new Map() : await wordsLike(system, organization_id, id, unknown)
  const corrections: Correction[] = []
  const meant = words.map(each => {
    const nearest = each.chunk_count > 0 ? null : meantBy(each.word, like.get(each.word) ?? [])
    if (nearest) corrections.push({ asked: each.word, meant: nearest.word })
    return nearest ?? each
  })
  return { meant, corrections }
}

const askOne = async (
  { db, system }: Databases,
  organization_id: string,
  id: string,
  query: string,
  top_n: number,
): Promise<Answer> => {
  const asked = await wordsAsked(system, organization_id, id, query)
  if (!asked || asked.words.length === 0) return { passages: [], corrections: [] }
  const { meant, corrections } = await asMeant(system, organization_id, id, asked)
  const known = new Map(meant.map(({ lexeme, chunk_count }) => [lexeme, chunk_count]))
  const terms = termsOf([...known.keys()], known, asked.all_chunks)
  if (terms.length === 0) return { passages: [], corrections }
  const lookups = lookupsOf(terms, asked.all_chunks)
  const scores = await bestChunks(system, organization_id, id, lookups, terms, top_n)
  const rows = await readPassages(db, organization_id, [...scores.keys()])
  return { passages: rows.map(row => ({ ...row, score: scores.get(row.chunk_id) ?? 0 })), corrections }
}

const WORDS_LIMIT = 1000

/** The best passages of several collections, the best first, and the words that were read as others. Unknown ids have none. */
export const lookUp = async (
  databases: Databases,
  organization_id: string,
  knowledge_base_ids: readonly string[],
  query: string,
  top_n: number,
): Promise<Answer> => {
  const text = query.slice(0, WORDS_LIMIT).toWellFormed()
  // Configs keep them as they were written; the index has them as PostgreSQL writes them.
  const ids = [...new Set(knowledge_base_ids.map(id => id.toLowerCase()))]
  const answers = await Promise.all(ids.map(id => askOne(databases, organization_id, id, text, top_n)))
  const passages = answers.flatMap(answer => answer.passages)
  const best = passages.toSorted((a, b) => b.score - a.score || (a.chunk_id < b.chunk_id ? -1 : 1)).slice(0, top_n)
  return { passages: best, corrections: answers.flatMap(answer => answer.corrections) }
}

/** As `lookUp`, for whoever wants the passages alone. */
export const queryKnowledge = async (...asked: Parameters<typeof lookUp>): Promise<readonly Passage[]> =>
  (await lookUp(...asked)).passages

export const askKnowledgeBase = async (
  app: App,
  caller: Caller,
  id: string,
  query: string,
  top_n: number,
): Promise<Answer> => {
  await getKnowledgeBase(app, caller, id)
  return lookUp(app, caller.organization_id, [id], query, top_n)
}
