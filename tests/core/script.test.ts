import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillTemplate, scriptOf, startingMessage } from '#core/script.ts'

test('what is said first', () => {
  const table: readonly (readonly [object, string | null])[] = [
    [{}, null],
    [{ starting_message: 'Hello.' }, 'Hello.'],
    [{ starting_message: '' }, null],
    [{ starting_message: '   ' }, null],
    [{ starting_message: { type: 'static', text: 'Hello.' } }, 'Hello.'],
    [{ starting_message: { type: 'none', text: 'Hello.' } }, null],
    [{ starting_message: 'Here is {{name}}.', dynamic_variables: { name: 'Ann' } }, 'Here is Ann.'],
    [{ starting_message: 'Here is {{ name }}.', dynamic_variables: { name: '{{name}}' } }, 'Here is {{name}}.'],
    [{ starting_message: 'Here is {{nobody}}.', dynamic_variables: {} }, 'Here is .'],
    [{ starting_message: '{{nobody}}' }, null],
    [{ starting_message: '{{count}}', dynamic_variables: { count: 3 } }, '3'],
  ]
  for (const [config, expected] of table)
    assert.equal(startingMessage(scriptOf(config as Record<string, unknown>), {}), expected, JSON.stringify(config))
})

test('what a call brings along goes over the defaults', () => {
  const script = scriptOf({
    starting_message: '{{greeting}} {{name}}.',
    dynamic_variables: { greeting: 'Hi', name: 'you' },
  })
  assert.equal(startingMessage(script, {}), 'Hi you.')
  assert.equal(startingMessage(script, { name: 'Ann', other: 'x' }), 'Hi Ann.')
  assert.equal(startingMessage(script, { name: '{{greeting}}' }), 'Hi {{greeting}}.')
  assert.equal(startingMessage(script, { name: '', greeting: '' }), '.')
  assert.equal(startingMessage(scriptOf({ starting_message: '{{name}}' }), { name: '  ' }), null)
})

test('a value is text, never a pattern or a template', () => {
  assert.equal(fillTemplate('{{a}}-{{a}}', { a: '$&' }), '$&-$&')
  assert.equal(fillTemplate('{{constructor}}', {}), '')
  assert.equal(fillTemplate('{{a b}} {{}} {{1}}', { a: 'x' }), '{{a b}} {{}} {{1}}')
})

test('limits and voice', () => {
  const script = scriptOf({
    limits: { silence_timeout_seconds: 5, max_duration_seconds: 60 },
    stt_llm_tts: { tts: { voice: 'kal' } },
  })
  assert.deepEqual(script, {
    starting_message: null,
    variables: {},
    voice: 'kal',
    silence_timeout_seconds: 5,
    max_duration_seconds: 60,
  })
})
