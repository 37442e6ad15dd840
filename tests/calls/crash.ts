/** kill -9 of the API process in the middle of publishes: each has happened whole, or not at all. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { breakGround, type Ground, makeAgent, type Patchcord } from '#tests/calls/patchcord.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { seededRandom } from '#tests/sip/fuzz.ts'

const NUMBERS = 500
const FIRST_AIM_MS = 40

type State = {
  /** What the numbers point at: one version, the same for all, or something is half done. */
  readonly assigned: readonly (number | null)[]
  readonly published: readonly number[]
  /** Versions that the audit log says were published onto the numbers, once each. */
  readonly audited: readonly number[]
  /** How many changes of all the numbers the processes that answer calls were told of. */
  readonly told: number
}

/** In one statement, hence of one moment: a killed process's transaction may still be ending. */
const readState = async (ground: Ground, agent_id: string): Promise<State> => {
  const { rows } = await sql<State>`select
    (select json_agg(distinct e.version) from phone_numbers p left join slot_entries e on e.assignment_id = p.inbound_assignment_id) as assigned,
    (select json_agg(version order by version) from agent_versions where agent_id = ${agent_id} and published) as published,
    (select json_agg((after->>'version')::int order by (after->>'version')::int) from audit_log
      where action = 'version.publish' and jsonb_array_length(after->'phone_numbers') = ${NUMBERS}) as audited,
    (select count(*) from routing_changes where cardinality(number_ids) = ${NUMBERS}) as told`.execute(
    ground.test_app.app.db,
  )
  const [state] = rows
  assert.ok(state)
  return state
}

const assertWhole = (state: State): void => {
  const newest = state.published.at(-1)
  assert.deepEqual(state.assigned, [newest], 'the numbers do not all point at the newest published version')
  assert.deepEqual(state.audited, state.published, 'what is published is not what the audit log says')
  assert.equal(state.told, state.published.length, 'the changes told are not those made')
}

type Attempt = { readonly version: number; readonly answered: boolean }

/** Publishes a new version onto all the numbers; `delay_ms` later the process dies. */
const publishAndKill = async (
  patchcord: Patchcord,
  agent_id: string,
  phone_numbers: readonly string[],
  delay_ms: number,
): Promise<Attempt> => {
  const versions = `/core/agents/${agent_id}/versions`
  const { version } = await patchcord.ask<{ version: number }>('POST', versions, { base_version: 1 })
  const publish = patchcord.request('POST', `${versions}/${version}/publish`, { phone_numbers }).then(
    answer => answer.status === 200,
    () => false,
  )
  await sleep(delay_ms)
  patchcord.child.kill('SIGKILL')
  await patchcord.ended
  return { version, answered: await publish }
}

export type CrashReport = {
  readonly kills: number
  readonly applied: number
  readonly undone: number
  readonly answered: number
}

/** Rejects with an AssertionError at the first publish that is half applied, or answered and not there. */
export const crashPublishes = async ({
  kills,
  seed,
}: {
  readonly kills: number
  readonly seed: number
}): Promise<CrashReport> => {
  const random = seededRandom(seed)
  const ground = await breakGround()
  try {
    const start = () => ground.start({ ROLES: 'api' })
    let current = await start()
    const phone_numbers = await seedNumbers(ground.test_app, NUMBERS)
    const agent_id = await makeAgent(current, { name: 'Survivor', messages: ['Still here.'] })
    await current.ask('POST', `/core/agents/${agent_id}/versions/1/publish`, { phone_numbers })
    // Nears the moment of the commit by what the last kill found: kills fall before, into and behind it.
    let aim_ms = FIRST_AIM_MS
    const tally = { kills, applied: 0, undone: 0, answered: 0 }
    for (let kill = 0; kill < kills; kill++) {
      // The next process starts meanwhile: most of a round is waiting for it.
      const spare = kill + 1 < kills ? start() : current
      const dying = publishAndKill(current, agent_id, phone_numbers, aim_ms * (0.5 + random()))
      const [{ version, answered }, next] = await Promise.all([dying, spare])
      const state = await readState(ground, agent_id)
      assertWhole(state)
      const applied = state.published.includes(version)
      assert.ok(applied || !answered, `publish of version ${version} was answered, and is gone`)
      tally[applied ? 'applied' : 'undone'] += 1
      aim_ms *= applied ? 0.9 : 1.1
      if (answered) tally.answered += 1
      current = next
    }
    return tally
  } finally {
    await ground.clear()
  }
}
