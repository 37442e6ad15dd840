import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTerminal } from '#core/conversation.ts'
import {
  BRIDGE_LIMIT_MS,
  type BridgeEvent,
  type BridgeOutput,
  type BridgePhase,
  RING_LIMIT_MS,
  stepBridge,
} from '#voice/session/bridge-state.ts'

/** One word for an output. */
const word = (output: BridgeOutput): string => {
  switch (output.kind) {
    case 'set_timer':
      return `+${output.timer} ${output.after_ms}`
    case 'clear_timer':
      return `-${output.timer}`
    case 'close':
      return `${output.status}:${output.reason}`
    case 'refuse':
      return `refuse ${output.sip_status}`
    default:
      return output.kind
  }
}

const refused = (status: number): BridgeEvent => ({ kind: 'target_refused', status })

const EVENTS = {
  way: { kind: 'way_found' },
  no_way: { kind: 'no_way', reason: 'forward_address_denied' },
  rings: { kind: 'target_rings' },
  picks_up: { kind: 'target_answered', sdp: 'v=0' },
  picks_up_without_sdp: { kind: 'target_answered', sdp: '' },
  busy: refused(486),
  busy_everywhere: refused(600),
  declined: refused(603),
  no_codec: refused(488),
  unknown_there: refused(404),
  too_late: refused(408),
  away: refused(480),
  broken_there: refused(500),
  target_bye: { kind: 'target_ended', reason: 'remote_bye' },
  target_lost: { kind: 'target_ended', reason: 'transport_error' },
  cancel: { kind: 'cancelled' },
  caller_bye: { kind: 'caller_ended', reason: 'remote_bye' },
  caller_lost: { kind: 'caller_ended', reason: 'transport_error' },
  no_ack: { kind: 'caller_ended', reason: 'no_ack' },
  ring_limit: { kind: 'timer', timer: 'ring' },
  limit: { kind: 'timer', timer: 'duration' },
  stop: { kind: 'shut_down' },
} as const satisfies Readonly<Record<string, BridgeEvent>>
type Name = keyof typeof EVENTS

const PLACED = `+ring ${RING_LIMIT_MS} place`
const JOINED = `answer report_answered -ring +duration ${BRIDGE_LIMIT_MS}`
const DONE = '-ring -duration'

/** What happens, and what is done about the last of it. */
const TABLE: readonly (readonly [happens: readonly Name[], deeds: string])[] = [
  [['way'], PLACED],
  [['no_way'], `refuse 480 ${DONE} failed:forward_address_denied`],
  [['cancel'], `${DONE} cancelled:cancelled`],
  [['cancel', 'way'], ''],
  [['caller_bye'], `${DONE} cancelled:cancelled`],
  [['stop'], `refuse 503 ${DONE} failed:shut_down`],
  [['way', 'rings'], 'ring'],
  [['way', 'rings', 'picks_up'], JOINED],
  [['way', 'picks_up'], JOINED],
  [['way', 'picks_up_without_sdp'], `refuse 480 hang_up_target ${DONE} failed:forward_failed`],
  [['way', 'busy'], `refuse 486 ${DONE} unanswered:forward_busy`],
  [['way', 'busy_everywhere'], `refuse 486 ${DONE} unanswered:forward_busy`],
  [['way', 'declined'], `refuse 603 ${DONE} unanswered:forward_declined`],
  [['way', 'no_codec'], `refuse 488 ${DONE} unanswered:forward_no_common_codec`],
  [['way', 'unknown_there'], `refuse 480 ${DONE} failed:forward_failed`],
  [['way', 'too_late'], `refuse 480 ${DONE} unanswered:forward_unanswered`],
  [['way', 'rings', 'away'], `refuse 480 ${DONE} unanswered:forward_unanswered`],
  [['way', 'broken_there'], `refuse 480 ${DONE} failed:forward_failed`],
  [['way', 'rings', 'ring_limit'], `refuse 480 hang_up_target ${DONE} unanswered:forward_unanswered`],
  [['way', 'rings', 'cancel'], `hang_up_target ${DONE} cancelled:cancelled`],
  [['way', 'rings', 'caller_bye'], `hang_up_target ${DONE} cancelled:cancelled`],
  [['way', 'rings', 'caller_lost'], `hang_up_target ${DONE} failed:transport_error`],
  [['way', 'rings', 'stop'], `refuse 503 hang_up_target ${DONE} failed:shut_down`],
  [['way', 'rings', 'cancel', 'picks_up'], ''],
  [['way', 'picks_up', 'caller_bye'], `hang_up_target ${DONE} transferred:forwarded`],
  [['way', 'picks_up', 'target_bye'], `hang_up_caller ${DONE} transferred:forwarded`],
  [['way', 'picks_up', 'target_bye', 'caller_bye'], ''],
  [['way', 'picks_up', 'no_ack'], `hang_up_target ${DONE} failed:no_ack`],
  [['way', 'picks_up', 'caller_lost'], `hang_up_target ${DONE} failed:transport_error`],
  [['way', 'picks_up', 'target_lost'], `hang_up_caller ${DONE} failed:transport_error`],
  [['way', 'picks_up', 'limit'], `hang_up_caller hang_up_target ${DONE} transferred:max_duration`],
  [['way', 'picks_up', 'stop'], `hang_up_caller hang_up_target ${DONE} failed:shut_down`],
  [['way', 'picks_up', 'rings'], ''],
]

for (const [happens, deeds] of TABLE)
  test(`bridge: ${happens.join(', ')}`, () => {
    let phase: BridgePhase = 'placing'
    let done = ''
    for (const name of happens) {
      const [next, ...outputs] = stepBridge(phase, EVENTS[name])
      phase = next
      done = outputs.map(word).join(' ')
    }
    assert.equal(done, deeds)
  })

test('whatever happens: closed at most once, last, in a terminal state; each end is let go; no timer is left', () => {
  const names = fc.constantFrom(...(Object.keys(EVENTS) as Name[]))
  fc.assert(
    fc.property(fc.array(names, { maxLength: 12 }), happens => {
      let phase: BridgePhase = 'placing'
      const done: BridgeOutput[] = []
      const running = new Set<string>()
      for (const name of happens) {
        const event: BridgeEvent = EVENTS[name]
        if (event.kind === 'timer' && !running.delete(event.timer)) continue
        const [next, ...outputs] = stepBridge(phase, event)
        phase = next
        done.push(...outputs)
        for (const output of outputs) {
          if (output.kind === 'set_timer') running.add(output.timer)
          if (output.kind === 'clear_timer') running.delete(output.timer)
        }
      }
      const count = (kind: BridgeOutput['kind']): number => done.filter(output => output.kind === kind).length
      assert.equal(count('close'), phase === 'over' ? 1 : 0)
      for (const kind of ['place', 'answer', 'refuse', 'hang_up_caller', 'hang_up_target'] as const)
        assert.ok(count(kind) <= 1, kind)
      assert.ok(count('answer') + count('refuse') <= 1)
      if (phase !== 'over') return
      const last = done.at(-1)
      assert.ok(last?.kind === 'close' && isTerminal(last.status))
      assert.deepEqual([...running], [])
    }),
  )
})
