/** Fills one collection with passages of sixty words each, common and rare as words are in texts. */
import { sql } from 'kysely'
import type { Db } from '#store/database.ts'

/** The nth most common word: its number in letters from a to p. */
export const wordAt = (nth: number): string =>
  nth.toString(16).replace(/\d/g, digit => String.fromCharCode(103 + Number(digit)))

const INDEXES = ['knowledge_chunks_search'] as const

/** Must run as a superuser, on a collection that is empty. A row in ten is another page. */
export const loadKnowledge = async (
  db: Db,
  organization_id: string,
  knowledge_base_id: string,
  chunks: number,
): Promise<void> =>
  db.connection().execute(async connection => {
    const { rows } = await sql<{ definition: string }>`select pg_get_indexdef(name::regclass) as definition
      from unnest(${[...INDEXES]}::text[]) name`.execute(connection)
    await sql`set session_replication_role = replica`.execute(connection)
    await sql`set maintenance_work_mem = '512MB'`.execute(connection)
    for (const name of INDEXES) await sql.raw(`drop index ${name}`).execute(connection)
    await sql`insert into knowledge_sources (id, organization_id, knowledge_base_id, kind, title, url, state, chunk_count)
      select ('0e000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, ${organization_id}, ${knowledge_base_id}, 'url',
        'Page ' || i, 'https://site.example/' || i, 'ready', 10
      from generate_series(0, ${Math.ceil(chunks / 10)}::int) i`.execute(connection)
    await sql`insert into knowledge_chunks (id, organization_id, knowledge_base_id, source_id, position, body, heading,
        start_offset, search_configuration)
      select ('0f000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, ${organization_id}, ${knowledge_base_id},
        ('0e000000-0000-7000-8000-' || lpad(to_hex(i / 10), 12, '0'))::uuid, i % 10,
        (select string_agg(translate(to_hex((50000 * power(random(), 4))::int), '0123456789', 'ghijklmnop'), ' ')
          from generate_series(1, 60) where i >= 0),
        'Page ' || i / 10, 0, 'english'
      from generate_series(0, ${chunks - 1}::int) i`.execute(connection)
    for (const { definition } of rows) await sql.raw(definition).execute(connection)
    await sql`insert into knowledge_words
      select ${organization_id}, ${knowledge_base_id}, word, word, ndoc
      from ts_stat('select search from knowledge_chunks') where word !~ '-'`.execute(connection)
    await sql`update knowledge_bases set chunk_count = ${chunks} where id = ${knowledge_base_id}`.execute(connection)
    await sql`set session_replication_role = default`.execute(connection)
    for (const table of ['knowledge_chunks', 'knowledge_words', 'knowledge_sources'])
      await sql`vacuum analyze ${sql.table(table)}`.execute(connection)
    await sql`checkpoint`.execute(connection)
  })
