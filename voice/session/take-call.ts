/** Every INVITE comes here: who answers is asked first, and nothing happens before that is known. */
import type { CallDesk } from '#app/ports.ts'
import type { ConversationStatus } from '#core/conversation.ts'
import type { RouteRefusal } from '#core/route.ts'
import { parseSdp } from '#voice/sdp.ts'
import { incomingCall } from '#voice/session/incoming-call.ts'
import { type CallServices, type LiveCall, startCall } from '#voice/session/live-call.ts'
import type { ServerCall, ServerCallEvents } from '#voice/sip/user-agent-types.ts'

const RETRY_AFTER_SECONDS = '5'

/** What a refused caller still does to us: nothing. */
const REFUSED: ServerCallEvents = {
  cancelled: () => {},
  confirmed: () => {},
  reoffer: () => ({ status: 488 }),
  dtmf: () => {},
  ended: () => {},
}

/** Reached, but nobody there or no way to talk: nobody answered. Everything else went wrong. */
const statusOf = (sip_status: RouteRefusal['sip_status']): ConversationStatus =>
  sip_status === 480 || sip_status === 488 ? 'unanswered' : 'failed'

type Opening = Omit<Parameters<CallDesk['record']>[0] & { kind: 'opened' }, 'kind' | 'status'>

const headersOf = (
  call: ServerCall,
  { sip_status, reason }: RouteRefusal,
  { challenges }: CallServices,
): readonly (readonly [string, string])[] => {
  if (sip_status === 503) return [['Retry-After', RETRY_AFTER_SECONDS]]
  if (sip_status !== 401) return []
  return challenges(call.source, reason === 'credentials_stale').map(value => ['WWW-Authenticate', value] as const)
}

const refuse = (call: ServerCall, opening: Opening, refusal: RouteRefusal, services: CallServices): void => {
  const { sip_status, reason } = refusal
  call.refuse(sip_status, { headers: headersOf(call, refusal, services), once: sip_status === 403 })
  // Every authenticated call begins so.
  if (reason === 'credentials_missing') return
  services.log.info({ call: opening.id, sip_status, reason, source: call.source.address }, 'call refused')
  if (opening.decision.organization_id === null) return
  services.desk.record({ kind: 'opened', ...opening, status: 'ringing' })
  services.desk.record({
    kind: 'closed',
    id: opening.id,
    at_ms: services.clock.now_ms(),
    status: statusOf(sip_status),
    reason,
    media: null,
  })
}

/** Refuses the call, or starts it. null: refused. */
export const takeCall = (
  call: ServerCall,
  services: CallServices,
): { readonly events: ServerCallEvents; readonly live: LiveCall | null } => {
  const offer = call.offer === null ? null : parseSdp(call.offer)
  const incoming = incomingCall(call, offer)
  const { decision, decided_in_us } = services.desk.route(incoming)
  const at_ms = services.clock.now_ms()
  const opening = { id: services.desk.new_id(), at_ms, call: incoming, decision, decided_in_us }
  const { outcome } = decision
  if (outcome.kind === 'refuse') {
    refuse(call, opening, outcome, services)
    return { events: REFUSED, live: null }
  }
  const script = services.desk.script(outcome)
  if (script === null) {
    refuse(call, opening, { kind: 'refuse', sip_status: 480, reason: 'version_not_published' }, services)
    return { events: REFUSED, live: null }
  }
  call.ringing()
  services.desk.record({ kind: 'opened', ...opening, status: 'ringing' })
  const live = startCall({ call, id: opening.id, offer, answer: outcome, script }, services)
  return { events: live.events, live }
}
