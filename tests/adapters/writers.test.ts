/** Who writes for whom, and what is made of a model's answers. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type ClosableWriters, createWriters, type WritersOptions } from '#adapters/writers.ts'
import { Refused } from '#app/refused.ts'
import { readBuilderInputs } from '#core/builder-inputs.ts'
import { parseRange } from '#core/ip.ts'
import type { ModelSettings } from '#core/language-model.ts'
import type { Usage } from '#core/writer.ts'
import { testLog } from '#tests/harness/app.ts'
import { type ModelServer, says, startModelServer } from '#tests/peers/model-server.ts'

let server: ModelServer
const open: ClosableWriters[] = []
const signal = new AbortController().signal

before(async () => {
  server = await startModelServer()
})
after(async () => {
  await Promise.all(open.map(writers => writers.close()))
  await server.close()
})
afterEach(() => {
  server.requests.length = 0
})

const LOOPBACK = ['127.0.0.0/8'].flatMap(range => parseRange(range) ?? [])
const settings = (model: string): ModelSettings => ({ base_url: server.base_url, api_key: null, model, prices: null })

const writersWith = (options: Partial<WritersOptions>) => {
  const log = testLog()
  const writers = createWriters({
    settings_of: async () => null,
    environment: null,
    allow: [],
    used: async () => {},
    log,
    wait: async () => {},
    ...options,
  })
  open.push(writers)
  return { writers, log }
}

const INPUTS = readBuilderInputs({ purpose: 'Book.' })
const refusedAs = (code: string, about: string) => (error: unknown) =>
  error instanceof Refused && error.refusal.code === code && (error.refusal.about ?? []).includes(about)

test('an organization’s own model writes, else the installation’s, else rules', async () => {
  const own = async (id: string) => (id === 'ours' ? settings('m-own') : null)
  const { writers } = writersWith({ settings_of: own, environment: settings('m-all'), allow: LOOPBACK })
  for (const id of ['ours', 'theirs']) {
    const { written_by } = await (await writers.for(id)).instructions(INPUTS, signal)
    assert.equal(written_by, 'model')
  }
  assert.deepEqual(
    server.requests.map(({ body }) => body.model),
    ['m-own', 'm-all'],
  )
  assert.equal(writers.installed_model, 'm-all')
  const { writers: none } = writersWith({})
  assert.equal((await none.for('ours')).written_by, 'offline')
  assert.equal(none.installed_model, null)
})

test('an organization’s model at an address that is not public is not asked; the operator’s may be anywhere', async () => {
  const denied = refusedAs('model_unreachable', 'its host is no public address')
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
    const base_url = server.base_url.replace('127.0.0.1', host)
    const { writers } = writersWith({ settings_of: async () => ({ ...settings('m'), base_url }) })
    await assert.rejects((await writers.for('ours')).instructions(INPUTS, signal), denied, host)
  }
  assert.equal(server.requests.length, 0)
  const { writers } = writersWith({ environment: settings('m') })
  await (await writers.for('ours')).instructions(INPUTS, signal)
  assert.equal(server.requests.length, 1)
})

test('what is used is told by organization; when that cannot be counted, the answer is given all the same', async () => {
  const told: [string, Usage][] = []
  const counted = writersWith({
    environment: settings('m'),
    used: async (id, usage) => {
      told.push([id, usage])
    },
  })
  await (await counted.writers.for('ours')).instructions(INPUTS, signal)
  assert.deepEqual(told, [['ours', { model: 'm', input_tokens: 100, output_tokens: 20, cost_usd: null }]])
  const failing = writersWith({
    environment: settings('m'),
    used: async () => {
      throw new Error('no database')
    },
  })
  await (await failing.writers.for('ours')).instructions(INPUTS, signal)
  assert.equal(failing.log.lines.length, 1)
})

test('a summary judges each criterion once, and takes nothing for met that was not said', async () => {
  const { writers } = writersWith({ environment: settings('m') })
  const answer = {
    summary: ' They booked. ',
    criteria: [
      { name: 'Booked', met: true, why: 'A day was agreed.' },
      { name: 'Polite', met: 'yes' },
      { name: 'Made up', met: true, why: 'x' },
      null,
      7,
    ],
  }
  server.turns.push(says(JSON.stringify(answer)))
  const criteria = ['Booked', 'Polite', 'Short'].map(name => ({ name, description: '' }))
  const transcript = [{ who: 'user', text: 'Monday, please.' }] as const
  const { value, written_by } = await (await writers.for('ours')).summary(transcript, criteria, signal)
  assert.equal(written_by, 'model')
  assert.deepEqual(value, {
    summary: 'They booked.',
    criteria: [
      { name: 'Booked', met: true, why: 'A day was agreed.' },
      { name: 'Polite', met: null, why: 'The model did not say.' },
      { name: 'Short', met: null, why: 'The model did not say.' },
    ],
  })
  for (const text of ['no object', '[]', '{"criteria": []}', '{"summary": 7}']) {
    server.turns.push(says(text))
    const summary = (await writers.for('ours')).summary(transcript, criteria, signal)
    await assert.rejects(summary, refusedAs('model_broken_stream', 'it did not write what it was asked for'), text)
  }
})

test('a reply is asked for as the version’s config has it', async () => {
  const { writers } = writersWith({ environment: settings('m-all') })
  const writer = await writers.for('ours')
  const ask = async (llm: object) => {
    const config = { stt_llm_tts: { llm } }
    const parts = writer.reply?.({ messages: [{ role: 'user', content: 'Hi' }], tools: [], config }, signal)
    assert.ok(parts)
    for await (const part of parts) if (part.kind === 'end') return server.requests.at(-1)?.body
    return undefined
  }
  const whole = await ask({ provider: 'auto', model: 'm-own', temperature: 0.7, max_output_tokens: 77 })
  assert.partialDeepStrictEqual(whole, { model: 'm-own', temperature: 0.7, max_tokens: 77 })
  assert.equal((await ask({ provider: 'auto', model: null }))?.model, 'm-all')
  // The name of another provider's model means nothing here.
  assert.equal((await ask({ provider: 'elsewhere', model: 'm-own' }))?.model, 'm-all')
})

test('what is under way ends when the process stops', async () => {
  const { writers } = writersWith({ environment: settings('m') })
  server.turns.push({ kind: 'stalls', pieces: ['x'] })
  const writing = (await writers.for('ours')).instructions(INPUTS, signal)
  writing.catch(() => {})
  while (server.requests.length === 0) await new Promise(setImmediate)
  await writers.close()
  await assert.rejects(writing, Refused)
})
