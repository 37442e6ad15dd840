import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { areEmpty, readBuilderInputs } from '#core/builder-inputs.ts'
import { keyPhrases } from '#core/key-phrases.ts'
import { composeInstructions } from '#core/offline-instructions.ts'
import { OFFLINE_WRITER } from '#core/offline-writer.ts'
import { parseAgentConfig } from '#wire/parse-agent-config.ts'

const signal = new AbortController().signal

const DENTIST = {
  industry: 'Riverside Dental, a dental practice',
  purpose: 'Book, move and cancel appointments.',
  personality: ['warm', 'brief'],
  language: 'en-US',
  opening_line: 'Riverside Dental, how can I help?',
  conversation_flow: '1. Ask for the name\n2) Ask for the day\n- Confirm both',
  closing: 'Thank the caller',
  guardrails: ['Give no medical advice', 'Never quote prices'],
  knowledge: { 'opening hours': 'Monday to Friday, 8 to 17' },
  company_size: 12,
}

test('instructions are put together from the inputs, each in its place', () => {
  const { instructions, starting_message } = composeInstructions(readBuilderInputs(DENTIST))
  assert.equal(starting_message, 'Riverside Dental, how can I help?')
  const order = [
    '# Who you are',
    'The business you speak for: Riverside Dental, a dental practice.',
    'Your purpose: Book, move and cancel appointments.',
    '- company size: 12',
    '# How you speak',
    'You speak this language: en-US.',
    'Your manner: warm. brief.',
    '# How the conversation goes\n1. Ask for the name.\n2. Ask for the day.\n3. Confirm both.',
    '# How you end\nThank the caller.',
    '# What you know\n- opening hours: Monday to Friday, 8 to 17.',
    '# What you always keep to\n- Give no medical advice.\n- Never quote prices.',
  ]
  let from = 0
  for (const part of order) {
    const at = instructions.indexOf(part, from)
    assert.ok(at >= from, `${part} in:\n${instructions}`)
    from = at
  }
})

test('without an opening line the greeting is in the language', () => {
  const greeting = (language: string) => composeInstructions(readBuilderInputs({ language })).starting_message
  assert.equal(greeting('de-AT'), 'Guten Tag! Wie kann ich Ihnen helfen?')
  assert.equal(greeting('Spanish'), '¡Hola! ¿En qué puedo ayudarle?')
  assert.equal(greeting('dewey'), 'Hello! How can I help you?')
  assert.equal(greeting('xx'), 'Hello! How can I help you?')
})

test('whatever was saved, the same inputs give the same config, which is valid and says who wrote it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(DENTIST)), fc.string()), fc.jsonValue()),
      async saved => {
        const inputs = readBuilderInputs(saved)
        const once = await OFFLINE_WRITER.instructions(inputs, signal)
        assert.deepEqual(await OFFLINE_WRITER.instructions(readBuilderInputs(saved), signal), once)
        assert.deepEqual([once.written_by, once.usage], ['offline', null])
        assert.ok(parseAgentConfig({ ...once.value }).ok)
      },
    ),
    { numRuns: 500 },
  )
})

test('inputs that say nothing are empty', () => {
  for (const saved of [{}, { purpose: '' }, { purpose: ' ', guardrails: [''], x: null, y: [[]] }])
    assert.ok(areEmpty(readBuilderInputs(saved)), JSON.stringify(saved))
  for (const saved of [{ purpose: 'x' }, { other: 0 }]) assert.ok(!areEmpty(readBuilderInputs(saved)))
})

test('a summary without a model counts and quotes, and judges nothing', async () => {
  const transcript = [
    { who: 'agent', text: 'Hello!' },
    { who: 'user', text: 'I need a tooth cleaning, please.' },
    { who: 'agent', text: 'On which day?' },
    { who: 'user', text: 'Tuesday morning. Is a tooth cleaning expensive?' },
  ] as const
  const written = await OFFLINE_WRITER.summary(transcript, [{ name: 'Booked', description: '' }], signal)
  assert.equal(
    written.value.summary,
    'The user spoke twice, the agent twice. Mentioned: tooth cleaning expensive, tuesday morning. It began with “I need a tooth cleaning, please.” and ended with “Tuesday morning. Is a tooth cleaning expensive?”.',
  )
  assert.deepEqual(
    written.value.criteria.map(({ name, met }) => [name, met]),
    [['Booked', null]],
  )
  const silent = await OFFLINE_WRITER.summary([{ who: 'agent', text: 'Hello!' }], [], signal)
  assert.equal(silent.value.summary, 'The user said nothing.')
})

test('key phrases leave out the words between', () => {
  assert.deepEqual(keyPhrases('What are your opening hours on a public holiday? And the opening hours?', 2), [
    'opening hours',
    'public holiday',
  ])
  assert.deepEqual(keyPhrases('the and of it', 3), [])
})
