import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTerminal } from '#core/conversation.ts'
import type { VersionScript } from '#core/routing-table.ts'
import { advance, type CallEvent, type CallOutput, type CallState, newCall } from '#voice/session/call-state.ts'

const SCRIPT: VersionScript = {
  starting_message: 'Hello',
  variables: {},
  voice: 'slt',
  silence_timeout_seconds: 30,
  max_duration_seconds: 600,
}
const MUTE: VersionScript = { ...SCRIPT, starting_message: null }

/** One word for an output. */
const word = (output: CallOutput): string => {
  switch (output.kind) {
    case 'set_timer':
      return `+${output.timer}`
    case 'clear_timer':
      return `-${output.timer}`
    case 'report_item':
      return `${output.item.who}:${output.item.text}${output.item.interrupted ? '(cut)' : ''}@${output.item.at_ms}`
    case 'close':
      return `${output.status}:${output.reason}`
    case 'refuse':
      return `refuse ${output.sip_status}`
    default:
      return output.kind
  }
}

const EVENTS: Readonly<Record<string, CallEvent>> = {
  media: { kind: 'media_opened' },
  no_media: { kind: 'media_failed' },
  media_lost: { kind: 'media_lost' },
  ack: { kind: 'confirmed' },
  bad_answer: { kind: 'media_refused' },
  ready: { kind: 'greeting_ready' },
  unsaid: { kind: 'greeting_failed' },
  played: { kind: 'played' },
  speaks: { kind: 'activity', speaking: true },
  stops: { kind: 'activity', speaking: false },
  key1: { kind: 'dtmf', digit: '1' },
  key2: { kind: 'dtmf', digit: '2' },
  hold: { kind: 'held', held: true },
  resume: { kind: 'held', held: false },
  silence: { kind: 'timer', timer: 'silence' },
  duration: { kind: 'timer', timer: 'duration' },
  digits: { kind: 'timer', timer: 'digits' },
  farewell: { kind: 'timer', timer: 'farewell' },
  cancel: { kind: 'cancelled' },
  bye: { kind: 'ended', reason: 'remote_bye' },
  no_ack: { kind: 'ended', reason: 'no_ack' },
  broken: { kind: 'ended', reason: 'transport_error' },
  stop: { kind: 'shut_down' },
}

const CLEAR = '-silence -duration -digits -farewell'

/** A story a row: what happens, one event a second, and what is done about each; an empty cell does nothing. */
const STORIES: readonly [string, VersionScript, readonly (readonly [event: string, outputs: string])[]][] = [
  [
    'the usual call',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ready', ''],
      ['ack', 'play_greeting'],
      ['played', 'agent:Hello@3000 +silence'],
      ['bye', `${CLEAR} completed:caller_hung_up`],
    ],
  ],
  [
    'a greeting that is ready before media',
    SCRIPT,
    [
      ['ready', ''],
      ['media', 'answer report_answered +duration'],
      ['ack', 'play_greeting'],
    ],
  ],
  [
    'a greeting that comes late',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', ''],
      ['ready', 'play_greeting'],
      ['played', 'agent:Hello@3000 +silence'],
    ],
  ],
  [
    'a greeting that fails: the silence of the line counts',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', ''],
      ['unsaid', '+silence'],
      ['silence', `hang_up ${CLEAR} completed:silence_timeout`],
    ],
  ],
  [
    'a greeting that fails before the ACK',
    SCRIPT,
    [
      ['unsaid', ''],
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
    ],
  ],
  [
    'nothing to say',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['speaks', '-silence'],
      ['stops', '+silence'],
      ['silence', `hang_up ${CLEAR} completed:silence_timeout`],
    ],
  ],
  [
    'hung up during the greeting',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ready', ''],
      ['ack', 'play_greeting'],
      ['bye', `${CLEAR} agent:Hello(cut)@3000 completed:caller_hung_up`],
    ],
  ],
  [
    'the caller talks over the greeting',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ready', ''],
      ['ack', 'play_greeting'],
      ['speaks', ''],
      ['played', 'agent:Hello@3000'],
      ['stops', '+silence'],
    ],
  ],
  [
    'keys make runs',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['key1', '+digits +silence'],
      ['key2', '+digits +silence'],
      ['digits', 'user:12@3000'],
      ['key1', '+digits +silence'],
      ['bye', `${CLEAR} user:1@6000 completed:caller_hung_up`],
    ],
  ],
  [
    'hold stops the clock of silence',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['hold', '-silence'],
      ['stops', ''],
      ['resume', '+silence'],
    ],
  ],
  [
    'the longest call',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['speaks', '-silence'],
      ['duration', `hang_up ${CLEAR} completed:max_duration`],
      ['bye', ''],
      ['key1', ''],
    ],
  ],
  [
    'cancelled while ringing',
    SCRIPT,
    [
      ['ready', ''],
      ['cancel', `${CLEAR} cancelled:cancelled`],
      ['media', ''],
      ['ack', ''],
    ],
  ],
  [
    'no port',
    SCRIPT,
    [
      ['no_media', `refuse 503 ${CLEAR} failed:no_media_port`],
      ['ready', ''],
    ],
  ],
  [
    'no ACK',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['no_ack', `${CLEAR} failed:no_ack`],
    ],
  ],
  [
    'a repeated ACK (re-INVITE) greets nobody again',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ready', ''],
      ['ack', 'play_greeting'],
      ['ack', ''],
      ['played', 'agent:Hello@3000 +silence'],
      ['ack', ''],
    ],
  ],
  [
    'an answer to our offer that we cannot use',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['bad_answer', `hang_up ${CLEAR} failed:no_common_codec`],
      ['ack', ''],
    ],
  ],
  [
    'the connection breaks',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['broken', `${CLEAR} failed:transport_error`],
    ],
  ],
  ['the caller gives up with a BYE while it rings', SCRIPT, [['bye', `${CLEAR} cancelled:cancelled`]]],
  ['the process stops while it rings', SCRIPT, [['stop', `refuse 503 ${CLEAR} failed:shut_down`]]],
  [
    'the process stops during a call',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['stop', `hang_up ${CLEAR} failed:shut_down`],
    ],
  ],
  ['the thread of its sound dies while it rings', MUTE, [['media_lost', `refuse 503 ${CLEAR} failed:media_lost`]]],
  [
    'the thread of its sound dies during a call',
    MUTE,
    [
      ['media', 'answer report_answered +duration'],
      ['ack', '+silence'],
      ['media_lost', `hang_up ${CLEAR} failed:media_lost`],
    ],
  ],
]

/** Messages that nobody's version speaks. */
const FAREWELLS: typeof STORIES = [
  [
    'a message: said, then hung up',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ready', ''],
      ['ack', 'play_greeting'],
      ['played', 'agent:Hello@3000 +farewell'],
      ['key1', '+digits'],
      ['farewell', `hang_up ${CLEAR} user:1@5000 completed:message_spoken`],
    ],
  ],
  [
    'a message that cannot be said: known before the answer',
    SCRIPT,
    [['unsaid', `refuse 480 ${CLEAR} failed:message_not_spoken`]],
  ],
  [
    'a message that cannot be said: known after it',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['unsaid', `hang_up ${CLEAR} failed:message_not_spoken`],
    ],
  ],
  [
    'a message that is cut off',
    SCRIPT,
    [
      ['media', 'answer report_answered +duration'],
      ['ready', ''],
      ['ack', 'play_greeting'],
      ['bye', `${CLEAR} agent:Hello(cut)@3000 completed:caller_hung_up`],
    ],
  ],
]

for (const [name, script, rows] of [...STORIES, ...FAREWELLS]) {
  test(`call: ${name}`, () => {
    let state: CallState = newCall(
      script,
      FAREWELLS.some(([farewell]) => farewell === name),
    )
    for (const [i, [event, outputs]] of rows.entries()) {
      const happened = EVENTS[event]
      assert.ok(happened, event)
      const step = advance(state, happened, (i + 1) * 1000)
      state = step.state
      assert.equal(step.outputs.map(word).join(' '), outputs, `row ${i + 1}: ${event}`)
    }
  })
}

test('sixty-four keys are one item, and the next begins another', () => {
  let state: CallState = newCall(MUTE)
  const items: CallOutput[] = []
  for (const [i, event] of ['media', 'ack', ...Array.from({ length: 65 }, () => 'key1'), 'digits'].entries()) {
    const happened = EVENTS[event]
    assert.ok(happened)
    const step = advance(state, happened, i * 1000)
    state = step.state
    items.push(...step.outputs.filter(output => output.kind === 'report_item'))
  }
  assert.deepEqual(items.map(word), [`user:${'1'.repeat(64)}@2000`, 'user:1@66000'])
})

test('whatever happens: closed at most once, last, in a terminal state; nothing after it; answered at most once', () => {
  const names = fc.constantFrom(...Object.keys(EVENTS))
  fc.assert(
    fc.property(fc.array(names, { maxLength: 40 }), fc.boolean(), fc.boolean(), (happenings, mute, farewell) => {
      let state: CallState = newCall(mute ? MUTE : SCRIPT, farewell)
      const done: CallOutput[] = []
      const running = new Set<string>()
      for (const [i, name] of happenings.entries()) {
        const event = EVENTS[name]
        // Media is opened once, or fails once; a timer fires only while it runs.
        if (event === undefined || (/^media_(opened|failed)$/.test(event.kind) && state.phase !== 'ringing')) continue
        if (event.kind === 'timer' && !running.delete(event.timer)) continue
        const step = advance(state, event, i * 1000)
        state = step.state
        done.push(...step.outputs)
        for (const output of step.outputs) {
          if (output.kind === 'set_timer') running.add(output.timer)
          if (output.kind === 'clear_timer') running.delete(output.timer)
        }
      }
      const closings = done.filter(output => output.kind === 'close')
      assert.ok(closings.length <= 1)
      assert.equal(closings.length === 1, state.phase === 'over')
      assert.ok(done.filter(output => output.kind === 'report_answered').length <= 1)
      if (state.phase === 'over') {
        assert.equal(done.at(-1)?.kind, 'close')
        assert.deepEqual([...running], [])
      }
      for (const closing of closings) assert.ok(isTerminal(closing.status))
    }),
  )
})
