/** What a case expects, held against what was seen, whichever way it was asked. */
import assert from 'node:assert/strict'
import type { Case, Line } from '#tests/route/case.ts'
import { type RouteWorld, WEBHOOKS } from '#tests/route/route-world.ts'

/** A decision, as an answer or a stored conversation shows it; null: it does not say. */
export type Seen = {
  readonly kind: string
  readonly agent_id: string | null
  readonly version: number | null
  readonly arm: string | null
  readonly target: string | null
  readonly text: string | null
  readonly sip_status: number | null
  readonly variables: Readonly<Record<string, string>>
  readonly trace: readonly { readonly step: string; readonly reason: string }[]
}

export const linesOf = ({ trace }: Seen): readonly string[] => trace.map(({ step, reason }) => `${step} ${reason}`)

const speaks = ({ expect }: Case): boolean => expect.answers !== undefined || expect.speaks !== undefined

const wholeTrace = (each: Case, before: readonly Line[]): readonly string[] =>
  each.only_call
    ? each.expect.trace
    : [...before, ...each.expect.trace, ...(speaks(each) ? ['media codec_agreed'] : [])]

const checkOutcome = (made: RouteWorld, { expect }: Case, seen: Seen): void => {
  const { answers, forwards, speaks, refuses } = expect
  if (answers) {
    const wanted = answers.map(([who, version]) => `${made.idOf(who)} ${version}`)
    assert.equal(seen.kind, 'answer')
    assert.ok(wanted.includes(`${seen.agent_id} ${seen.version}`), `${seen.agent_id} ${seen.version} answers`)
  } else if (forwards !== undefined) assert.deepEqual([seen.kind, seen.target], ['forward', forwards])
  else if (speaks !== undefined) assert.deepEqual([seen.kind, seen.text], ['message', speaks])
  else assert.deepEqual([seen.kind, seen.sip_status], ['refuse', refuses])
}

/** `before`: what this way's trace begins with. */
export const check = (made: RouteWorld, each: Case, seen: Seen, before: readonly Line[]): void => {
  const { arm, variables, asked } = each.expect
  assert.deepEqual(linesOf(seen), wholeTrace(each, before))
  checkOutcome(made, each, seen)
  if (arm !== undefined) assert.equal(seen.arm, arm)
  if (variables !== undefined) assert.deepEqual(seen.variables, variables)
  if (asked !== undefined) assert.deepEqual(made.asked, [WEBHOOKS[asked]])
}
