import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzHttp } from '#tests/fuzz/fuzz-http.ts'

const requests = 10_000
const seed = 20_26

test(`${requests} valid and mutated requests (seed ${seed}): no failure inside, only declared answers`, async t => {
  const { statuses, never_served } = await fuzzHttp({ requests, seed })
  t.diagnostic(JSON.stringify(statuses))
  // Otherwise nothing but the doors was tried.
  assert.deepEqual(never_served, [])
})
