import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeSignal, type StopRequest } from '#server/stop-signals.ts'

const TABLE: readonly (readonly [first_ms: number | null, now_ms: number, StopRequest])[] = [
  [null, 0, 'drain'],
  [null, 5000, 'drain'],
  [5000, 5000, 'ignore'],
  [5000, 5003, 'ignore'],
  [5000, 5999, 'ignore'],
  [5000, 6000, 'end'],
  [5000, 60_000, 'end'],
]

for (const [first_ms, now_ms, expected] of TABLE)
  test(`a signal at ${now_ms} ms, the first at ${first_ms}: ${expected}`, () =>
    assert.equal(judgeSignal(first_ms, now_ms), expected))
