/** A call whose webhook is being asked: the caller hears it ring, and may hang up at any moment. */
import type { AskingCall, RoutedCall } from '#app/ports.ts'
import type { ConversationStatus } from '#core/conversation.ts'
import { type Arrival, RETRY_AFTER, recordUnanswered } from '#voice/session/arrival.ts'
import { carryOutDecision } from '#voice/session/decided-call.ts'
import type { CallServices, LiveCall } from '#voice/session/live-call.ts'

export const awaitDecision = (arrival: Arrival, asking: AskingCall, services: CallServices): LiveCall => {
  const { call, id } = arrival
  let waits = true
  let decided: LiveCall | null = null
  const recorded = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()

  const giveUp = (status: ConversationStatus, reason: string): void => {
    if (!waits) return
    waits = false
    recordUnanswered(arrival, asking.give_up(), { status, reason }, services)
    services.log.info({ call: id, status, reason }, 'call ended while its webhook was asked')
    recorded.resolve()
    over.resolve()
  }
  const goOn = (routed: RoutedCall): void => {
    if (!waits) return
    waits = false
    try {
      decided = carryOutDecision({ ...arrival, rings: true }, routed, services)
    } catch (error) {
      // Nobody above catches it here: one call's fault must not be the thread's end.
      services.log.error({ call: id, err: String(error) }, 'a fault in a call whose webhook was asked')
      call.refuse(500)
      recordUnanswered(arrival, routed, { status: 'failed', reason: 'fault' }, services)
    }
    recorded.resolve(decided?.recorded)
    over.resolve(decided?.over)
  }
  void asking.routed.then(goOn)

  call.ringing()
  return {
    events: {
      cancelled: () => (waits ? giveUp('cancelled', 'cancelled') : decided?.events.cancelled()),
      confirmed: sdp => decided?.events.confirmed(sdp),
      reoffer: sdp => decided?.events.reoffer(sdp) ?? { status: 491 },
      dtmf: digit => decided?.events.dtmf(digit),
      ended: reason => {
        if (!waits) decided?.events.ended(reason)
        else if (reason === 'remote_bye') giveUp('cancelled', 'cancelled')
        else giveUp('failed', reason)
      },
    },
    shut_down: () => {
      if (waits) call.refuse(503, { headers: [RETRY_AFTER] })
      if (waits) giveUp('failed', 'shut_down')
      else decided?.shut_down()
    },
    recorded: recorded.promise,
    over: over.promise,
  }
}
