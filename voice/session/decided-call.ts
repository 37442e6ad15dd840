/** Does what was decided about a call: refuses it, sends it elsewhere, speaks a message, or starts its version. */
import type { RoutedCall } from '#app/ports.ts'
import type { ConversationStatus } from '#core/conversation.ts'
import type { RouteForward, RouteMessage, RouteRefusal } from '#core/route-decision.ts'
import type { VersionScript } from '#core/routing-table.ts'
import { type Arrival, RETRY_AFTER, recordOpened, recordUnanswered } from '#voice/session/arrival.ts'
import { startBridge } from '#voice/session/bridge-call.ts'
import { forwardContact } from '#voice/session/forward-target.ts'
import { type CallServices, type LiveCall, startCall } from '#voice/session/live-call.ts'
import type { ServerCall } from '#voice/sip/user-agent-types.ts'

/** Reached, but nobody there or no way to talk: nobody answered. Everything else went wrong. */
const statusOf = (sip_status: RouteRefusal['sip_status']): ConversationStatus =>
  sip_status === 480 || sip_status === 488 ? 'unanswered' : 'failed'

const headersOf = (
  call: ServerCall,
  { sip_status, reason }: RouteRefusal,
  { challenges }: CallServices,
): readonly (readonly [string, string])[] => {
  if (sip_status === 503) return [RETRY_AFTER]
  if (sip_status !== 401) return []
  return challenges(call.source, reason === 'credentials_stale').map(value => ['WWW-Authenticate', value] as const)
}

const refuse = (arrival: Arrival, routed: RoutedCall, refusal: RouteRefusal, services: CallServices): void => {
  const { call, id } = arrival
  const { sip_status, reason } = refusal
  call.refuse(sip_status, { headers: headersOf(call, refusal, services), once: sip_status === 403 })
  // Every authenticated call begins so.
  if (reason === 'credentials_missing') return
  services.log.info({ call: id, sip_status, reason, source: call.source.address }, 'call refused')
  if (routed.decision.organization_id === null) return
  recordUnanswered(arrival, routed, { status: statusOf(sip_status), reason }, services)
}

/** 302 (RFC 3261 21.3.3): the caller's side places the call. */
const redirect = (arrival: Arrival, routed: RoutedCall, forward: RouteForward, services: CallServices): void => {
  const { call, id } = arrival
  const contact = forwardContact(forward.target, services.desk.outbound(forward.trunk_id), call.source)
  if (contact === null) {
    call.refuse(480)
    services.log.warn({ call: id, reason: 'forward_malformed' }, 'call refused')
    recordUnanswered(arrival, routed, { status: 'failed', reason: 'forward_malformed' }, services)
    return
  }
  call.refuse(302, { headers: [['Contact', contact]] })
  services.log.info({ call: id, sip_status: 302, reason: 'forwarded' }, 'call redirected')
  recordUnanswered(arrival, routed, { status: 'transferred', reason: 'forwarded' }, services)
}

const messageScript = ({ text }: RouteMessage): VersionScript => ({
  starting_message: text,
  variables: {},
  voice: 'slt',
  silence_timeout_seconds: 30,
  max_duration_seconds: 900,
})

/** What goes on; null: nothing, it is over. */
export const carryOutDecision = (arrival: Arrival, routed: RoutedCall, services: CallServices): LiveCall | null => {
  const { call, id, offer } = arrival
  const { outcome } = routed.decision
  switch (outcome.kind) {
    case 'refuse':
      refuse(arrival, routed, outcome, services)
      return null
    case 'forward':
      if (outcome.mode === 'bridge') return startBridge(arrival, routed, outcome, services)
      redirect(arrival, routed, outcome, services)
      return null
    case 'answer':
    case 'message': {
      const script = outcome.kind === 'answer' ? routed.script : messageScript(outcome)
      if (script === null) {
        refuse(arrival, routed, { kind: 'refuse', sip_status: 480, reason: 'version_not_published' }, services)
        return null
      }
      if (!arrival.rings) call.ringing()
      recordOpened(arrival, routed, services)
      const answer = outcome.kind === 'answer' ? outcome : null
      return startCall({ call, id, offer, codec: outcome.codec, script, answer }, services)
    }
  }
}
