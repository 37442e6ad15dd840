/** The mind by itself: what it decides, whatever a model writes and whatever becomes of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMind, type Doing, type Happening, type Mind, next } from '#core/mind.ts'
import { mindConfigOf } from '#core/mind-config.ts'
import type { ActionOutcome } from '#core/tool-run.ts'
import type { JsonObject } from '#core/version.ts'
import type { TurnMessage } from '#core/writer.ts'

const mindOf = (config: JsonObject, more: Partial<Parameters<typeof createMind>[0]> = {}): Mind =>
  createMind({
    ...{ config: mindConfigOf(config, 'text'), has_model: true, variables: {} },
    messages: [{ role: 'user', content: 'Hello' }],
    ...more,
  })

const said = (doing: readonly Doing[]): readonly string[] =>
  doing.flatMap(each => (each.kind === 'say' ? [each.text] : [each.kind]))

const GREETINGS: readonly (readonly [message: unknown, has_model: boolean, expected: readonly string[]])[] = [
  ['Hello {{name}}.', true, ['Hello Ann.']],
  ['', true, []],
  ['{{nobody}}', true, []],
  [{ type: 'none', text: 'x' }, true, []],
  [{ type: 'static', text: 'Hi {{name}}' }, false, ['Hi Ann']],
  [{ type: 'generated', text: 'Be formal.' }, true, ['write']],
  [{ type: 'generated', text: 'Be formal.' }, false, ['Hello! What would you like to know?']],
  [undefined, true, []],
]

test('it greets as the config says', () => {
  for (const [starting_message, has_model, expected] of GREETINGS) {
    const mind = mindOf({ starting_message }, { has_model, variables: { name: 'Ann' }, messages: [] })
    assert.deepEqual(said(next(mind, { kind: 'began' }).doing), expected, JSON.stringify(starting_message))
  }
})

test('a channel’s overrides count on that channel alone', () => {
  const config = {
    instructions: 'a',
    max_tool_steps: 5,
    channel_overrides: { text: { instructions: 'b', starting_message: '', max_tool_steps: 1 }, telephone: {} },
    starting_message: 'c',
  }
  const [text, telephone] = [mindConfigOf(config, 'text'), mindConfigOf(config, 'telephone')]
  assert.partialDeepStrictEqual(text, { instructions: 'b', max_tool_steps: 1, greeting: { kind: 'none' } })
  assert.partialDeepStrictEqual(telephone, { instructions: 'a', max_tool_steps: 5, greeting: { kind: 'static' } })
})

test('it looks up first where it has something to look in', () => {
  const base = { id: 'x', top_n: 3 }
  const mind = mindOf({ knowledge_bases: [base], instructions: 'I am {{who}}.' }, { variables: { who: '{{x}}' } })
  const asked = next(mind, { kind: 'heard' })
  assert.deepEqual(asked.doing, [{ kind: 'look_up', query: 'Hello' }])
  const [write] = next(asked.mind, { kind: 'found', passages: [{ text: 'It is blue.', source: 'Sky' }] }).doing
  assert.ok(write?.kind === 'write')
  assert.match(write.messages[0]?.content ?? '', /I am \{\{x\}\}\.[\s\S]*\[Sky\]\nIt is blue\./)
})

test('a long conversation is remembered from its newest end, never from a tool’s result on', () => {
  const turn = (n: number): TurnMessage[] => [
    { role: 'user', content: `${n} ${'x'.repeat(2000)}` },
    { role: 'assistant', content: '', tool_calls: [{ id: `c${n}`, name: 't', arguments: {} }] },
    { role: 'tool', content: 'y'.repeat(3000), tool_call_id: `c${n}` },
  ]
  const messages = Array.from({ length: 100 }, (_, n) => turn(n)).flat()
  const [write] = next(mindOf({}, { messages: [...messages, { role: 'user', content: 'last' }] }), {
    kind: 'heard',
  }).doing
  assert.ok(write?.kind === 'write')
  const [system, first, ...rest] = write.messages
  assert.equal(system?.role, 'system')
  assert.notEqual(first?.role, 'tool')
  assert.equal(rest.at(-1)?.content, 'last')
  const length = write.messages.reduce((sum, { content }) => sum + content.length, 0)
  assert.ok(length > 50_000 && length < 66_000, `${length}`)
})

const ACTIONS = [
  { type: 'play_message', text: 'One moment, {{a}}.' },
  { type: 'http_request', url: 'https://example.com/{{a}}', headers: {}, body: null },
  { type: 'wait', seconds: 1 },
  { type: 'hangup', message: 'Bye.' },
  { type: 'leave_room' },
  { type: 'dtmf', digits: '1' },
] as const

const actions = fc.array(fc.constantFrom(...ACTIONS), { maxLength: 4 })
const tools = fc.array(fc.record({ actions, actions_on_error: actions, output: fc.option(fc.constant('{{a}}')) }), {
  maxLength: 3,
})
const call = fc.record({
  id: fc.string({ maxLength: 3 }),
  name: fc.constantFrom('t0', 't1', 't2', 'unknown'),
  arguments: fc.constantFrom<JsonObject>({ a: '{{b}}' }, {}, { a: 7 }, { z: 1 }),
})
const writing = fc.record({ text: fc.constantFrom('', 'Yes.'), calls: fc.array(call, { maxLength: 3 }) })
const outcome: fc.Arbitrary<ActionOutcome> = fc.constantFrom<ActionOutcome>(
  { ok: true, result: 'r' },
  { ok: false, error: 'e' },
)

/** Every call is answered, in its order, before anything else is said to the model (the protocol's own rule). */
const assertAnswered = (messages: readonly TurnMessage[]): void => {
  for (let at = 0; at < messages.length; at++) {
    const calls = messages[at]?.tool_calls ?? []
    const answered = messages.slice(at + 1, at + 1 + calls.length)
    assert.deepEqual(
      answered.map(({ role, tool_call_id }) => `${role} ${tool_call_id}`),
      calls.map(({ id }) => `tool ${id}`),
    )
    at += calls.length
  }
}

test('whatever the model writes, a turn ends, is not silent, answers every call once, and uses no more tools than it may', () => {
  fc.assert(
    fc.property(
      tools,
      fc.infiniteStream(writing),
      fc.infiniteStream(outcome),
      fc.integer({ min: 0, max: 4 }),
      (specs, writings, outcomes, max_tool_steps) => {
        const named = specs.map((spec, n) => ({ name: `t${n}`, properties: { a: { type: 'string' } }, ...spec }))
        let mind = mindOf({ tools: named, max_tool_steps })
        let due: Happening | null = { kind: 'heard' }
        const counts = { writes: 0, notes: 0, calls: 0, says: 0, began: 0 }
        const used = new Set<number>()
        while (due !== null) {
          const step = next(mind, due)
          mind = step.mind
          due = null
          for (const doing of step.doing) {
            assert.equal(due, null, 'what waits comes last')
            if (doing.kind === 'say') counts.says += 1
            if (doing.kind === 'note') counts.notes += 1
            if (doing.kind === 'act') {
              used.add(mind.steps)
              due = { kind: 'acted', outcome: outcomes.next().value }
            }
            if (doing.kind === 'write') {
              counts.writes += 1
              assertAnswered(doing.messages)
              const written = writings.next().value
              counts.calls += written.calls.length
              if (written.text !== '') counts.says += 1
              due = { kind: 'written', ...written }
            }
          }
        }
        assert.ok(counts.writes <= max_tool_steps + 3, `${counts.writes} writes`)
        assert.ok(counts.says > 0 || mind.is_over, 'something was said')
        assert.ok(used.size <= max_tool_steps)
        if (mind.is_over) assert.ok(counts.notes <= counts.calls)
        else assert.equal(counts.notes, counts.calls)
      },
    ),
    { numRuns: 2000 },
  )
})

test('what the user asked is never forgotten, however much tools bring', () => {
  const config = { max_tool_steps: 10, tools: [{ name: 't', actions: [{ type: 'dial' }], output: '{{result}}' }] }
  let step = next(mindOf(config), { kind: 'heard' })
  for (let round = 0; round < 8; round++) {
    const called = next(step.mind, {
      kind: 'written',
      text: '',
      calls: [{ id: `c${round}`, name: 't', arguments: {} }],
    })
    step = next(called.mind, { kind: 'acted', outcome: { ok: true, result: `${round}${'x'.repeat(15_000)}` } })
  }
  const write = step.doing.at(-1)
  assert.ok(write?.kind === 'write')
  const [system, asked, ...rest] = write.messages
  assert.deepEqual([system?.role, asked?.content], ['system', 'Hello'])
  // Each result behind its call, the newest in full.
  assert.deepEqual(
    rest.map(({ role }) => role),
    Array.from({ length: 8 }, () => ['assistant', 'tool']).flat(),
  )
  assert.match(rest.at(-1)?.content ?? '', /^7x/)
  assert.ok(rest.reduce((sum, { content }) => sum + content.length, 0) < 80_000)
})
