/** `npm run bench [-- name…]`: prints one table. A figure that misses its target is said, and never fails anything. */
import { api } from '#bench/api.ts'
import { compare } from '#bench/compare.ts'
import { edge } from '#bench/edge.ts'
import { knowledge } from '#bench/knowledge.ts'
import { media } from '#bench/media.ts'
import { publish } from '#bench/publish.ts'
import { route } from '#bench/route.ts'
import { scale } from '#bench/scale.ts'
import { simulate } from '#bench/simulate.ts'
import { sip } from '#bench/sip.ts'
import { site } from '#bench/site.ts'
import { start } from '#bench/start.ts'
import { type Bench, headerLines, reaches, rowLine } from '#bench/table.ts'
import { workflows } from '#bench/workflows.ts'

const BENCHES: readonly Bench[] = [route, simulate, publish, api, sip, media, start, workflows, site, compare]

/** It takes minutes and gigabytes: only when it is named. */
const LARGE: readonly Bench[] = [scale, edge, knowledge]

const chosen = (names: readonly string[]): readonly Bench[] | string => {
  const all = [...BENCHES, ...LARGE]
  const unknown = names.filter(name => !all.some(bench => bench.name === name))
  if (unknown.length > 0)
    return `no bench is called ${unknown.join(', ')}; there are ${all.map(bench => bench.name).join(', ')}`
  return names.length === 0 ? BENCHES : all.filter(bench => names.includes(bench.name))
}

const runAll = async (benches: readonly Bench[]): Promise<void> => {
  const missed: string[] = []
  console.log(headerLines())
  for (const bench of benches) {
    try {
      await bench.run(row => {
        console.log(rowLine(row))
        if (reaches(row) === false) missed.push(row.name)
      })
    } catch (error) {
      console.log(`${bench.name}: could not be measured: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  console.log(missed.length === 0 ? 'every target is reached' : `missed: ${missed.join('; ')}`)
}

const benches = chosen(process.argv.slice(2))
if (typeof benches === 'string') {
  console.error(benches)
  process.exitCode = 2
} else {
  await runAll(benches)
}
