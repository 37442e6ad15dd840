/** How a decision explains itself: steps in the order they were taken, each with a reason from a closed list. */

/** Closed list: every way a candidate or a whole call can fall, and every way one is taken. */
export const ROUTE_REASONS = {
  source_accepted: 'a trunk accepts this source address',
  source_not_accepted: 'no trunk accepts this source address and transport',
  source_not_asked: 'nobody calls: this only shows who would answer',
  credentials_accepted: 'the caller proved the credentials of a trunk',
  credentials_missing: 'a trunk asks for credentials and none were sent',
  credentials_stale: 'the credentials answer a challenge that is too old, used up, or of somebody else',
  credentials_wrong: 'the credentials are those of no trunk that this source matches',
  credentials_blocked: 'this source has sent too many wrong credentials',
  draining: 'this process is shutting down and takes no new calls',
  number_found: 'the number belongs to an organization whose trunk accepted the call',
  number_unknown: 'no organization whose trunk accepted the call has this number',
  sip_endpoint_found: 'the agent is deployed as a SIP endpoint',
  sip_endpoint_unknown: 'no agent of an organization whose trunk accepted the call is deployed as a SIP endpoint here',
  schedule_open: 'the schedule of this number is open',
  schedule_closed: 'the schedule of this number is closed',
  schedule_unknown: 'the schedule of this number is not known here; it is taken as open',
  after_hours_agents: 'after hours these agents answer in place of the slot',
  after_hours_forward: 'after hours calls are forwarded',
  after_hours_message: 'after hours a message is spoken',
  after_hours_nobody: 'after hours nobody is named',
  slot_empty: 'this slot of the number is empty',
  agent_missing: 'the agent of this entry does not exist any more',
  agent_foreign: 'no agent of this organization has this id',
  agent_inactive: 'the agent is not active',
  version_not_published: 'the agent has no such published version',
  agent_failing: 'calls of this version have just failed again and again',
  engine_down: 'the media engine cannot take calls now',
  no_entry_available: 'nobody on the list can serve the call now',
  drawn: 'drawn by weight, among those that can serve now',
  alone: 'the only one that can serve now',
  deployed: 'the version that the SIP endpoint names',
  webhook_replied: 'the webhook left the choice as it is',
  webhook_overrode: 'the webhook named another agent or version',
  webhook_rejected: 'the webhook rejected the call',
  webhook_not_asked: 'nobody asked the webhook: a call would',
  webhook_timed_out: 'the webhook did not answer within its budget',
  webhook_unreachable: 'no connection to the webhook, or it broke',
  webhook_address_denied: 'the webhook’s address may not be reached from here',
  webhook_redirected: 'the webhook answered with a redirect, and those are not followed',
  webhook_status: 'the webhook answered with another status than 2xx',
  webhook_too_large: 'the webhook’s answer is too large',
  webhook_malformed: 'the webhook’s answer is not of the form that is asked for',
  webhook_busy: 'too many webhooks were being asked at once; this one was not',
  webhook_abandoned: 'the call was over before the webhook answered',
  override_malformed: 'what the webhook named is no agent id or no version; the choice stays',
  override_unavailable: 'what the webhook named cannot serve; the choice stays',
  inbound_routing_agent: 'the organization’s fallback agent answers numbers whose slot is empty',
  default_agent: 'the default agent of this number answers',
  forwarded: 'this number forwards calls that nobody can serve',
  forward_without_trunk: 'the number’s trunk is to place the call and has no outbound address',
  forward_inbound_only: 'a call from this number cannot be forwarded',
  message_spoken: 'this number speaks a message when nobody can serve',
  message_inbound_only: 'a call from this number has nobody to speak the message to',
  codec_agreed: 'the caller offers a codec that Patchcord speaks',
  no_offer: 'the INVITE carries no offer; the answer makes one',
  no_common_codec: 'the caller offers no codec that Patchcord speaks',
} as const
export type RouteReason = keyof typeof ROUTE_REASONS

export const ROUTE_STEPS = [
  'source',
  'draining',
  'address',
  'clock',
  'slot',
  'candidate',
  'draw',
  'webhook',
  'inbound_routing',
  'fallback',
  'media',
] as const

export type TraceStep = {
  readonly step: (typeof ROUTE_STEPS)[number]
  readonly reason: RouteReason
  /** Short facts: the number as dialled, an agent id and version, a codec. */
  readonly detail?: Readonly<Record<string, string | number | null>>
}
