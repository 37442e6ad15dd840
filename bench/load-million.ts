/** Fills an empty, migrated database with an organization of a million agents, ten million versions and a million numbers, set by set. */
import { type Kysely, sql } from 'kysely'
import type { Db } from '#store/database.ts'
import type { Database } from '#store/schema.ts'

export type Sizes = {
  readonly agents: number
  readonly versions_each: number
  readonly numbers: number
  /** How many lists the numbers share; absent: each has one of its own. */
  readonly assignments?: number
}

export const MILLION: Sizes = { agents: 1_000_000, versions_each: 10, numbers: 1_000_000 }

/** Ids in the order of their numbers, shaped like UUID version 7. `kind` keeps the tables' ids apart. */
const id = (kind: string, number: string) =>
  sql.raw(`('0${kind}000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`)

export const agentId = (number: number): string => `0a000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

export const phoneNumberAt = (number: number): string => `+1${2_000_000_000 + number}`

/** A second between two rows; the newest is made now. */
const made = (number: string, count: number) => sql.raw(`now() - (${count} - ${number}) * interval '1 second'`)

const TABLES = ['agents', 'agent_versions', 'assignments', 'slot_entries', 'phone_numbers', 'number_search'] as const

type Index = { readonly name: string; readonly definition: string }

/** Indexes that no constraint stands on: built after the rows, in a quarter of the time. */
const secondaryIndexes = async (db: Kysely<Database>): Promise<readonly Index[]> => {
  const { rows } = await sql<Index>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i
    where i.indrelid = any(${[...TABLES]}::text[]::regclass[])
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`.execute(db)
  return rows
}

const fillAgents = (organization_id: string, { agents, versions_each }: Sizes) => [
  sql`insert into agents (id, organization_id, name, description, active, is_demo, metadata, created_at, updated_at)
    select ${id('a', 'i')}, ${organization_id},
      (array['Dental','Garden','Harbour','Bakery','Clinic'])[1 + i % 5] || ' desk ' || i, null,
      i % 1000 <> 0, i % 500 = 0,
      jsonb_build_object('team', 'team ' || i % 10000, 'external_id', i::text),
      ${made('i', agents)}, ${made('i', agents)}
    from generate_series(1, ${agents}::bigint) i`,
  sql`insert into agent_versions (id, organization_id, agent_id, version, published, published_at, config, digest,
      created_at, updated_at)
    select ${id('b', `i * ${versions_each} + v`)}, ${organization_id}, ${id('a', 'i')}, v, v < ${versions_each},
      case when v < ${versions_each} then now() end, '{}', md5(i::text), ${made('i', agents)}, ${made('i', agents)}
    from generate_series(1, ${agents}::bigint) i, generate_series(1, ${versions_each}::int) v`,
]

const fillNumbers = (organization_id: string, { agents, numbers, assignments = numbers }: Sizes) => [
  sql`insert into assignments (id, organization_id, key)
    select ${id('c', 'i')}, ${organization_id}, i::text from generate_series(1, ${assignments}::bigint) i`,
  sql`insert into slot_entries (assignment_id, organization_id, position, agent_id, version, weight_bp, arm)
    select ${id('c', 'i')}, ${organization_id}, 0, ${id('a', `1 + i % ${agents}`)}, 1, 10000, 'arm'
    from generate_series(1, ${assignments}::bigint) i`,
  sql`insert into phone_numbers (id, organization_id, phone_number, trunk_id, inbound_assignment_id, created_at, updated_at)
    select ${id('d', 'i')}, ${organization_id}, '+1' || (2000000000 + i), t.id, ${id('c', `1 + i % ${assignments}`)},
      ${made('i', numbers)}, ${made('i', numbers)}
    from generate_series(1, ${numbers}::bigint) i,
      lateral (select id from trunks where organization_id = ${organization_id}
        order by (i % 1000 = 0) = is_default limit 1) t`,
  sql`insert into number_search select organization_id, phone_number from phone_numbers`,
]

/**
 * The organization needs two trunks: one number in a thousand is put on the one that is not the default. Must run as a
 * superuser: triggers and foreign keys would be asked about each of the rows.
 */
export const loadMillion = async (db: Db, organization_id: string, sizes: Sizes = MILLION): Promise<void> =>
  db.connection().execute(async connection => {
    const indexes = await secondaryIndexes(connection)
    await sql`set session_replication_role = replica`.execute(connection)
    await sql`set maintenance_work_mem = '512MB'`.execute(connection)
    for (const { name } of indexes) await sql.raw(`drop index ${name}`).execute(connection)
    for (const statement of [...fillAgents(organization_id, sizes), ...fillNumbers(organization_id, sizes)])
      await statement.execute(connection)
    for (const { definition } of indexes) await sql.raw(definition).execute(connection)
    await sql`set session_replication_role = default`.execute(connection)
    for (const table of TABLES) await sql`vacuum analyze ${sql.table(table)}`.execute(connection)
    // Or what was loaded would be written out while the lists are measured.
    await sql`checkpoint`.execute(connection)
  })
