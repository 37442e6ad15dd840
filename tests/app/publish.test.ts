import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { createAgent } from '#app/agents.ts'
import { getNumber, registerNumber } from '#app/phone-numbers.ts'
import { publish } from '#app/publish.ts'
import { Refused } from '#app/refused.ts'
import { createVersion, getVersion } from '#app/versions.ts'
import { alone, defaultArm } from '#core/assignment.ts'
import type { Directions } from '#core/phone-number.ts'
import { ensureAssignment } from '#store/assignments.ts'
import { setSlots } from '#store/numbers.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let t: TestApp
before(async () => {
  t = await startTestApp({ max_connections: 20 })
})
after(() => t.close())

const newAgent = async (versions = 1): Promise<string> => {
  const { id } = await createAgent(t.app, t.caller, {
    name: 'A',
    description: null,
    active: true,
    is_demo: false,
    metadata: {},
  })
  for (let n = 1; n <= versions; n++) {
    const config = fillDefaults({ instructions: `version ${n}` })
    await createVersion(t.app, t.caller, id, { config, brings_instructions: true })
  }
  return id
}

const put = (
  agent_id: string,
  version: number,
  phone_numbers: readonly string[],
  direction: Directions = 'inbound',
  unassign: readonly string[] = [],
) => publish(t.app, t.caller, agent_id, version, { phone_numbers, unassign_phone_numbers: unassign, direction })

const refusedAs = (code: string) => (error: unknown) => error instanceof Refused && error.refusal.code === code

/** Which agent and version each number's inbound slot holds, straight from the tables. */
const held = async (numbers: readonly string[]): Promise<readonly string[]> => {
  const { rows } = await sql<{ held: string }>`
    select coalesce((select string_agg(e.agent_id || ':' || e.version, ' ') from slot_entries e
      where e.assignment_id = p.inbound_assignment_id), 'nobody') as held
    from phone_numbers p where p.phone_number = any(${numbers}::text[]) order by p.id`.execute(t.app.db)
  return rows.map(row => row.held)
}

test('one unknown number among 500 good ones changes nothing, the published flag included', async () => {
  const numbers = await seedNumbers(t, 500)
  const agent = await newAgent()
  await assert.rejects(put(agent, 1, [...numbers, '+15550000001']), error => {
    assert.ok(refusedAs('number_not_found')(error))
    assert.match(String(error), /\+15550000001/)
    return true
  })
  assert.deepEqual(new Set(await held(numbers)), new Set(['nobody']))
  assert.equal((await getVersion(t.app, t.caller, agent, 1)).published, false)
  const { rows } =
    await sql`select from audit_log where action = 'version.publish' and after->>'agent_id' = ${agent}`.execute(
      t.app.db,
    )
  assert.equal(rows.length, 0)
})

test('two publishes racing onto the same numbers end in one of the two states', async () => {
  const numbers = await seedNumbers(t, 200)
  const [a, b] = [await newAgent(), await newAgent()]
  for (let round = 0; round < 10; round++) {
    const shuffled = round % 2 === 0 ? numbers : numbers.toReversed()
    await Promise.all([put(a, 1, numbers), put(b, 1, shuffled)])
    const states = new Set(await held(numbers))
    assert.equal(states.size, 1, `a mix: ${[...states].join(' and ')}`)
    assert.ok([`${a}:1`, `${b}:1`].includes([...states][0] ?? ''))
  }
})

test('50 at once, over overlapping numbers in every order, never deadlock', async () => {
  const numbers = await seedNumbers(t, 60)
  const agents = await Promise.all([newAgent(2), newAgent(2), newAgent(2)])
  const jobs = Array.from({ length: 50 }, (_, i) => {
    const turned = [...numbers.slice(i), ...numbers.slice(0, i)].slice(0, 40)
    const agent = agents[i % 3] ?? ''
    return put(
      agent,
      1 + (i % 2),
      turned,
      i % 5 === 0 ? 'both' : 'inbound',
      i % 4 === 0 ? numbers.filter(n => !turned.includes(n)) : [],
    )
  })
  const results = await Promise.allSettled(jobs)
  assert.deepEqual(
    results.filter(r => r.status === 'rejected').map(r => String(r.reason)),
    [],
  )
})

/** Until a transaction of this database waits for another one. */
const somebodyWaits = async (): Promise<void> => {
  for (;;) {
    const { rows } = await sql`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(t.app.system)
    if (rows.length > 0) return
    await setTimeout(5)
  }
}

test('the list that a publish puts on takes its turn among those it leaves behind: no deadlock', async () => {
  const [first, second] = [await newAgent(), await newAgent()]
  const [one = '', other = ''] = await seedNumbers(t, 2)
  const { organization_id } = t.caller
  const split = [first, second].map(id => ({ agent_id: id, version: 1, weight_bp: 5000, arm: defaultArm(id, 1) }))
  await t.app.db.transaction().execute(async tx => {
    const { id } = await getNumber(t.app, t.caller, other)
    await setSlots(tx, [id], 'inbound', await ensureAssignment(tx, organization_id, split))
  })
  // Puts the second on alone, and leaves the first alone; so does somebody else, in the one order there is.
  let publishing: Promise<unknown> = Promise.resolve()
  await t.app.db.transaction().execute(async tx => {
    await ensureAssignment(tx, organization_id, alone(first, 1))
    publishing = put(second, 1, [one], 'inbound', [other])
    publishing.catch(() => {})
    await somebodyWaits()
    await ensureAssignment(tx, organization_id, alone(second, 1))
  })
  await publishing
  assert.deepEqual((await held([one, other])).toSorted(), [`${first}:1`, `${second}:1`])
})

test('the same publish again is the same: no row is written that would not change', async () => {
  const numbers = await seedNumbers(t, 3)
  const agent = await newAgent()
  const first = await put(agent, 1, numbers)
  const second = await put(agent, 1, numbers)
  assert.deepEqual(second, first)
  assert.deepEqual(
    first.map(n => n.phone_number),
    numbers,
  )
})

test('v2 then v1 again: rolled back, and both stay published', async () => {
  const numbers = await seedNumbers(t, 2)
  const agent = await newAgent(2)
  await put(agent, 1, numbers)
  await put(agent, 2, numbers)
  assert.deepEqual(new Set(await held(numbers)), new Set([`${agent}:2`]))
  await put(agent, 1, numbers)
  assert.deepEqual(new Set(await held(numbers)), new Set([`${agent}:1`]))
})

test('only the named direction changes, and unassigning leaves other agents alone', async () => {
  const [one = '', two = ''] = await seedNumbers(t, 2)
  const [a, b] = [await newAgent(), await newAgent()]
  const [after_a] = await put(a, 1, [one], 'both')
  assert.deepEqual([after_a?.inbound[0]?.agent_id, after_a?.outbound[0]?.agent_id], [a, a])
  await put(b, 1, [two])
  const cleared = await put(a, 1, [], 'outbound', [one, two])
  assert.deepEqual(
    cleared.map(n => [n.phone_number, n.inbound[0]?.agent_id, n.outbound.length]),
    [[one, a, 0]],
  )
  assert.deepEqual(await held([two]), [`${b}:1`])
})

test("another organization's number is an unknown number", async () => {
  const other = await t.organization('Other')
  await registerNumber(t.app, other.caller, { phone_number: '+15557770001', base_number: null, trunk_id: null })
  await assert.rejects(put(await newAgent(), 1, ['+15557770001']), refusedAs('number_not_found'))
})

test('the audit log keeps what the numbers held before', async () => {
  const [one = ''] = await seedNumbers(t, 1)
  const [a, b] = [await newAgent(), await newAgent()]
  await put(a, 1, [one])
  await put(b, 1, [one])
  const { rows } = await sql<{ before: { slots: { phone_numbers: string[]; inbound: string }[] } }>`
    select before from audit_log where action = 'version.publish' and after->>'agent_id' = ${b}`.execute(t.app.db)
  const before_b = rows[0]?.before
  assert.deepEqual(before_b?.slots[0]?.phone_numbers, [one])
  const entries = await sql<{ agent_id: string }>`
    select agent_id from slot_entries where assignment_id = ${before_b?.slots[0]?.inbound}`.execute(t.app.db)
  assert.deepEqual(entries.rows, [{ agent_id: a }])
})

test('the tables themselves refuse what must never be', async () => {
  const agent = await newAgent()
  await put(agent, 1, [])
  const { db } = t.app
  await assert.rejects(
    sql`update agent_versions set config = '{}' where agent_id = ${agent}`.execute(db),
    /never changes/,
  )
  await assert.rejects(
    sql`update agent_versions set published = false, published_at = null where agent_id = ${agent}`.execute(db),
    /never changes/,
  )
  await assert.rejects(sql`delete from agent_versions where agent_id = ${agent}`.execute(db), /never changes/)
  await assert.rejects(sql`update slot_entries set weight_bp = 1`.execute(db), /only ever added to/)
  await assert.rejects(sql`delete from audit_log`.execute(db), /only ever added to/)
  await assert.rejects(
    db.transaction().execute(async tx => {
      await sql`insert into assignments (id, organization_id, key) values (gen_random_uuid(), ${t.caller.organization_id}, 'half')`.execute(
        tx,
      )
      await sql`insert into slot_entries select id, 0, ${agent}, 1, 5000, 'x', organization_id from assignments where key = 'half'`.execute(
        tx,
      )
    }),
    /sum to 10000/,
  )
  await assert.rejects(
    sql`insert into agent_versions (id, organization_id, agent_id, version, config, digest) values (gen_random_uuid(), ${t.caller.organization_id}, ${agent}, 7, '{}', '')`.execute(
      db,
    ),
    /numbered 1, 2, 3/,
  )
})
