/** Every filter of every list at a million agents, ten million versions and a million numbers; the last page against the first. */
import type { FastifyInstance } from 'fastify'
import { createOrganization } from '#app/organizations.ts'
import { openBenchApp } from '#bench/bench-app.ts'
import { agentId, loadMillion, MILLION, phoneNumberAt, type Sizes } from '#bench/load-million.ts'
import { quantile, timed } from '#bench/measure.ts'
import type { Bench, Row } from '#bench/table.ts'
import { migrate } from '#store/migrate.ts'
import { startThrowawayCluster } from '#tests/harness/cluster.ts'

/** PostgreSQL plans a named statement anew five times and then perhaps never again: what comes after that is measured. */
const WARM_UP = 20
const MEASURED = 200
const P99_TARGET_MS = 10
/** The cost of a page must not hang on where it is. */
const LAST_OVER_FIRST = 1.2

type Ask = (path: string) => Promise<{ readonly body: unknown; readonly next: string | null }>

const asker =
  (server: FastifyInstance, credential: string): Ask =>
  async path => {
    const headers = { authorization: `Bearer ${credential}` }
    const response = await server.inject({ method: 'GET', url: path, headers })
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${response.body.slice(0, 300)}`)
    const next = response.headers['x-next-cursor']
    return { body: response.json(), next: typeof next === 'string' ? next : null }
  }

/** Path for the nth request: other values each time, as callers have them. */
type Filter = readonly [name: string, path: (nth: number, sizes: Sizes) => string]

const time = (seconds_ago: number): string => new Date(Date.now() - seconds_ago * 1000).toISOString()
const json = (value: object): string => encodeURIComponent(JSON.stringify(value))
const spread = (nth: number, count: number): number => 1 + ((nth * 7919) % count)

const between = (list: string): readonly Filter[] => [
  [`${list}?created_after=`, (nth, { agents }) => `created_after=${time(spread(nth, agents))}`],
  [`${list}?created_before=`, (nth, { agents }) => `created_before=${time(spread(nth, agents))}`],
  [`${list}?updated_after=`, (nth, { agents }) => `updated_after=${time(spread(nth, agents))}`],
  [`${list}?updated_before=`, (nth, { agents }) => `updated_before=${time(spread(nth, agents))}`],
  [`${list}?updated_before= that few match`, (nth, { agents }) => `updated_before=${time(agents - 1 - (nth % 100))}`],
]

const ON_AGENTS: readonly Filter[] = [
  ['agents', () => ''],
  ['agents?name=', nth => `name=Garden%20desk%20${spread(nth, 1000) * 5 + 1}`],
  ['agents?name= of nobody', nth => `name=nobody${nth}`],
  ['agents?name_contains=', nth => `name_contains=desk%20${spread(nth, 90_000)}`],
  ['agents?name_contains= of many', () => 'name_contains=garden'],
  ['agents?name_contains= of nobody', nth => `name_contains=nobody${nth}`],
  ['agents?active=false', () => 'active=false'],
  ['agents?active=true', () => 'active=true'],
  ['agents?is_demo=true', () => 'is_demo=true'],
  ['agents?metadata= of one', (nth, { agents }) => `metadata=${json({ external_id: String(spread(nth, agents)) })}`],
  ['agents?metadata= of a hundred', nth => `metadata=${json({ team: `team ${spread(nth, 10_000)}` })}`],
  ...between('agents'),
]

const versions = (nth: number, sizes: Sizes, query: string): string =>
  `/core/agents/${agentId(spread(nth, sizes.agents))}/versions${query}`

const VERSIONS: readonly Filter[] = [
  ['versions', (nth, sizes) => versions(nth, sizes, '')],
  ['versions?version=', (nth, sizes) => versions(nth, sizes, `?version=${1 + (nth % sizes.versions_each)}`)],
  ['versions?published=true', (nth, sizes) => versions(nth, sizes, '?published=true')],
  ['versions?created_after=', (nth, sizes) => versions(nth, sizes, `?created_after=${time(spread(nth, 1000))}`)],
  ['versions?updated_before=', (nth, sizes) => versions(nth, sizes, `?updated_before=${time(spread(nth, 1000))}`)],
  ['versions/latest', (nth, sizes) => versions(nth, sizes, '/latest')],
]

const ON_NUMBERS: readonly Filter[] = [
  ['phone-numbers', () => ''],
  [
    'phone-numbers?phone_number= of one',
    (nth, { numbers }) => `phone_number=${phoneNumberAt(spread(nth, numbers)).slice(1)}`,
  ],
  [
    'phone-numbers?phone_number= of a hundred',
    (nth, { numbers }) => `phone_number=${phoneNumberAt(spread(nth, numbers)).slice(2, -2)}`,
  ],
  ['phone-numbers?phone_number= of many', () => 'phone_number=%2B12000'],
  ['phone-numbers?phone_number= of nobody', nth => `phone_number=99${nth}99999`],
  ['phone-numbers?trunk_id=', () => 'trunk_id=$few'],
  ...between('phone-numbers'),
]

const ONE: readonly Filter[] = [
  ['agents/{id}', (nth, sizes) => `/core/agents/${agentId(spread(nth, sizes.agents))}`],
  ['phone-numbers/{phone_number}', (nth, { numbers }) => `/core/phone-numbers/${phoneNumberAt(spread(nth, numbers))}`],
]

const inList = (list: string, filters: readonly Filter[]): readonly Filter[] =>
  filters.map(([name, query]) => [name, (nth, sizes) => `/core/${list}?limit=50&${query(nth, sizes)}`])

const FILTERS: readonly Filter[] = [
  ...ONE,
  ...inList('agents', ON_AGENTS),
  ...VERSIONS,
  ...inList('phone-numbers', ON_NUMBERS),
]

const measure = async (ask: Ask, name: string, path: (nth: number) => string): Promise<Row> => {
  for (let nth = 0; nth < WARM_UP; nth++) await ask(path(nth))
  const times: number[] = []
  for (let nth = WARM_UP; nth < WARM_UP + MEASURED; nth++) times.push(await timed(() => ask(path(nth))))
  return {
    name: `GET ${name}: p99`,
    unit: 'ms',
    reference: { name: 'median', value: quantile(times, 0.5) },
    ours: quantile(times, 0.99),
    target: { at_most: P99_TARGET_MS },
  }
}

const makeTrunk = async (server: FastifyInstance, credential: string): Promise<string> => {
  const headers = { authorization: `Bearer ${credential}` }
  const response = await server.inject({ method: 'POST', url: '/core/trunks', headers, payload: { name: 'Few' } })
  return response.json().id
}

/** Medians, in turns. The last page is asked for by a cursor that stands shortly before the end. */
const lastOverFirst = async (ask: Ask, list: string, sizes: Sizes): Promise<Row> => {
  const first = `/core/${list}?limit=50`
  const near_the_end = Buffer.from(time(Math.max(sizes.agents, sizes.numbers) - 100)).toString('base64')
  const { next } = await ask(`/core/${list}?limit=20&cursor=${encodeURIComponent(near_the_end)}`)
  if (next === null) throw new Error(`${list} has no page before its last`)
  const last = `${first}&cursor=${encodeURIComponent(next)}`
  const times = { first: [] as number[], last: [] as number[] }
  for (let round = 0; round < WARM_UP + MEASURED; round++) {
    const a = await timed(() => ask(first))
    const b = await timed(() => ask(last))
    if (round < WARM_UP) continue
    times.first.push(a)
    times.last.push(b)
  }
  return {
    name: `${list}: the last page`,
    unit: 'ms',
    reference: { name: 'the first page', value: quantile(times.first, 0.5) },
    ours: quantile(times.last, 0.5),
    target: { ratio_at_most: LAST_OVER_FIRST },
  }
}

/** SCALE=0.1: a tenth of it all, for a try in half a minute. */
const sizesFor = (share: number): Sizes => ({
  ...MILLION,
  agents: Math.round(MILLION.agents * share),
  numbers: Math.round(MILLION.numbers * share),
})

export const scale: Bench = {
  name: 'scale',
  run: async show => {
    const sizes = sizesFor(Number(process.env.SCALE ?? 1))
    const cluster = await startThrowawayCluster(true)
    await migrate(cluster.address)
    const bench = await openBenchApp(cluster.address)
    try {
      const organization = { name: 'Scale', slug: 'scale', allowed_addresses: [] }
      const { caller, credential } = await createOrganization(bench.app, organization)
      const ask = asker(bench.server, credential)
      const few = await makeTrunk(bench.server, credential)
      const seconds = (await timed(() => loadMillion(bench.app.system, caller.organization_id, sizes))) / 1000
      show({
        name: `load ${sizes.agents} agents, ten times the versions, ${sizes.numbers} numbers`,
        unit: 's',
        reference: null,
        ours: seconds,
        target: null,
      })
      for (const [name, path] of FILTERS) {
        show(await measure(ask, name, nth => path(nth, sizes).replace('$few', few)))
      }
      for (const list of ['agents', 'phone-numbers']) show(await lastOverFirst(ask, list, sizes))
    } finally {
      await bench.close()
      await cluster.stop()
    }
  },
}
