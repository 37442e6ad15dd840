/** The simulator over HTTP, against the least it could do a caller; and how long it keeps other requests waiting. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { createOrganization } from '#app/organizations.ts'
import { type BenchApp, openBenchApp } from '#bench/bench-app.ts'
import { interleave, timed } from '#bench/measure.ts'
import type { Bench } from '#bench/table.ts'
import { hashPair, score } from '#core/rendezvous.ts'
import { migrate } from '#store/migrate.ts'
import { startThrowawayCluster } from '#tests/harness/cluster.ts'

const CALLERS = 100_000
const ROUNDS = 5
const NUMBER = '+15551234567'
const SHARES = [0.5, 0.3, 0.2]
/** A slice of ours, and a turn of the garbage collector. */
const HELD_MS_AT_MOST = 10

const arms = SHARES.map((weight, index) => ({ weight, hash: hashPair('arm', String(index)) }))

/** Two lists drawn from for each caller, and the differences counted: microseconds a caller. */
const leastWork = (): number => {
  let moved = 0
  const start = performance.now()
  for (let index = 0; index < CALLERS; index++) {
    const who = hashPair(NUMBER, `+1555${String(index).padStart(7, '0')}`)
    const draw = (scale: number): number => {
      let best = 0
      let lowest = Number.POSITIVE_INFINITY
      for (const [at, { weight, hash }] of arms.entries()) {
        const drawn = score(who, hash, at === 0 ? weight * scale : weight)
        if (drawn < lowest) [best, lowest] = [at, drawn]
      }
      return best
    }
    if (draw(1) !== draw(1.2)) moved += 1
  }
  if (moved === 0) throw new Error('nobody moved')
  return ((performance.now() - start) * 1000) / CALLERS
}

type Asking = { readonly server: FastifyInstance; readonly credential: string }

const asker =
  ({ server, credential }: Asking) =>
  async (method: 'POST' | 'PUT', url: string, payload: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
    const answer = await server.inject({ method, url, headers, payload: JSON.stringify(payload) })
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.body}`)
    return answer.json()
  }

type Ask = ReturnType<typeof asker>

/** A number with three shares, and as a proposal the same with the first one larger. */
const prepare = async (ask: Ask): Promise<() => Promise<unknown>> => {
  const agents: { agent_id: unknown; version: number; weight: number }[] = []
  for (const weight of SHARES) {
    const { id } = await ask('POST', '/core/agents', { name: `Agent ${weight}` })
    await ask('POST', `/core/agents/${id}/versions`, { config: {} })
    await ask('POST', `/core/agents/${id}/versions/1/publish`, {})
    agents.push({ agent_id: id, version: 1, weight })
  }
  await ask('POST', '/core/phone-numbers', { phone_number: NUMBER })
  await ask('PUT', `/core/phone-numbers/${NUMBER}/slots/inbound`, { agents })
  const larger = [0.6, 0.24, 0.16]
  const inbound_agents = agents.map((share, index) => ({ ...share, weight: larger[index] }))
  const question = {
    callers: CALLERS,
    from: '2026-11-23T00:00:00Z',
    to: '2026-11-30T00:00:00Z',
    proposed: { inbound_agents },
  }
  return () => ask('POST', `/core/phone-numbers/${NUMBER}/simulate`, question)
}

/** Milliseconds for which nothing else could have begun. */
const longestHold = async (work: () => Promise<unknown>): Promise<number> => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.max / 1e6
}

const measure = async (bench: BenchApp, show: Parameters<Bench['run']>[0]): Promise<void> => {
  const { credential } = await createOrganization(bench.app, { name: 'Bench', slug: 'bench', allowed_addresses: [] })
  const simulate = await prepare(asker({ server: bench.server, credential }))
  const { reference, ours } = await interleave(
    ROUNDS,
    leastWork,
    async () => ((await timed(simulate)) * 1000) / CALLERS,
  )
  show({
    name: 'simulate 100,000 callers against today, a caller',
    unit: 'µs',
    reference: { name: 'two weighted draws', value: reference },
    ours,
    target: null,
  })
  const took_ms = await timed(simulate)
  const held = { reference: () => longestHold(() => sleep(took_ms)), ours: () => longestHold(simulate) }
  const hold = await interleave(ROUNDS, held.reference, held.ours)
  show({
    name: 'longest hold of the HTTP thread meanwhile',
    unit: 'ms',
    reference: { name: 'doing nothing as long', value: hold.reference },
    ours: hold.ours,
    target: { at_most: HELD_MS_AT_MOST },
  })
}

export const simulate: Bench = {
  name: 'simulate',
  run: async show => {
    const cluster = await startThrowawayCluster(false)
    try {
      await migrate(cluster.address)
      const bench = await openBenchApp(cluster.address)
      try {
        await measure(bench, show)
      } finally {
        await bench.close()
      }
    } finally {
      await cluster.stop()
    }
  },
}
