/** A case by the dry run, over HTTP. */
import assert from 'node:assert/strict'
import { ask } from '#tests/harness/http.ts'
import type { Case, CaseCall } from '#tests/route/case.ts'
import type { Seen } from '#tests/route/expect.ts'
import type { RouteWorld } from '#tests/route/route-world.ts'

type Answer = {
  readonly outcome: {
    readonly kind: string
    readonly agent_id: string | null
    readonly version: number | null
    readonly arm: string | null
    readonly target: string | null
    readonly text: string | null
    readonly sip_status: number | null
  }
  readonly routing: { readonly trace: Seen['trace'] }
  readonly variables: Readonly<Record<string, string>>
}

export const dryRun = async (made: RouteWorld, each: Case, call: CaseCall): Promise<Seen> => {
  const { direction, from = '+4930123456', at, call_id, headers, webhook } = call
  made.says(webhook)
  const answer = await ask(made.world, each.setup.in ?? 'admin', {
    method: 'POST',
    path: `/core/phone-numbers/${made.numberOf(each)}/route`,
    body: { direction, caller: from, at, call_id, sip_headers: headers, webhook: webhook !== undefined },
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const { outcome, routing, variables } = answer.body as Answer
  const { kind, agent_id, version, arm, target, text, sip_status } = outcome
  return { kind, agent_id, version, arm, target, text, sip_status, variables, trace: routing.trace }
}
