/** `npm run soak [-- name…]`: the checks of `npm test` that are worth running for hours, at their full size. Exit code 1 when one fails. */
import { crashPublishes } from '#tests/calls/crash.ts'
import { surviveOutage } from '#tests/calls/outage.ts'
import { fuzzHttp } from '#tests/fuzz/fuzz-http.ts'
import { compareWithModel } from '#tests/model/histories.ts'
import { fuzzSip } from '#tests/sip/fuzz.ts'

const KILLS = 1000
const DATAGRAMS = 1_000_000
const REQUESTS = 1_000_000
const SEQUENCES = 100_000

/** A new one each time; the line it is printed on is how to get the same run again. */
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)

const SOAKS: Readonly<Record<string, () => Promise<object>>> = {
  'sip-fuzz': () => fuzzSip({ datagrams: DATAGRAMS, seed }),
  'publish-crash': () => crashPublishes({ kills: KILLS, seed }),
  'http-fuzz': () => fuzzHttp({ requests: REQUESTS, seed }),
  outage: () => surviveOutage({ calls_per_second: 50, down_ms: 30_000, frozen_ms: 30_000, hold_ms: 2000 }),
  model: () => compareWithModel({ sequences: SEQUENCES, seed }),
}

const runOne = async (name: string, soak: () => Promise<object>): Promise<void> => {
  const started = performance.now()
  console.log(`${name}: begins (SEED=${seed})`)
  try {
    const report = await soak()
    console.log(`${name}: ok after ${Math.round((performance.now() - started) / 1000)} s ${JSON.stringify(report)}`)
  } catch (error) {
    console.log(`${name}: FAILED (SEED=${seed})`)
    console.log(error)
    process.exitCode = 1
  }
}

const names = process.argv.slice(2)
const unknown = names.filter(name => !(name in SOAKS))
if (unknown.length > 0) {
  console.error(`no soak is called ${unknown.join(', ')}; there are ${Object.keys(SOAKS).join(', ')}`)
  process.exitCode = 2
} else {
  for (const [name, soak] of Object.entries(SOAKS))
    if (names.length === 0 || names.includes(name)) await runOne(name, soak)
}
