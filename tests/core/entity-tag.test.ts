import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entityTagOf, ifMatchHolds } from '#core/entity-tag.ts'

const current = { id: 'a', revision: 3 }

test('a tag names the resource and its revision', () => {
  assert.equal(entityTagOf(current), '"a.3"')
  assert.notEqual(entityTagOf({ id: 'b', revision: 3 }), entityTagOf(current))
})

for (const [if_match, holds] of [
  ['"a.3"', true],
  ['W/"a.3"', true],
  ['"x", "a.3"', true],
  ['"x","a.3","y"', true],
  [' * ', true],
  ['"a.2"', false],
  ['"b.3"', false],
  ['"a.30"', false],
  ['a.3', false],
  ['', false],
  ['"*"', false],
  ['"a.3', false],
] as const) {
  test(`If-Match: ${if_match} ${holds ? 'holds' : 'does not hold'}`, () => {
    assert.equal(ifMatchHolds(if_match, current), holds)
    assert.equal(ifMatchHolds(if_match, null), false)
  })
}
