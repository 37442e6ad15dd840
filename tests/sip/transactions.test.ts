/** RFC 3261 figures 5 to 8 with RFC 6026, a row a rule. T1 500 ms, T2 4 s, T4 5 s. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testMachine } from '#tests/sip/table.ts'
import { type ClientInviteState, new_client_invite, stepClientInvite } from '#voice/sip/client-invite-transaction.ts'
import { type ClientState, new_client, stepClient } from '#voice/sip/client-transaction.ts'
import { new_server_invite, type ServerInviteState, stepServerInvite } from '#voice/sip/server-invite-transaction.ts'
import { new_server, type ServerState, stepServer } from '#voice/sip/server-transaction.ts'
import { rfc3261_timers } from '#voice/sip/timers.ts'
import type { Conditions, Step, TransactionEvent } from '#voice/sip/transaction.ts'

const udp: Conditions = { ...rfc3261_timers, reliable: false }
const tcp: Conditions = { ...rfc3261_timers, reliable: true }

const serverInvite = (name: string, resend_ms: number) => ({ name, resend_ms }) as ServerInviteState
testMachine(
  'server INVITE, UDP',
  `
  proceeding     | request         | proceeding     | resend
  proceeding     | provisional     | proceeding     | send
  proceeding     | success         | accepted       | send, L=32000
  proceeding     | failure         | completed@500  | send, G=500, H=32000
  proceeding     | ack             | proceeding     |
  proceeding     | transport_error | terminated     | tell_transport_error
  completed@500  | request         | completed@500  | resend
  completed@500  | timer G         | completed@1000 | resend, G=1000
  completed@2000 | timer G         | completed@4000 | resend, G=4000
  completed@4000 | timer G         | completed@4000 | resend, G=4000
  completed@500  | ack             | confirmed      | stop G, stop H, I=5000
  completed@4000 | timer H         | terminated     | tell_timeout
  completed@500  | success         | completed@500  |
  completed@500  | failure         | completed@500  |
  confirmed      | request         | confirmed      |
  confirmed      | ack             | confirmed      |
  confirmed      | timer I         | terminated     |
  accepted       | request         | accepted       |
  accepted       | ack             | accepted       | tell
  accepted       | success         | accepted       | send
  accepted       | failure         | accepted       |
  accepted       | timer L         | terminated     |
  accepted       | transport_error | terminated     | tell_transport_error
  terminated     | request         | terminated     |
  `,
  serverInvite,
  (state, event) => stepServerInvite(state, event, udp),
)
testMachine(
  'server INVITE, TCP',
  `
  proceeding | failure | completed@500 | send, H=32000
  completed  | ack     | terminated    | stop H
  `,
  serverInvite,
  (state, event) => stepServerInvite(state, event, tcp),
)

const server = (name: string) => ({ name }) as ServerState
testMachine(
  'server, UDP',
  `
  trying     | request         | trying     |
  trying     | provisional     | proceeding | send
  trying     | success         | completed  | send, J=32000
  trying     | failure         | completed  | send, J=32000
  proceeding | request         | proceeding | resend
  proceeding | provisional     | proceeding | send
  proceeding | failure         | completed  | send, J=32000
  completed  | request         | completed  | resend
  completed  | success         | completed  |
  completed  | timer J         | terminated |
  completed  | transport_error | terminated | tell_transport_error
  `,
  server,
  (state, event) => stepServer(state, event, udp),
)
testMachine('server, TCP', 'trying | success | terminated | send', server, (state, event) =>
  stepServer(state, event, tcp),
)

const clientInvite = (name: string, resend_ms: number) => ({ name, resend_ms }) as ClientInviteState
testMachine(
  'client INVITE, UDP',
  `
  calling      | start           | calling@500  | send, A=500, B=32000
  calling@500  | timer A         | calling@1000 | resend, A=1000
  calling@8000 | timer A         | calling@16000 | resend, A=16000
  calling@500  | timer B         | terminated   | tell_timeout
  calling@500  | provisional     | proceeding   | stop A, stop B, tell
  calling@500  | success         | accepted     | stop A, stop B, tell, M=32000
  calling@500  | failure         | completed    | stop A, stop B, send_ack, tell, D=32000
  calling@500  | transport_error | terminated   | tell_transport_error
  proceeding   | provisional     | proceeding   | tell
  proceeding   | success         | accepted     | tell, M=32000
  proceeding   | failure         | completed    | send_ack, tell, D=32000
  proceeding   | timer A         | proceeding   |
  completed    | failure         | completed    | send_ack
  completed    | success         | completed    |
  completed    | timer D         | terminated   |
  accepted     | success         | accepted     | tell
  accepted     | failure         | accepted     |
  accepted     | timer M         | terminated   |
  `,
  clientInvite,
  (state, event) => stepClientInvite(state, event, udp),
)
testMachine(
  'client INVITE, TCP',
  `
  calling    | start   | calling    | send, B=32000
  proceeding | failure | terminated | send_ack, tell
  `,
  clientInvite,
  (state, event) => stepClientInvite(state, event, tcp),
)

const client = (name: string, resend_ms: number) => ({ name, resend_ms }) as ClientState
testMachine(
  'client, UDP',
  `
  trying          | start           | trying@500      | send, E=500, F=32000
  trying@500      | timer E         | trying@1000     | resend, E=1000
  trying@4000     | timer E         | trying@4000     | resend, E=4000
  trying@500      | timer F         | terminated      | tell_timeout
  trying@500      | provisional     | proceeding@500  | tell
  trying@500      | success         | completed       | tell, stop E, stop F, K=5000
  trying@500      | transport_error | terminated      | tell_transport_error
  proceeding@500  | timer E         | proceeding@4000 | resend, E=4000
  proceeding@500  | timer F         | terminated      | tell_timeout
  proceeding@4000 | failure         | completed       | tell, stop E, stop F, K=5000
  completed       | success         | completed       |
  completed       | timer K         | terminated      |
  `,
  client,
  (state, event) => stepClient(state, event, udp),
)
testMachine(
  'client, TCP',
  `
  trying | start   | trying     | send, F=32000
  trying | success | terminated | tell
  `,
  client,
  (state, event) => stepClient(state, event, tcp),
)

const plain = ['request', 'ack', 'provisional', 'success', 'failure', 'transport_error'] as const
const anyEvent: fc.Arbitrary<TransactionEvent> = fc.oneof(
  fc.constantFrom(...plain),
  fc.constantFrom('A', 'B', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M').map(timer => ({ timer }) as const),
)

/** Follows only timers that were set, as a shell would: whatever comes, the machine ends once nothing more arrives. */
function alwaysEnds<State extends { readonly name: string }>(
  start: State,
  step: (state: State, event: TransactionEvent) => Step<State>,
  first: TransactionEvent,
) {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), events => {
      const set = new Set<string>()
      let state = start
      const apply = (event: TransactionEvent) => {
        const before = state.name
        const stepped = step(state, event)
        state = stepped.state
        if (before === 'terminated') assert.deepEqual([state.name, ...stepped.outputs], ['terminated'])
        for (const output of stepped.outputs) {
          if (typeof output !== 'object') continue
          if ('set' in output) set.add(output.set)
          else set.delete(output.clear)
        }
      }
      apply(first)
      for (const event of events) if (typeof event === 'string' || set.delete(event.timer)) apply(event)
      for (let turns = 0; turns < 200 && state.name !== 'terminated' && set.size > 0; turns += 1) {
        // The last one set runs out last: retransmissions first, then the timer that gives up.
        for (const timer of [...set]) if (set.delete(timer)) apply({ timer } as TransactionEvent)
      }
      assert.ok(state.name === 'terminated' || state.name === 'proceeding', state.name)
    }),
  )
}

test('whatever arrives, a machine ends by its own timers, and then says nothing', () => {
  for (const conditions of [udp, tcp]) {
    alwaysEnds(new_server_invite, (state, event) => stepServerInvite(state, event, conditions), 'provisional')
    alwaysEnds(new_server, (state, event) => stepServer(state, event, conditions), 'provisional')
    alwaysEnds(new_client_invite, (state, event) => stepClientInvite(state, event, conditions), 'start')
    alwaysEnds(new_client, (state, event) => stepClient(state, event, conditions), 'start')
  }
})
