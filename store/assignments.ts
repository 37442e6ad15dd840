/** Assignments: immutable weighted lists that phone numbers share. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { assignmentKey } from '#core/assignment.ts'
import type { SlotEntry } from '#core/phone-number.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import type { Db, Tx } from '#store/database.ts'
import { prepared, preparedIfFew } from '#store/pipelined.ts'

/** An index row of PostgreSQL holds 2704 bytes, and 20 entries with long arms are more. */
const LONGEST_KEY = 800

const storedKey = (entries: readonly AssignmentEntry[]): string => {
  const key = assignmentKey(entries)
  return key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('hex')
}

/** The id of the list with this content; null: there is none. */
const findAssignment = async (
  db: Db,
  organization_id: string,
  entries: readonly AssignmentEntry[],
): Promise<string | null> => {
  const { rows } = await sql<{ id: string }>`${prepared}
    select id from assignments where organization_id = ${organization_id} and key = ${storedKey(entries)}`.execute(db)
  return rows[0]?.id ?? null
}

/** The id of the list with this content, made if there is none. Whoever comes second waits for the first and takes its row. */
export const ensureAssignment = async (
  tx: Tx,
  organization_id: string,
  entries: readonly AssignmentEntry[],
): Promise<string> => {
  const known = await findAssignment(tx, organization_id, entries)
  if (known !== null) return known
  const key = storedKey(entries)
  const made = await tx
    .insertInto('assignments')
    .values({ id: v7(), organization_id, key })
    .onConflict(conflict => conflict.columns(['organization_id', 'key']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!made) {
    const other = await findAssignment(tx, organization_id, entries)
    if (other === null) throw new Error('an assignment with this key neither exists nor can be made')
    return other
  }
  await tx
    .insertInto('slot_entries')
    .values(
      entries.map(({ agent_id, version, weight_bp, arm }, position) => ({
        ...{ organization_id, assignment_id: made.id, position },
        ...{ agent_id, version, weight_bp, arm },
      })),
    )
    .execute()
  return made.id
}

/** Entries by assignment id, in order, with the version each means now. */
export const loadAssignments = async (
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly SlotEntry[]>> => {
  const loaded = new Map<string, SlotEntry[]>()
  if (ids.length === 0) return loaded
  const { rows } = await sql<SlotEntry & { assignment_id: string }>`${preparedIfFew(ids)}
    select e.assignment_id, e.agent_id, e.version, e.weight_bp, e.arm,
      (select v.id from agent_versions v
        where v.agent_id = e.agent_id and v.published and (e.version is null or v.version = e.version)
        order by v.version desc limit 1) as agent_version_id
    from slot_entries e where e.assignment_id = any(${ids}::uuid[])
    order by e.assignment_id, e.position`.execute(db)
  for (const { assignment_id, ...entry } of rows) {
    const entries = loaded.get(assignment_id)
    if (entries) entries.push(entry)
    else loaded.set(assignment_id, [entry])
  }
  return loaded
}
