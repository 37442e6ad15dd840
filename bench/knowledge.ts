/** How long a look-up takes in a collection of a million passages. */

import { boundTo } from '#app/context.ts'
import { lookUp, makeKnowledgeBase } from '#app/knowledge.ts'
import { createOrganization } from '#app/organizations.ts'
import { openBenchApp } from '#bench/bench-app.ts'
import { loadKnowledge, wordAt } from '#bench/load-knowledge.ts'
import { quantile, timed } from '#bench/measure.ts'
import type { Bench } from '#bench/table.ts'
import { migrate } from '#store/migrate.ts'
import { startThrowawayCluster } from '#tests/harness/cluster.ts'

const MILLION = 1_000_000
const WARM_UP = 10
const MEASURED = 100
const P99_TARGET_MS = 100

const spread = (nth: number, count: number): number => (nth * 7919) % count

/** From the words that every passage has to those that a few have. */
const QUESTIONS: readonly (readonly [name: string, question: (nth: number) => string])[] = [
  [
    'three words, two of them rare',
    nth => [5 + spread(nth, 50), 20_000 + spread(nth, 20_000), 30_000 + nth].map(wordAt).join(' '),
  ],
  ['five words of all kinds', nth => [1, 30, 500, 8000, 40_000].map(at => wordAt(at + spread(nth, 100))).join(' ')],
  ['two common words', nth => [1 + spread(nth, 5), 10 + spread(nth, 20)].map(wordAt).join(' ')],
  ['one misspelt word', nth => `${wordAt(20_000 + spread(nth, 20_000))}q`],
]

export const knowledge: Bench = {
  name: 'knowledge',
  run: async show => {
    const chunks = Math.round(MILLION * Number(process.env.SCALE ?? 1))
    const cluster = await startThrowawayCluster(true)
    await migrate(cluster.address)
    const bench = await openBenchApp(cluster.address)
    try {
      const organization = { name: 'Knowledge', slug: 'knowledge', allowed_addresses: [] }
      const { caller } = await createOrganization(bench.app, organization)
      const app = boundTo(bench.app, caller.organization_id)
      const { id } = await makeKnowledgeBase(app, caller, { name: 'Large', description: null, language: 'en' })
      const seconds = (await timed(() => loadKnowledge(bench.app.system, caller.organization_id, id, chunks))) / 1000
      show({ name: `load ${chunks} passages`, unit: 's', reference: null, ours: seconds, target: null })
      for (const [name, question] of QUESTIONS) {
        const ask = (nth: number) => lookUp(app, caller.organization_id, [id], question(nth), 5)
        for (let nth = 0; nth < WARM_UP; nth++) await ask(nth)
        const times: number[] = []
        for (let nth = WARM_UP; nth < WARM_UP + MEASURED; nth++) times.push(await timed(() => ask(nth)))
        show({
          name: `look-up of ${name}: p99`,
          unit: 'ms',
          reference: { name: 'median', value: quantile(times, 0.5) },
          ours: quantile(times, 0.99),
          target: { at_most: P99_TARGET_MS },
        })
      }
    } finally {
      await bench.close()
      await cluster.stop()
    }
  },
}
