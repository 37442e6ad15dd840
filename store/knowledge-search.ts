/**
 * Looking up in a collection. `@@` and `&&` are not leakproof: under row-level security they find no index (ADR 2). So ids and
 * scores are found as the system, by the collection's own lexeme, and the passages are read as the request.
 */
import { sql } from 'kysely'
import type { Passage } from '#core/knowledge.ts'
import type { KnownWord, Term } from '#core/knowledge-query.ts'
import type { Db } from '#store/database.ts'

export type Asked = {
  readonly all_chunks: number
  readonly configuration: string
  /** The words of the question that say something; `chunk_count` 0: the collection does not have it. */
  readonly words: readonly KnownWord[]
}

/** undefined: there is no such collection. */
export const wordsAsked = async (
  system: Db,
  organization_id: string,
  knowledge_base_id: string,
  query: string,
): Promise<Asked | undefined> => {
  const { rows } = await sql<Asked>`
    select b.chunk_count as all_chunks, b.search_configuration as configuration,
      coalesce((select json_agg(json_build_object('word', w.word, 'lexeme', w.lexeme, 'chunk_count',
        (select coalesce(sum(k.chunk_count), 0) from knowledge_words k
          where k.knowledge_base_id = b.id and k.lexeme = w.lexeme)))
        from words_of(b.search_configuration, ${query}) w), '[]') as words
    from knowledge_bases b where b.organization_id = ${organization_id} and b.id = ${knowledge_base_id}`.execute(system)
  return rows[0]
}

/** Which of them is nearest is found out here: in SQL each would cost twenty times as much. */
const LIKE_WORDS_LIMIT = 20_000

/** Words of the collection of about the same length that share three characters in a row with these, in no order. */
export const wordsLike = async (
  system: Db,
  organization_id: string,
  knowledge_base_id: string,
  words: readonly string[],
): Promise<ReadonlyMap<string, readonly KnownWord[]>> => {
  const { rows } = await sql<KnownWord & { readonly asked: string }>`
    select a.asked, k.word, k.lexeme, k.chunk_count from unnest(${words}::text[]) a(asked), lateral (
      select w.word, w.lexeme, w.chunk_count from knowledge_words w
      where w.organization_id = ${organization_id} and w.knowledge_base_id = ${knowledge_base_id}
        and word_parts(w.knowledge_base_id, w.word) @> array[${knowledge_base_id}::text]
        and word_parts(w.knowledge_base_id, w.word) && trigrams_of(a.asked)
        and length(w.word) between length(a.asked) - 2 and length(a.asked) + 2
      limit ${LIKE_WORDS_LIMIT}) k`.execute(system)
  return Map.groupBy(rows, row => row.asked)
}

/** As a tsquery has it (PostgreSQL 8.11.2). */
const quoted = (lexeme: string): string => `'${lexeme.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`

/** So many passages of each look-up are weighed: what is among the first of several of them is among these. */
const CANDIDATES_LIMIT = 200

/** The best passages first. `lookups`: lexemes that must all be there. */
export const bestChunks = async (
  system: Db,
  organization_id: string,
  knowledge_base_id: string,
  lookups: readonly (readonly string[])[],
  terms: readonly Term[],
  top_n: number,
): Promise<ReadonlyMap<string, number>> => {
  const queries = lookups.map(lexemes => [knowledge_base_id, ...lexemes].map(quoted).join(' & '))
  const total = terms.reduce((sum, term) => sum + term.weight, 0)
  const { rows } = await sql<{ id: string; score: number }>`
    with found as materialized (
      select distinct id from unnest(${queries}::text[]) query, lateral knowledge_candidates(query, ${CANDIDATES_LIMIT}) id)
    select c.id, (
      select sum(t.weight * ts_rank('{0, 0, 0.8, 1}', c.search, t.term::tsquery)) / ${total}::float8
      from unnest(${terms.map(term => quoted(term.lexeme))}::text[], ${terms.map(term => term.weight)}::float8[])
        t(term, weight)) as score
    from found join knowledge_chunks c using (id)
    where c.organization_id = ${organization_id} and c.knowledge_base_id = ${knowledge_base_id}
    order by score desc, c.source_id, c.position limit ${top_n}`.execute(system)
  return new Map(rows.map(row => [row.id, row.score]))
}

type PassageRow = Omit<Passage, 'score' | 'place'> & Passage['place']

/** In no order. */
export const readPassages = async (
  db: Db,
  organization_id: string,
  ids: readonly string[],
): Promise<readonly Omit<Passage, 'score'>[]> => {
  const { rows } = await sql<PassageRow>`
    select c.id as chunk_id, c.source_id, c.knowledge_base_id, c.body as text, s.title, s.url, s.file_name as file, c.page,
      nullif(replace(substr(c.heading, length(split_part(c.heading, E'\n', 1)) + 2), E'\n', ' › '), '') as heading,
      c.start_offset as offset
    from knowledge_chunks c join knowledge_sources s on s.id = c.source_id
    where c.organization_id = ${organization_id} and s.organization_id = ${organization_id}
      and c.id = any(${ids}::uuid[])`.execute(db)
  return rows.map(({ title, url, file, page, heading, offset, ...passage }) => ({
    ...passage,
    place: { title, url, file, page, heading, offset },
  }))
}
