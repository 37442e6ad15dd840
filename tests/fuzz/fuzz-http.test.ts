import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzHttp } from '#tests/fuzz/fuzz-http.ts'

const requests = 10_000
const seed = 20_26

test(`${requests} valid and mutated requests (seed ${seed}): no failure inside, only declared answers`, async t => {
  const { statuses, never_served } = await fuzzHttp({ requests, seed })
  t.diagnostic(JSON.stringify(statuses))
  // Otherwise little but the doors was tried. Some are hard to reach: tokens of a person's own, once others were deleted.
  assert.ok(never_served.length <= Object.keys(statuses).length / 10, never_served.join(', '))
})
