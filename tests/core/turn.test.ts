/** Whose words a message is: a row a case. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideTurn, replyTo, type StoredItem } from '#core/turn.ts'

const item = (position: number, more: Partial<StoredItem>): StoredItem => ({
  ...{ at: '2026-11-22T12:00:00.000000Z', who: 'agent', kind: 'text', text: 'x', interrupted: false, tool: null },
  ...{ message_id: null, replied_at: null, written_by: null, first_word_ms: null, took_ms: null },
  position,
  ...more,
})

const user = (position: number, text: string, message_id: string | null, replied: boolean): StoredItem =>
  item(position, { who: 'user', text, message_id, replied_at: replied ? '2026-11-22T12:00:01.000000Z' : null })

const answered = [item(0, {}), user(1, 'a', '1', true), item(2, {})]
const broken = [...answered, user(3, 'b', '2', false)]
const nameless = [...answered, user(3, 'b', null, false)]

const ROWS: readonly (readonly [
  what: string,
  items: StoredItem[],
  text: string,
  id: string | null,
  expected: string,
])[] = [
  ['the first words', [], 'a', null, 'new'],
  ['another message', answered, 'b', '2', 'new'],
  ['the same words later', answered, 'a', null, 'new'],
  ['the same id', answered, 'a', '1', 'replayed 1'],
  ['the same id with other words', answered, 'b', '1', 'message_id_reused'],
  ['the same id, unanswered', broken, 'b', '2', 'resumed 3'],
  ['an id, where one without was unanswered', nameless, 'b', '3', 'new'],
  ['no id, where one with an id was unanswered', broken, 'b', null, 'new'],
  ['no id again, unanswered', nameless, 'b', null, 'resumed 3'],
  ['other words, where one was unanswered', nameless, 'c', null, 'new'],
  ['an id that stayed unanswered, later', [...broken, user(4, 'c', '3', true), item(5, {})], 'b', '2', 'replayed 3'],
]

for (const [what, items, text, message_id, expected] of ROWS) {
  test(what, () => {
    const decision = decideTurn(items, { text, message_id })
    const told =
      decision.kind === 'refused'
        ? decision.refusal.code
        : ['position' in decision ? `${decision.kind} ${decision.position}` : decision.kind].join()
    assert.equal(told, expected)
  })
}

test('a reply is what the agent said until the user spoke again', () => {
  const items = [...answered, item(3, { kind: 'tool_call' }), user(4, 'b', null, true), item(5, {})]
  assert.deepEqual(
    [1, 4].map(position => replyTo(items, position).map(each => each.position)),
    [[2, 3], [5]],
  )
})
