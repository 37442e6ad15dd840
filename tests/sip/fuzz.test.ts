import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzSip } from '#tests/sip/fuzz.ts'

const datagrams = 50_000
const seed = 4475

test(`${datagrams} random and mutated datagrams (seed ${seed}): alive, and a call is answered after each thousand`, async t => {
  const { calls, answers } = await fuzzSip({ datagrams, seed })
  assert.equal(calls, datagrams / 1000)
  // Far from all is dropped at the door: the mutants reach what is behind it.
  assert.ok(answers > datagrams / 10, `${answers} answers`)
  t.diagnostic(`${answers} answers`)
})
