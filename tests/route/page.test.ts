import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUTE_REASONS, ROUTE_STEPS } from '#core/route-trace.ts'
import { root } from '#tests/house/sources.ts'
import { CASES } from '#tests/route/cases.ts'

const page = readFileSync(join(root, 'docs/routing.md'), 'utf8')
/** The rows of the table of reasons: step → what it names. */
const table = page.slice(page.indexOf('| step | reasons |'), page.indexOf('## The record'))
const rows = new Map(
  [...table.matchAll(/^\| (\w+) \| (.+) \|$/gm)].slice(1).map(([, step = '', text = '']) => [step, text] as const),
)
const named = new Set([...table.matchAll(/`(\w+)`/g)].map(([, reason]) => reason))

test('the page names every reason, and no other', () => {
  assert.deepEqual([...named].toSorted(), Object.keys(ROUTE_REASONS).toSorted())
})

test('the page names every step, in the order they are taken', () => {
  assert.deepEqual([...rows.keys()], ROUTE_STEPS)
})

/** Where a call with them is placed. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  credentials_accepted: 'tests/calls/trunk-auth.test.ts',
  credentials_stale: 'tests/sip/digest.test.ts',
  credentials_wrong: 'tests/calls/trunk-auth.test.ts',
  credentials_blocked: 'tests/sip/digest.test.ts',
  webhook_busy: 'tests/app/call-desk.test.ts',
  webhook_abandoned: 'tests/app/call-desk.test.ts',
}

/** Every way's own, which the cases leave out. */
const IMPLIED = ['source source_not_asked', 'media codec_agreed']

test('the cases know every reason, each under a step that the page has it under', () => {
  const lines = [...CASES.flatMap(({ expect }) => expect.trace), ...IMPLIED]
  for (const line of lines) {
    const [step = '', reason = ''] = line.split(' ')
    assert.ok(rows.get(step)?.includes(`\`${reason}\``), line)
  }
  const seen = new Set([...lines.map(line => line.split(' ')[1] ?? ''), ...Object.keys(ELSEWHERE)])
  assert.deepEqual([...seen].toSorted(), Object.keys(ROUTE_REASONS).toSorted())
})
