/** From `npm start` to a call that is answered, dependencies installed: on an empty data directory, and on one that was used. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { quantile } from '#bench/measure.ts'
import type { Bench } from '#bench/table.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { startProgram } from '#tests/harness/program.ts'
import { placeCall } from '#voice/caller.ts'

const NUMBER = '+15551234567'
const ROUNDS = 3

type Times = { readonly answered_ms: number; readonly heard_ms: number }

/** Calls the example agent as soon as the program listens; hangs up when its voice is heard. */
const startAndCall = async (data_dir: string): Promise<Times> => {
  const started = performance.now()
  const program = startProgram({ data_dir, by: 'npm', env: { DEMO: '1' } })
  try {
    const [host = '', port = ''] = String((await program.logged('listening')).sip).split(':')
    const times = { answered_ms: Number.NaN, heard_ms: Number.NaN }
    const hanging_up = new AbortController()
    const next_hop = { host, port: Number(port) }
    const options = {
      target: `sip:${NUMBER}@${host}:${port}`,
      next_hop,
      transport: 'udp',
      from: '+15550009999',
    } as const
    const result = await placeCall(
      { ...options, say: null, dtmf: '', seconds: 20, record: false, credentials: null },
      event => {
        if (event.kind === 'answered') times.answered_ms = performance.now() - started
        if (event.kind === 'hearing' && event.speaking) {
          times.heard_ms = performance.now() - started
          hanging_up.abort()
        }
      },
      hanging_up.signal,
    )
    if (result.kind !== 'answered') throw new Error(`the call ended as ${JSON.stringify(result)}`)
    return times
  } finally {
    program.signalGroup('SIGTERM')
    await program.ended
  }
}

export const start: Bench = {
  name: 'start',
  run: async show => {
    const directory = makeTempDir('bench-start')
    const first: Times[] = []
    const later: Times[] = []
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const data_dir = join(directory, String(round))
        first.push(await startAndCall(data_dir))
        later.push(await startAndCall(data_dir))
      }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    for (const { name, times, at_most } of [
      { name: 'npm start, empty data directory', times: first, at_most: 3000 },
      { name: 'npm start, used data directory', times: later, at_most: 1500 },
    ]) {
      const median = (figures: readonly number[]): number => quantile(figures, 0.5)
      const row = { unit: 'ms', reference: null }
      show({
        ...row,
        name: `${name}: first call answered`,
        ours: median(times.map(each => each.answered_ms)),
        target: { at_most },
      })
      show({ ...row, name: `${name}: first word heard`, ours: median(times.map(each => each.heard_ms)), target: null })
    }
  },
}
