/** What sources are cut into, and the words of it all, counted as chunks come and go. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Tx } from '#store/database.ts'

export type ChunkRow = {
  readonly body: string
  readonly heading: string
  readonly page: number | null
  readonly start_offset: number
}

export type ChunkOwner = {
  readonly organization_id: string
  readonly knowledge_base_id: string
  readonly source_id: string
}

/** The collection's lock must be held, here and below: words are counted, and whoever counts them waits for the one before. */
export const removeChunks = async (tx: Tx, owner: ChunkOwner): Promise<void> => {
  const { organization_id, knowledge_base_id, source_id } = owner
  await sql`
    with gone as (
      delete from knowledge_chunks
      where organization_id = ${organization_id} and source_id = ${source_id} returning heading, body),
    words as (
      select word, count(*) as times
      from gone, unnest(tsvector_to_array(knowledge_vector('simple', heading || ' ' || body))) word group by word),
    counted as (
      update knowledge_bases set chunk_count = chunk_count - (select count(*) from gone)
      where organization_id = ${organization_id} and id = ${knowledge_base_id})
    update knowledge_words k set chunk_count = k.chunk_count - words.times from words
    where k.organization_id = ${organization_id} and k.knowledge_base_id = ${knowledge_base_id}
      and k.word = words.word`.execute(tx)
  await sql`delete from knowledge_words where organization_id = ${organization_id}
    and knowledge_base_id = ${knowledge_base_id} and chunk_count <= 0`.execute(tx)
}

/** Behind those that the source has none of: `removeChunks` first. */
export const insertChunks = async (
  tx: Tx,
  owner: ChunkOwner,
  configuration: string,
  chunks: readonly ChunkRow[],
): Promise<void> => {
  if (chunks.length === 0) return
  const { organization_id, knowledge_base_id, source_id } = owner
  const rows = chunks.map((chunk, position) => ({ id: v7(), position, ...chunk }))
  await sql`
    with came as (
      insert into knowledge_chunks (id, organization_id, knowledge_base_id, source_id, position, body, heading, page,
        start_offset, search_configuration)
      select r.id, ${organization_id}::uuid, ${knowledge_base_id}::uuid, ${source_id}::uuid, r.position, r.body, r.heading,
        r.page, r.start_offset, ${configuration}::text
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        r(id uuid, position integer, body text, heading text, page integer, start_offset integer)
      returning heading, body),
    counted as (
      update knowledge_bases set chunk_count = chunk_count + (select count(*) from came)
      where organization_id = ${organization_id} and id = ${knowledge_base_id}),
    words as materialized (
      select word, count(*) as times
      from came, unnest(tsvector_to_array(knowledge_vector('simple', heading || ' ' || body))) word
      where length(word) <= 64 group by word)
    insert into knowledge_words (organization_id, knowledge_base_id, word, lexeme, chunk_count)
    select ${organization_id}::uuid, ${knowledge_base_id}::uuid, word, lexeme, times
    from words, lateral (select (tsvector_to_array(knowledge_vector(${configuration}::text, word)))[1] as lexeme) reduced
    where lexeme is not null
    on conflict (knowledge_base_id, word) do update set chunk_count = knowledge_words.chunk_count + excluded.chunk_count
  `.execute(tx)
}
