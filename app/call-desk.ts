/** The desk that the telephone side asks: decisions from the table in memory, records behind the call's back. */
import { newId } from '#app/context.ts'
import type { CallDesk, Clock } from '#app/ports.ts'
import type { CallRecorder } from '#app/record-calls.ts'
import { decideRoute, type RouteState } from '#core/route.ts'
import { type RoutingTable, versionNamed } from '#core/routing-table.ts'

export type PreciseClock = Clock & { readonly now_us: () => number }

export const createCallDesk = (deps: {
  readonly table: RoutingTable
  readonly recorder: Pick<CallRecorder, 'record'>
  readonly clock: PreciseClock
  /** Read at each call: draining begins while calls come in. */
  readonly draining: () => boolean
  readonly authenticate: RouteState['authenticate']
}): CallDesk => ({
  route: call => {
    const { authenticate } = deps
    const begun_us = deps.clock.now_us()
    const decision = decideRoute(deps.table, call, { draining: deps.draining(), authenticate })
    return { decision, decided_in_us: Math.max(0, Math.round(deps.clock.now_us() - begun_us)) }
  },
  script: ({ agent_id, version }) => {
    const agent = deps.table.agents.get(agent_id)
    return (agent && versionNamed(agent, version)?.script) ?? null
  },
  record: deps.recorder.record,
  new_id: newId,
})
