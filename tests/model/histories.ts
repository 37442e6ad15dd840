/**
 * Random histories against the real server: steps of one command, or of several at once. What was answered at once must
 * be what the model answers in some order; the states that remain possible are carried on, so a later read may still
 * rule one out.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { ask } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { apply, type Command, type Outcome, type State } from '#tests/model/model.ts'
import { openSubject } from '#tests/model/subject.ts'

const HANDLES = ['a', 'b', 'c'] as const
const NUMBERS = ['n0', 'n1', 'n2'] as const

const handle = fc.constantFrom(...HANDLES)
const ref = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 2, arbitrary: fc.constant('latest' as const) },
)
const words = fc.constantFrom('', 'x', 'y')
/** Now and then one that nobody registered. */
const someNumbers = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<string>(...NUMBERS) },
    { weight: 1, arbitrary: fc.constant('unknown') },
  ),
  { maxLength: 3 },
)

const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create_agent' as const), agent: handle }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('update_agent' as const), agent: handle, active: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete_agent' as const), agent: handle }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('get_agent' as const), agent: handle }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create_version' as const), agent: handle, words }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('copy_version' as const),
      agent: handle,
      base: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('get_version' as const), agent: handle, ref }) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        kind: fc.constant('update_version' as const),
        agent: handle,
        ref,
        words: fc.option(words),
        inputs: fc.boolean(),
      })
      .filter(each => each.words !== null || each.inputs),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      agent: handle,
      ref,
      assign: someNumbers,
      unassign: someNumbers,
      direction: fc.constantFrom('inbound' as const, 'outbound' as const, 'both' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deploy' as const),
      agent: handle,
      version: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undeploy' as const), agent: handle }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('get_number' as const), number: fc.constantFrom(...NUMBERS) }),
  },
)

/** Commands that are sent at once. */
type Step = readonly Command[]
const history = fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })

const permutations = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  list.length <= 1
    ? [list]
    : list.flatMap((first, index) => permutations(list.toSpliced(index, 1)).map(rest => [first, ...rest]))

type Answered = { readonly command: Command; readonly outcome: Outcome }

/** The state after this order, if the model answers in it what was answered. */
const follow = (state: State, order: readonly Answered[]): State | null => {
  let now = state
  for (const { command, outcome } of order) {
    const [next, expected] = apply(now, command)
    if (!isDeepStrictEqual(expected, outcome)) return null
    now = next
  }
  return now
}

const distinct = (states: readonly State[]): readonly State[] =>
  states.filter((state, index) => states.findIndex(other => isDeepStrictEqual(other, state)) === index)

/**
 * Handles become the names of agents: a handle can be created again once its agent is gone, under another name. Reading an
 * agent takes several reads, which other requests may come between: it is done alone.
 */
const resolver = () => {
  const made = new Map<string, string>()
  let count = 0
  return (step: Step, states: readonly State[]): readonly Step[] => {
    const created = new Set<string>()
    const named = step.flatMap((each): Command[] => {
      if (each.kind === 'get_number') return [each]
      if (each.kind !== 'create_agent') return [{ ...each, agent: made.get(each.agent) ?? 'nobody' }]
      const known = made.get(each.agent)
      if (created.has(each.agent) || (known !== undefined && states.some(state => known in state.agents))) return []
      created.add(each.agent)
      return [{ ...each, agent: `${each.agent}${count++}` }]
    })
    for (const each of named) if (each.kind === 'create_agent') made.set(each.agent.slice(0, 1), each.agent)
    const alone = named.filter(each => each.kind === 'get_agent').map((each): Step => [each])
    return [named.filter(each => each.kind !== 'get_agent'), ...alone].filter(each => each.length > 0)
  }
}

const readings = (states: readonly State[]): readonly Step[] => [
  ...NUMBERS.map((number): Step => [{ kind: 'get_number', number }]),
  ...Object.keys(states[0]?.agents ?? {}).map((agent): Step => [{ kind: 'get_agent', agent }]),
]

let registered = 0

const registerAll = async (world: World): Promise<Record<string, string>> => {
  const numbers: Record<string, string> = {}
  for (const name of NUMBERS) {
    const phone_number = `+1555${String(2_000_000 + registered++)}`
    await ask(world, 'admin', { method: 'POST', path: '/core/phone-numbers', body: { phone_number } })
    numbers[name] = phone_number
  }
  return numbers
}

/** Rejects when no order of what was done at once explains what was answered. */
const runHistory = async (world: World, steps: readonly Step[]): Promise<void> => {
  const subject = openSubject(world, await registerAll(world))
  const resolve = resolver()
  let states: readonly State[] = [
    { agents: {}, numbers: Object.fromEntries(NUMBERS.map(name => [name, { inbound: null, outbound: null }])) },
  ]
  const take = async (step: Step): Promise<void> => {
    const answered = await Promise.all(
      step.map(async each => ({ command: each, outcome: await subject.perform(each) })),
    )
    const next = distinct(states.flatMap(state => permutations(answered).flatMap(order => follow(state, order) ?? [])))
    if (next.length === 0) throw new Error(`no order explains ${JSON.stringify({ answered, states }, null, 1)}`)
    states = next
  }
  for (const step of steps) for (const part of resolve(step, states)) await take(part)
  for (const step of readings(states)) await take(step)
}

export type Histories = { readonly sequences: number; readonly seed: number }

/** As many of them run at a time, each on agents and numbers of its own. */
const LANES = 4

/** Rejects with the smallest history that the model does not explain. */
export const compareWithModel = async ({ sequences, seed }: Histories): Promise<{ readonly sequences: number }> => {
  const world = await startWorld()
  try {
    await Promise.all(
      Array.from({ length: LANES }, (_, lane) =>
        fc.assert(
          fc.asyncProperty(history, steps => runHistory(world, steps)),
          { numRuns: Math.ceil(sequences / LANES), seed: seed + lane },
        ),
      ),
    )
    return { sequences: Math.ceil(sequences / LANES) * LANES }
  } finally {
    await world.close()
  }
}
