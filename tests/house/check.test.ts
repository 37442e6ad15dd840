import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHECKS, runCheck } from '#tests/check.ts'

for (const check of CHECKS) {
  test(check.name, () => {
    const complaint = runCheck(check)
    assert.ok(complaint === null, `\n${complaint}`)
  })
}
