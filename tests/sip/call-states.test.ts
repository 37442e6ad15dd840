/** The calls on top of the transactions, a row a rule. What is not in a table changes nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from '#tests/sip/table.ts'
import { type ClientCallEvent, type ClientCallState, stepClientCall } from '#voice/sip/client-call-state.ts'
import { newPendingSuccess, repeatSuccess } from '#voice/sip/pending-success.ts'
import { type ServerCallEvent, type ServerCallState, stepServerCall } from '#voice/sip/server-call-state.ts'
import { rfc3261_timers } from '#voice/sip/timers.ts'

function testTable(
  title: string,
  table: string,
  states: readonly string[],
  events: readonly string[],
  step: (state: string, event: string) => readonly string[],
) {
  const listed = new Set<string>()
  for (const [from = '', event = '', to = '', outputs = ''] of rowsOf(table)) {
    listed.add(`${from} ${event}`)
    test(`${title}: ${from} + ${event} → ${to}`, () => {
      assert.deepEqual(step(from, event).join(' '), [to, ...(outputs === '' ? [] : [outputs])].join(' '))
    })
  }
  test(`${title}: all else changes nothing`, () => {
    for (const state of states)
      for (const event of events)
        if (!listed.has(`${state} ${event}`)) assert.deepEqual(step(state, event), [state], `${state} + ${event}`)
  })
}

testTable(
  'called',
  `
  incoming          | ring            | ringing           | send_180
  incoming          | answer          | answered          | send_200
  incoming          | refuse          | over              | send_refusal
  incoming          | hang_up         | over              | send_480 ended_local_bye
  incoming          | cancel          | over              | send_487 tell_cancelled
  incoming          | bye             | over              | send_487 ended_remote_bye
  incoming          | transport_error | over              | ended_transport_error
  ringing           | ring            | ringing           | send_180
  ringing           | answer          | answered          | send_200
  ringing           | refuse          | over              | send_refusal
  ringing           | hang_up         | over              | send_480 ended_local_bye
  ringing           | cancel          | over              | send_487 tell_cancelled
  ringing           | bye             | over              | send_487 ended_remote_bye
  ringing           | transport_error | over              | ended_transport_error
  answered          | ack             | confirmed         | tell_confirmed
  answered          | hang_up         | answered_unwanted |
  answered          | no_ack          | over              | send_bye ended_no_ack
  answered          | bye             | over              | ended_remote_bye
  answered          | transport_error | over              | ended_transport_error
  answered_unwanted | ack             | ending            | send_bye
  answered_unwanted | no_ack          | over              | send_bye ended_no_ack
  answered_unwanted | bye             | over              | ended_local_bye
  answered_unwanted | transport_error | over              | ended_transport_error
  confirmed         | hang_up         | ending            | send_bye
  confirmed         | no_ack          | over              | send_bye ended_no_ack
  confirmed         | bye             | over              | ended_remote_bye
  ending            | bye             | over              | ended_local_bye
  ending            | bye_done        | over              | ended_local_bye
  ending            | transport_error | over              | ended_transport_error
  `,
  ['incoming', 'ringing', 'answered', 'answered_unwanted', 'confirmed', 'ending', 'over'],
  ['ring', 'answer', 'refuse', 'hang_up', 'cancel', 'ack', 'no_ack', 'bye', 'bye_done', 'transport_error'],
  (state, event) => stepServerCall(state as ServerCallState, event as ServerCallEvent),
)

testTable(
  'calling',
  `
  calling    | provisional     | proceeding | tell_progress
  calling    | success         | answered   | send_ack tell_answered
  calling    | unusable        | over       | failed_500
  calling    | failure         | over       | tell_failure
  calling    | challenge       | calling    | send_again
  calling    | timeout         | over       | failed_408
  calling    | transport_error | over       | failed_503
  calling    | hang_up         | unwanted   |
  unwanted   | provisional     | cancelling | send_cancel
  unwanted   | success         | ending     | send_ack send_bye
  unwanted   | unusable        | over       | failed_500
  unwanted   | failure         | over       | tell_failure
  unwanted   | challenge       | over       | tell_failure
  unwanted   | timeout         | over       | failed_408
  unwanted   | transport_error | over       | failed_503
  proceeding | provisional     | proceeding | tell_progress
  proceeding | success         | answered   | send_ack tell_answered
  proceeding | unusable        | over       | failed_500
  proceeding | failure         | over       | tell_failure
  proceeding | challenge       | calling    | send_again
  proceeding | timeout         | over       | failed_408
  proceeding | transport_error | over       | failed_503
  proceeding | hang_up         | cancelling | send_cancel
  cancelling | success         | ending     | send_ack send_bye
  cancelling | unusable        | over       | failed_500
  cancelling | failure         | over       | tell_failure
  cancelling | challenge       | over       | tell_failure
  cancelling | timeout         | over       | failed_408
  cancelling | transport_error | over       | failed_503
  cancelling | cancel_timeout  | over       | failed_487
  answered   | success         | answered   | send_ack
  answered   | hang_up         | ending     | send_bye
  answered   | bye             | over       | ended_remote_bye
  ending     | success         | ending     | send_ack
  ending     | bye             | over       | ended_local_bye
  ending     | bye_done        | over       | ended_local_bye
  ending     | transport_error | over       | ended_transport_error
  over       | success         | over       | send_ack
  `,
  ['calling', 'unwanted', 'proceeding', 'cancelling', 'answered', 'ending', 'over'],
  [
    'provisional',
    'success',
    'unusable',
    'failure',
    'challenge',
    'timeout',
    'transport_error',
    'hang_up',
    'cancel_timeout',
    'bye',
    'bye_done',
  ],
  (state, event) => stepClientCall(state as ClientCallState, event as ClientCallEvent),
)

test('a 2xx is repeated after 0.5, 1, 2, 4, 4 … seconds and given up after 32', () => {
  const at: number[] = []
  let pending = newPendingSuccess(rfc3261_timers)
  while (true) {
    const next = repeatSuccess(pending, rfc3261_timers)
    if (next === null) break
    at.push(next.waited_ms)
    pending = next
  }
  assert.deepEqual(at, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  assert.equal(pending.waited_ms + pending.resend_ms, 32_000)
})
