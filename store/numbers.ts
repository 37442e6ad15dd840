import { sql } from 'kysely'
import type { Direction, PhoneNumber, SlotEntry } from '#core/phone-number.ts'
import { arrayLiteral } from '#store/array-literal.ts'
import { loadAssignments } from '#store/assignments.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf, type TimeRange, within } from '#store/keyset.ts'
import { likePattern } from '#store/like-pattern.ts'
import { idsWithPart } from '#store/part-search.ts'
import { ahead, preparedIfFew } from '#store/pipelined.ts'

export const NUMBER_COLUMNS = [
  'id',
  'organization_id',
  'phone_number',
  'base_number',
  'trunk_id',
  'inbound_assignment_id',
  'outbound_assignment_id',
  'outbound_shareable',
  'label',
  'revision',
  'created_at',
  'updated_at',
] as const

/** A number as stored: its slots as the assignments they point at. */
export type NumberRow = {
  readonly id: string
  readonly organization_id: string
  readonly phone_number: string
  /** null: a number; else what this extension hangs under. */
  readonly base_number: string | null
  readonly trunk_id: string
  readonly inbound_assignment_id: string | null
  readonly outbound_assignment_id: string | null
  readonly outbound_shareable: boolean
  readonly label: string | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

const slotColumn = { inbound: 'inbound_assignment_id', outbound: 'outbound_assignment_id' } as const

/** Rows → records; the entries of the few assignments they share are read once, those already `known` not at all. */
export const toPhoneNumbers = async (
  db: Db,
  rows: readonly NumberRow[],
  known: ReadonlyMap<string, readonly SlotEntry[]> = new Map(),
): Promise<readonly PhoneNumber[]> => {
  const unknown = new Set<string>()
  for (const row of rows)
    for (const id of [row.inbound_assignment_id, row.outbound_assignment_id])
      if (id !== null && !known.has(id)) unknown.add(id)
  const loaded = await loadAssignments(db, [...unknown])
  const entriesOf = (id: string | null): readonly SlotEntry[] =>
    id === null ? [] : (known.get(id) ?? loaded.get(id) ?? [])
  return rows.map(({ inbound_assignment_id, outbound_assignment_id, ...row }) => ({
    ...row,
    base_number: row.base_number ?? row.phone_number,
    inbound: entriesOf(inbound_assignment_id),
    outbound: entriesOf(outbound_assignment_id),
  }))
}

export type NewNumber = {
  readonly id: string
  readonly organization_id: string
  readonly phone_number: string
  readonly base_number: string | null
  readonly trunk_id: string
}

/** undefined when it is registered already: a number by anybody, an extension in its organization. */
export const insertNumber = async (tx: Tx, row: NewNumber): Promise<NumberRow | undefined> =>
  tx
    .insertInto('phone_numbers')
    .values(row)
    .onConflict(conflict => conflict.doNothing())
    .returning(NUMBER_COLUMNS)
    .executeTakeFirst()

export const findNumber = async (
  db: Db,
  organization_id: string,
  phone_number: string,
): Promise<NumberRow | undefined> =>
  db
    .selectFrom('phone_numbers')
    .select(NUMBER_COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('phone_number', '=', phone_number)
    .executeTakeFirst()

/** Those of the named numbers that exist, locked in one order, so that two publishes can never wait for each other. */
export const lockNumbers = async (
  tx: Tx,
  organization_id: string,
  phone_numbers: readonly string[],
): Promise<readonly NumberRow[]> => {
  const { rows } = await sql<NumberRow>`${preparedIfFew(phone_numbers)}
    select ${sql.join(NUMBER_COLUMNS.map(column => sql.ref(column)))} from phone_numbers
    where organization_id = ${organization_id} and phone_number = any(${arrayLiteral(phone_numbers)}::text[])
    order by id for no key update`.execute(tx)
  return rows
}

/** The row, so locked that it stays as it is (`share`) or is about to change (`update`). */
export const lockNumber = async (
  tx: Tx,
  organization_id: string,
  phone_number: string,
  strength: 'share' | 'update',
): Promise<NumberRow | undefined> => {
  const query = tx
    .selectFrom('phone_numbers')
    .select(NUMBER_COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('phone_number', '=', phone_number)
  return (strength === 'share' ? query.forKeyShare() : query.forUpdate()).executeTakeFirst()
}

export type NumberChange = { readonly outbound_shareable: boolean; readonly label: string | null }

export const updateNumber = async (tx: Tx, id: string, change: NumberChange): Promise<NumberRow> =>
  tx
    .updateTable('phone_numbers')
    .set({ ...change, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning(NUMBER_COLUMNS)
    .executeTakeFirstOrThrow()

/** Its slots go with it: they are columns of the row. */
export const deleteNumber = async (tx: Tx, id: string): Promise<void> => {
  await tx.deleteFrom('phone_numbers').where('id', '=', id).execute()
}

/** A few of the extensions beneath a number. */
export const extensionsOf = async (
  tx: Tx,
  organization_id: string,
  base_number: string,
): Promise<readonly string[]> => {
  const rows = await tx
    .selectFrom('phone_numbers')
    .select('phone_number')
    .where('organization_id', '=', organization_id)
    .where('base_number', '=', base_number)
    .orderBy('phone_number')
    .limit(6)
    .execute()
  return rows.map(row => row.phone_number)
}

/** A few of the numbers of a trunk. */
export const numbersOfTrunk = async (tx: Tx, trunk_id: string): Promise<readonly string[]> => {
  const rows = await tx
    .selectFrom('phone_numbers')
    .select('phone_number')
    .where('trunk_id', '=', trunk_id)
    .limit(6)
    .execute()
  return rows.map(row => row.phone_number)
}

/**
 * Points the slot of every named number at an assignment (null: empties it). A failure is told by the transaction's next
 * statement (store/pipelined.ts).
 */
export const setSlots = async (
  tx: Tx,
  ids: readonly string[],
  direction: Direction,
  assignment_id: string | null,
): Promise<void> => {
  const column = sql.ref(slotColumn[direction])
  // `id = any` of the plain table: joined to the list of ids instead, the same write takes three times as long.
  await sql`${ahead}${preparedIfFew(ids)}update phone_numbers set ${column} = ${assignment_id}, revision = revision + 1, updated_at = now()
    where id = any(${arrayLiteral(ids)}::uuid[])`.execute(tx)
}

export type NumberFilters = TimeRange & { readonly phone_number?: string; readonly trunk_id?: string }

const matching = (db: Db, organization_id: string, filters: Omit<NumberFilters, 'phone_number'>) => {
  const { trunk_id, ...times } = filters
  let query = db.selectFrom('phone_numbers').where('organization_id', '=', organization_id)
  if (trunk_id !== undefined) query = query.where('trunk_id', '=', trunk_id)
  return query.where(within(times))
}

/** Shorter parts are in so many of a million numbers that a page of them is soon found (sql/009). */
const INDEXED_LENGTH = 4

const idsWithDigits = (
  system: Db,
  organization_id: string,
  page: Page,
  digits: string,
  others: Omit<NumberFilters, 'phone_number'>,
): Promise<readonly string[]> => {
  const rows = matching(system, organization_id, others)
    .select(['id', 'created_at', 'phone_number'])
    .where(afterPosition(page, 'uuid'))
  const matches = sql<boolean>`phone_number like ${likePattern(digits)}`
  const by_index =
    digits.length < INDEXED_LENGTH
      ? sql<boolean>`true`
      : sql<boolean>`phone_number in (select phone_number from number_search
          where organization_id = ${organization_id} and parts_of(phone_number, 4) @> parts_to_find(${digits}))`
  return idsWithPart(system, page, {
    rows: limit => rows.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit),
    matches,
    indexed: needed => rows.where(matches).where(by_index).where(needed),
  })
}

/** `system` finds the ids where a part of the number is looked for, as in store/agents.ts: `like` and `@>` are not leakproof. */
export const listNumberRows = async (
  { db, system }: { readonly db: Db; readonly system: Db },
  organization_id: string,
  page: Page,
  filters: NumberFilters,
): Promise<Listed<NumberRow>> => {
  const { phone_number, ...others } = filters
  const found =
    phone_number === undefined ? null : await idsWithDigits(system, organization_id, page, phone_number, others)
  const query = found
    ? matching(db, organization_id, {}).where(sql<boolean>`id = any(${arrayLiteral(found)}::uuid[])`)
    : matching(db, organization_id, others)
  const rows = await query
    .select(NUMBER_COLUMNS)
    .where(afterPosition(page, 'uuid'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.id,
    row => row,
  )
}

/** Numbers whose slots hold one of these assignments, newest first. */
export const listNumberRowsHolding = async (
  db: Db,
  assignment_ids: readonly string[],
  limit: number,
): Promise<readonly NumberRow[]> => {
  if (assignment_ids.length === 0) return []
  // As values: with a subquery in its place every number there is would be looked at.
  const { rows } = await sql<NumberRow>`
    select ${sql.join(NUMBER_COLUMNS.map(column => sql.ref(column)))} from phone_numbers
    where inbound_assignment_id = any(${assignment_ids}::uuid[]) or outbound_assignment_id = any(${assignment_ids}::uuid[])
    order by created_at desc, id desc limit ${limit}`.execute(db)
  return rows
}

/**
 * A number that nobody answers: its inbound slot is empty, and nothing else was set up for its calls. The oldest one, locked;
 * numbers that somebody else is taking just now are left to them.
 */
export const lockFreeNumber = async (tx: Tx, organization_id: string): Promise<string | undefined> => {
  const row = await freeNumbers(tx, organization_id)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row?.phone_number
}

/** Whether there is one now. */
export const hasFreeNumber = async (db: Db, organization_id: string): Promise<boolean> =>
  (await freeNumbers(db, organization_id).limit(1).executeTakeFirst()) !== undefined

const freeNumbers = (db: Db, organization_id: string) =>
  db
    .selectFrom('phone_numbers')
    .select('phone_number')
    .where('organization_id', '=', organization_id)
    .where('base_number', 'is', null)
    .where('inbound_assignment_id', 'is', null)
    .where('webhook_url', 'is', null)
    .where('default_agent_id', 'is', null)
    .where('forward', 'is', null)
    .where('message', 'is', null)
