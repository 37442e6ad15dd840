/** INVITE → 302 over UDP on loopback, the whole stack, one thread; the calls come from another process. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { LoadOrder, LoadReport } from '#bench/sip-load.ts'
import type { Bench } from '#bench/table.ts'
import { listenSip } from '#voice/sip/user-agent.ts'
import type { ServerCallEvents } from '#voice/sip/user-agent-types.ts'

const LOAD = new URL('./sip-load.ts', import.meta.url).pathname
const ignored: ServerCallEvents = {
  cancelled: () => {},
  confirmed: () => {},
  reoffer: () => ({ status: 488 }),
  dtmf: () => {},
  ended: () => {},
}

const load = async (order: LoadOrder): Promise<LoadReport> =>
  JSON.parse((await promisify(execFile)(process.execPath, [LOAD, JSON.stringify(order)])).stdout)

export const sip: Bench = {
  name: 'sip',
  run: async show => {
    const agent = await listenSip({ host: '127.0.0.1', port: 0, rate_limit_pps: 0 }, call => {
      call.refuse(302, { headers: [['Contact', '<sip:elsewhere@127.0.0.1:5080>']] })
      return ignored
    })
    try {
      const { port } = agent.local
      // Short, or the table of transactions that wait for repetitions (RFC 3261's timer I, 5 s) is what is measured.
      const fast = await load({ port, seconds: 1.5, open_calls: 32, calls_per_second: null })
      const before = process.cpuUsage()
      const steady = await load({ port, seconds: 5, open_calls: 32, calls_per_second: 10_000 })
      const { user, system } = process.cpuUsage(before)
      const row = { reference: null, target: null }
      const name = (what: string): string => `SIP INVITE → 302: ${what}`
      const at = (what: string): string => name(`${what} at 10,000/s`)
      show({
        ...row,
        name: name('calls a second'),
        unit: '/s',
        ours: fast.finished / fast.seconds,
        target: { at_least: 10_000 },
      })
      show({ ...row, name: at('reached'), unit: '/s', ours: steady.finished / steady.seconds })
      show({
        ...row,
        name: at('CPU a call'),
        unit: 'µs',
        ours: (user + system) / steady.finished,
        target: { at_most: 50 },
      })
      show({ ...row, name: at('answer p50'), unit: 'ms', ours: steady.p50_ms })
      show({ ...row, name: at('answer p99'), unit: 'ms', ours: steady.p99_ms, target: { at_most: 5 } })
      show({ ...row, name: name('failed'), unit: 'calls', ours: fast.failed + steady.failed, target: { at_most: 0 } })
    } finally {
      await agent.close()
    }
  },
}
