/** Lists searched for a part of a text, in an organization larger than what is looked through without the index. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { listAgents } from '#store/agents.ts'
import type { Position } from '#store/keyset.ts'
import { listNumberRows } from '#store/numbers.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

const ROWS = 2600
const LIMIT = 7

let t: TestApp
let names: readonly string[]
let numbers: readonly string[]

const fill = async (organization_id: string, first_number: number): Promise<void> => {
  await sql`insert into agents (id, organization_id, name, active, is_demo, metadata, created_at, deleted_at)
    select gen_random_uuid(), ${organization_id},
      case i when 1 then 'Zwölf % Q_x' when 2 then '東京本店' when 3 then 'Zwölf X' else (array['Garden','HARBOUR'])[1 + i % 2] || ' desk ' || i end,
      true, false, '{}', now() + i * interval '1 second', case i when 3 then now() end
    from generate_series(1, ${ROWS}::int) i`.execute(t.app.db)
  await sql`insert into phone_numbers (id, organization_id, phone_number, trunk_id, created_at)
    select gen_random_uuid(), ${organization_id}, '+' || (${first_number}::bigint + i), trunks.id, now() + i * interval '1 second'
    from generate_series(1, ${ROWS}::int) i, trunks
    where trunks.organization_id = ${organization_id} and is_default`.execute(t.app.db)
}

const column = async (query: ReturnType<typeof sql<{ text: string }>>): Promise<readonly string[]> =>
  (await query.execute(t.app.db)).rows.map(row => row.text)

before(async () => {
  t = await startTestApp()
  const other = await t.organization('Other')
  await fill(other.caller.organization_id, 15_550_010_000)
  const { organization_id } = t.caller
  await fill(organization_id, 15_550_000_000)
  names = await column(sql<{ text: string }>`select name as text from agents
    where organization_id = ${organization_id} and deleted_at is null order by created_at desc`)
  numbers = await column(sql<{ text: string }>`select phone_number as text from phone_numbers
    where organization_id = ${organization_id} order by created_at desc`)
})
after(() => t.close())

type Listed<Item> = { readonly items: readonly Item[]; readonly next: Position | null }

const allPages = async <Item>(list: (after: Position | null) => Promise<Listed<Item>>): Promise<readonly Item[]> => {
  const items: Item[] = []
  let position: Position | null = null
  do {
    const page: Listed<Item> = await list(position)
    items.push(...page.items)
    position = page.next
  } while (position !== null)
  return items
}

const from = () => ({ db: t.app.tenants.of(t.caller.organization_id), system: t.app.system })

const AGENT_PARTS = [
  '%',
  '_',
  '京',
  '東京',
  '京本店',
  'zw',
  'ZWÖLF',
  'q_X',
  'desk 2',
  'K 1',
  ' 17',
  '171',
  'esk 17',
  'garden desk 2222',
]
const NO_AGENT = ['x_q', '店東', 'nobody', 'desk 9999', '!']

for (const part of [...AGENT_PARTS, ...NO_AGENT])
  test(`agents whose name has ${JSON.stringify(part)} in it, page by page`, async () => {
    const wanted = names.filter(name => name.toLowerCase().includes(part.toLowerCase()))
    assert.equal(wanted.length === 0, NO_AGENT.includes(part))
    const found = await allPages(after =>
      listAgents(from(), t.caller.organization_id, { limit: LIMIT, after }, { name_contains: part }),
    )
    assert.deepEqual(
      found.map(agent => agent.name),
      wanted,
    )
  })

for (const part of ['+', '12', '017', '0017', '00017', '5000017', '+15550000171', '1001', '99', '9999', '%'])
  test(`numbers with ${part} in them, page by page`, async () => {
    const found = await allPages(after =>
      listNumberRows(from(), t.caller.organization_id, { limit: LIMIT * 10, after }, { phone_number: part }),
    )
    assert.deepEqual(
      found.map(row => row.phone_number),
      numbers.filter(number => number.includes(part)),
    )
  })

test('what is searched is the numbers, however they come, change and go', async () => {
  const apart = async () =>
    (
      await sql`(select organization_id, phone_number from phone_numbers except select * from number_search)
        union all (select * from number_search except select organization_id, phone_number from phone_numbers)`.execute(
        t.app.db,
      )
    ).rows
  assert.deepEqual(await apart(), [])
  const ours = t.app.tenants.of(t.caller.organization_id)
  await ours
    .updateTable('phone_numbers')
    .set({ phone_number: '+49301234567' })
    .where('phone_number', '=', '+15550000001')
    .execute()
  assert.deepEqual(await apart(), [])
  const { numDeletedRows } = await ours
    .deleteFrom('phone_numbers')
    .where('phone_number', 'like', '%7')
    .executeTakeFirstOrThrow()
  assert.ok(numDeletedRows > 200n)
  assert.deepEqual(await apart(), [])
})
