/** Every INVITE comes here: who answers is asked first, and nothing happens before that is known. */
import { parseSdp } from '#voice/sdp.ts'
import type { Arrival } from '#voice/session/arrival.ts'
import { carryOutDecision } from '#voice/session/decided-call.ts'
import { incomingCall } from '#voice/session/incoming-call.ts'
import type { CallServices, LiveCall } from '#voice/session/live-call.ts'
import { awaitDecision } from '#voice/session/waiting-call.ts'
import type { ServerCall, ServerCallEvents } from '#voice/sip/user-agent-types.ts'

/** What a refused caller still does to us: nothing. */
const REFUSED: ServerCallEvents = {
  cancelled: () => {},
  confirmed: () => {},
  reoffer: () => ({ status: 488 }),
  dtmf: () => {},
  ended: () => {},
}

/** Refuses the call or sends it elsewhere (null), or starts it. */
export const takeCall = (
  call: ServerCall,
  services: CallServices,
): { readonly events: ServerCallEvents; readonly live: LiveCall | null } => {
  const { desk, clock } = services
  const offer = call.offer === null ? null : parseSdp(call.offer)
  const incoming = incomingCall(call, offer)
  const routed = desk.route(incoming)
  const arrival: Arrival = { call, incoming, offer, id: desk.new_id(), at_ms: clock.now_ms(), rings: false }
  const live =
    routed.kind === 'asking' ? awaitDecision(arrival, routed, services) : carryOutDecision(arrival, routed, services)
  return { events: live?.events ?? REFUSED, live }
}
