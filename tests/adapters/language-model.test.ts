import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { Agent } from 'undici'
import { createLanguageModel, type ModelTimeouts, type Prompt } from '#adapters/language-model.ts'
import { createModelFetch } from '#adapters/model-fetch.ts'
import { Refused } from '#app/refused.ts'
import type { ModelSettings } from '#core/language-model.ts'
import type { ReplyPart, Usage } from '#core/writer.ts'
import { testLog } from '#tests/harness/app.ts'
import { type ModelServer, type ModelTurn, says, startModelServer } from '#tests/peers/model-server.ts'

let server: ModelServer
let dispatcher: Agent
let waits: number[] = []
const log = testLog()
const used: Usage[] = []

before(async () => {
  server = await startModelServer()
  dispatcher = new Agent()
})
after(async () => {
  await dispatcher.destroy()
  await server.close()
})
afterEach(() => {
  waits = []
  used.length = 0
  server.requests.length = 0
  assert.equal(server.turns.length, 0, 'every turn was asked for')
})

const PROMPT: Prompt = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello, my secret is 4711.' },
  ],
  temperature: 0.2,
  max_output_tokens: 50,
}
/** Long enough never to be reached. */
const PATIENT: ModelTimeouts = { first_ms: 60_000, stall_ms: 60_000, whole_ms: 60_000 }

type Options = { readonly settings?: Partial<ModelSettings>; readonly timeouts?: Partial<ModelTimeouts> }

const modelOf = ({ settings, timeouts }: Options = {}) =>
  createLanguageModel({
    settings: { base_url: server.base_url, api_key: 'sk-test', model: 'm-1', prices: null, ...settings },
    fetch: createModelFetch({
      dispatcher,
      log,
      wait: async (ms, signal) => {
        signal.throwIfAborted()
        waits.push(ms)
      },
    }),
    timeouts: { ...PATIENT, ...timeouts },
    used: usage => used.push(usage),
  })

const ask = async (
  turns: readonly ModelTurn[],
  options: Options & { prompt?: Partial<Prompt>; signal?: AbortSignal } = {},
) => {
  server.turns.push(...turns)
  const parts: ReplyPart[] = []
  let error: unknown = null
  const signal = options.signal ?? new AbortController().signal
  try {
    for await (const part of modelOf(options).ask({ ...PROMPT, ...options.prompt }, signal)) parts.push(part)
  } catch (thrown) {
    error = thrown
  }
  const text = parts.flatMap(part => (part.kind === 'text' ? [part.text] : [])).join('')
  return { parts, text, error, refusal: error instanceof Refused ? error.refusal : null }
}

describe('an answer', () => {
  test('comes in pieces, and ends with what it used and cost', async () => {
    const { parts } = await ask([says('Good', ' day', '.')], {
      settings: { prices: { input_usd_per_mtok: 2, output_usd_per_mtok: 10 } },
    })
    const usage = { model: 'm-1', input_tokens: 100, output_tokens: 20, cost_usd: 0.0004 }
    assert.deepEqual(parts, [
      { kind: 'text', text: 'Good' },
      { kind: 'text', text: ' day' },
      { kind: 'text', text: '.' },
      { kind: 'end', usage },
    ])
    assert.deepEqual(used, [usage])
    const [request] = server.requests
    assert.equal(request?.path, '/v1/chat/completions')
    assert.equal(request?.headers.authorization, 'Bearer sk-test')
    assert.partialDeepStrictEqual(request?.body, {
      model: 'm-1',
      stream: true,
      temperature: 0.2,
      max_tokens: 50,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello, my secret is 4711.' },
      ],
    })
  })
  test('of another model than the one that was set up the prices are not known', async () => {
    const prices = { input_usd_per_mtok: 2, output_usd_per_mtok: 10 }
    const { parts } = await ask([says('Hi.')], { settings: { prices }, prompt: { model: 'm-2' } })
    assert.partialDeepStrictEqual(parts.at(-1), { usage: { model: 'm-2', cost_usd: null } })
  })
  test('without prices costs nobody knows what; without a key none is sent', async () => {
    const { parts } = await ask([says('x')], { settings: { api_key: null, base_url: `${server.base_url}/` } })
    assert.partialDeepStrictEqual(parts.at(-1), { usage: { cost_usd: null } })
    assert.equal(server.requests[0]?.headers.authorization, undefined)
    assert.equal(server.requests[0]?.path, '/v1/chat/completions')
  })
  test('may be tool calls, whose results go back under their ids', async () => {
    const tools = [
      { name: 'book', description: 'Books.', parameters: { type: 'object', properties: { day: { type: 'string' } } } },
    ]
    const calls = [
      { id: 'call_1', name: 'book', arguments: '{"day":"Monday"}' },
      { id: 'call_2', name: 'book', arguments: '{"day":"Friday"}' },
    ]
    const { parts } = await ask([{ kind: 'tool_calls', calls }], { prompt: { tools } })
    const asked = parts.flatMap(part => (part.kind === 'tool_call' ? [part.call] : []))
    assert.deepEqual(
      asked,
      calls.map(call => ({ ...call, arguments: JSON.parse(call.arguments) })),
    )
    assert.partialDeepStrictEqual(server.requests[0]?.body.tools, [{ type: 'function', function: { name: 'book' } }])
    server.requests.length = 0
    const messages = [
      ...PROMPT.messages,
      { role: 'assistant', content: '', tool_calls: asked },
      { role: 'tool', content: 'booked', tool_call_id: 'call_1' },
      { role: 'tool', content: 'full', tool_call_id: 'call_2' },
    ] as const
    assert.equal((await ask([says('Done.')], { prompt: { tools, messages } })).text, 'Done.')
    assert.partialDeepStrictEqual(server.requests[0]?.body.messages.slice(2), [
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', function: { name: 'book', arguments: '{"day":"Monday"}' } }, { id: 'call_2' }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'booked' },
      { role: 'tool', tool_call_id: 'call_2', content: 'full' },
    ])
  })
})

describe('a server that is busy', () => {
  test('is asked again after the time it names', async () => {
    const busy: ModelTurn = { kind: 'status', status: 429, headers: { 'retry-after': '7' } }
    assert.equal((await ask([busy, busy, says('Now.')])).text, 'Now.')
    assert.deepEqual(waits, [7000, 7000])
  })
  test('is asked again after a while, longer each time, with jitter, three times in all', async () => {
    const busy: ModelTurn = { kind: 'status', status: 503 }
    const { refusal, parts } = await ask([busy, busy, busy])
    assert.deepEqual([refusal?.code, refusal?.about, parts], ['model_overloaded', ['HTTP 503'], []])
    const [first = 0, second = 0] = waits
    assert.equal(waits.length, 2)
    assert.ok(first >= 250 && first < 750 && second >= 500 && second < 1500, `${waits}`)
  })
  test('that wants to be left alone for long is not waited for', async () => {
    const { refusal } = await ask([{ kind: 'status', status: 429, headers: { 'retry-after': '3600' } }])
    assert.equal(refusal?.code, 'model_overloaded')
    assert.deepEqual(waits, [])
  })
  test('or whose connection breaks before it answers is asked again', async () => {
    assert.equal((await ask([{ kind: 'hangup' }, says('Here.')])).text, 'Here.')
  })
})

const FAULTS: readonly (readonly [
  name: string,
  turns: readonly ModelTurn[],
  code: string,
  about?: readonly string[],
])[] = [
  ['a key that is refused', [{ kind: 'status', status: 401 }], 'model_refused', ['HTTP 401']],
  ['a key that may not', [{ kind: 'status', status: 403 }], 'model_refused', ['HTTP 403']],
  ['a model that is not there', [{ kind: 'status', status: 404 }], 'model_refused', ['HTTP 404']],
  [
    'a redirect, which nothing follows',
    [{ kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/' } }],
    'model_refused',
    ['HTTP 307'],
  ],
  ['a stream that breaks', [{ kind: 'breaks', pieces: ['Good', ' d'] }], 'model_broken_stream'],
  ['a stream that breaks before its first word', [{ kind: 'breaks', pieces: [] }], 'model_broken_stream'],
  ['a stream that just stops', [{ kind: 'stops', pieces: ['Good'] }], 'model_broken_stream'],
  ['a page', [{ kind: 'raw', type: 'text/html', body: '<html>Welcome</html>' }], 'model_broken_stream'],
  [
    'a stream of garbage',
    [{ kind: 'raw', type: 'text/event-stream', body: 'data: {"choi\n\ndata: 7\n\n' }],
    'model_broken_stream',
  ],
  [
    'an error in place of a piece',
    [{ kind: 'raw', type: 'text/event-stream', body: 'data: {"error":{"message":"boom","type":"x"}}\n\n' }],
    'model_broken_stream',
  ],
  ['a filter', [{ kind: 'text', pieces: ['x'], finish: 'content_filter' }], 'model_refused', ['its content filter']],
  [
    'an answer without end',
    [{ kind: 'raw', type: 'text/event-stream', body: `: ${'x'.repeat(17 * 1024 * 1024)}` }],
    'model_broken_stream',
  ],
]

describe('a fault is told for what it is:', () => {
  for (const [name, turns, code, about] of FAULTS)
    test(name, async () => {
      const { refusal, parts, error } = await ask(turns)
      assert.equal(refusal?.code, code, String(error))
      if (about) assert.deepEqual(refusal.about, about)
      assert.ok(
        parts.every(part => part.kind === 'text'),
        'no end',
      )
      assert.deepEqual(used, [])
    })
  test('nobody there', async () => {
    const unused = createServer()
    await new Promise<void>(resolve => unused.listen(0, '127.0.0.1', resolve))
    const { port } = unused.address() as { port: number }
    await new Promise(resolve => unused.close(resolve))
    const { refusal } = await ask([], { settings: { base_url: `http://127.0.0.1:${port}/v1` } })
    assert.equal(refusal?.code, 'model_unreachable')
    assert.equal(waits.length, 2)
  })
  test('no first word in time', async () => {
    const { refusal } = await ask([{ kind: 'silence' }], { timeouts: { first_ms: 30 } })
    assert.deepEqual([refusal?.code, refusal?.about], ['model_timeout', ['30 ms to the first word']])
  })
  test('no next word in time', async () => {
    const { refusal, text } = await ask([{ kind: 'stalls', pieces: ['Good'] }], { timeouts: { stall_ms: 30 } })
    assert.deepEqual([refusal?.code, refusal?.about, text], ['model_timeout', ['30 ms between words'], 'Good'])
  })
  test('no end in time', async () => {
    const { refusal } = await ask([{ kind: 'stalls', pieces: ['Good'] }], { timeouts: { whole_ms: 60 } })
    assert.deepEqual([refusal?.code, refusal?.about], ['model_timeout', ['60 ms in all']])
  })
})

test('whoever asked may go away: the server is told, and what is thrown is theirs', async () => {
  const over = new AbortController()
  server.turns.push({ kind: 'stalls', pieces: ['Good'] })
  const parts = modelOf().ask(PROMPT, over.signal)
  assert.deepEqual((await parts.next()).value, { kind: 'text', text: 'Good' })
  over.abort(new Error('gone'))
  await assert.rejects(parts.next(), /gone/)
  await assert.rejects(
    ask([], { signal: over.signal }).then(({ error }) => Promise.reject(error)),
    /gone/,
  )
  assert.equal(server.requests.length, 1)
})

test('whoever stops listening ends the answer', async () => {
  server.turns.push({ kind: 'stalls', pieces: ['Good'] })
  for await (const part of modelOf().ask(PROMPT, new AbortController().signal)) {
    assert.equal(part.kind, 'text')
    break
  }
  const [request] = server.requests
  for (let turn = 0; turn < 1000 && !request?.gone; turn++) await new Promise(setImmediate)
  assert.ok(request?.gone)
})

test('no line of the log has a prompt or a key in it', () => {
  const text = JSON.stringify(log.lines)
  assert.ok(log.lines.length > 0)
  assert.doesNotMatch(text, /4711|sk-test|Be brief/)
})
