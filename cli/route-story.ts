/** A decision as a person wants to read it: a line a step, the decision last. Pure. */

/** What is read of the API's answer. */
export type RouteAnswer = {
  readonly at: string
  readonly outcome: {
    readonly kind: 'answer' | 'forward' | 'message' | 'refuse'
    readonly agent_id: string | null
    readonly agent_name: string | null
    readonly version: number | null
    readonly arm: string | null
    readonly target: string | null
    readonly mode: 'redirect' | 'bridge' | null
    readonly text: string | null
    readonly sip_status: number | null
    readonly reason: string | null
  }
  readonly routing: {
    readonly number: string | null
    readonly direction: 'inbound' | 'outbound'
    readonly fallback: string | null
    readonly weights: readonly { readonly arm: string; readonly weight: number }[]
    readonly trace: readonly {
      readonly step: string
      readonly reason: string
      readonly means: string
      readonly detail?: Readonly<Record<string, string | number | null>>
    }[]
    readonly decided_in_us: number
  }
  readonly variables: Readonly<Record<string, string>>
}

/** Reasons by which something falls; the others let the call pass. */
export const FALLEN: ReadonlySet<string> = new Set([
  'source_not_accepted',
  'credentials_missing',
  'credentials_stale',
  'credentials_wrong',
  'credentials_blocked',
  'draining',
  'number_unknown',
  'sip_endpoint_unknown',
  'schedule_closed',
  'schedule_unknown',
  'after_hours_nobody',
  'slot_empty',
  'agent_missing',
  'agent_foreign',
  'agent_inactive',
  'version_not_published',
  'agent_failing',
  'engine_down',
  'no_entry_available',
  'webhook_rejected',
  'webhook_timed_out',
  'webhook_unreachable',
  'webhook_address_denied',
  'webhook_redirected',
  'webhook_status',
  'webhook_too_large',
  'webhook_malformed',
  'webhook_busy',
  'webhook_abandoned',
  'override_malformed',
  'override_unavailable',
  'forward_without_trunk',
  'forward_inbound_only',
  'message_inbound_only',
  'no_common_codec',
])

/** Steps that a dry run leaves out. */
export const LEFT_OUT: ReadonlySet<string> = new Set(['source_not_asked', 'webhook_not_asked'])

const markOf = (reason: string): string => (LEFT_OUT.has(reason) ? '·' : FALLEN.has(reason) ? '✗' : '✓')

/** Names and texts are somebody's: none of them moves the cursor. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')

type Detail = Readonly<Record<string, string | number | null>>

/** One fact in words; null: it says nothing new. */
const factOf = (key: string, value: string, detail: Detail, { outcome }: RouteAnswer): string | null => {
  switch (key) {
    case 'agent_id':
      return `agent ${value === outcome.agent_id ? plain(outcome.agent_name ?? value) : value}`
    case 'arm':
      return isDefaultArm(value, String(detail.agent_id)) ? null : `arm ${value}`
    case 'took_ms':
      return `${value} ms`
    case 'attempts':
      return value === '1' ? null : `${value} attempts`
    default:
      return `${key.replace(/_id$/, '')} ${value}`
  }
}

/** Nobody has named it. */
const isDefaultArm = (arm: string, agent_id: string): boolean => arm.startsWith(`${agent_id}:`)

const detailOf = (answer: RouteAnswer, detail: Detail = {}): string => {
  const facts = Object.entries(detail).flatMap(([key, value]) =>
    value === null ? [] : (factOf(key, plain(String(value)), detail, answer) ?? []),
  )
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`

const FALLBACKS: Readonly<Record<string, string>> = {
  inbound_routing: ', as the organization’s fallback agent',
  default_agent: ', as the number’s default agent',
}

/** The decision in one sentence. */
export const decisionOf = ({ outcome, routing }: RouteAnswer): string => {
  switch (outcome.kind) {
    case 'answer': {
      const who = `${plain(outcome.agent_name ?? outcome.agent_id ?? '?')}, version ${outcome.version}`
      const share = routing.weights.find(({ arm }) => arm === outcome.arm)?.weight
      const named = outcome.arm !== null && !isDefaultArm(outcome.arm, outcome.agent_id ?? '')
      const which = named ? `, by the arm ${plain(outcome.arm ?? '')}` : ''
      // While nobody else of the list can serve, its share is not what it gets.
      const part = routing.trace.some(({ reason }) => reason === 'alone')
        ? ''
        : `, with ${percent(share ?? 1)} of the callers`
      const arm = share === undefined || share === 1 ? '' : `${which}${part}`
      const verb = routing.direction === 'inbound' ? 'answers' : 'speaks'
      return `${who} ${verb}${arm}${FALLBACKS[routing.fallback ?? ''] ?? ''}.`
    }
    case 'forward':
      return `The call is forwarded to ${plain(outcome.target ?? '?')}${outcome.mode === 'redirect' ? ' (302)' : ''}.`
    case 'message':
      return `No agent answers; this is spoken: “${plain(outcome.text ?? '')}”`
    case 'refuse': {
      const why = routing.trace.findLast(({ reason }) => reason === outcome.reason)?.means ?? outcome.reason
      return `Nobody answers: ${outcome.sip_status}, ${why}.`
    }
  }
}

export const isAnswered = ({ outcome }: RouteAnswer): boolean => outcome.kind === 'answer' || outcome.kind === 'forward'

/** `caller` null: anonymous. */
export const storyOf = (answer: RouteAnswer, number: string, caller: string | null): readonly string[] => {
  const { routing, variables, at } = answer
  const ways = routing.direction === 'inbound' ? ['called by', 'an anonymous caller'] : ['calls', 'somebody anonymous']
  const wide = Math.max(...routing.trace.map(({ step }) => step.length))
  const names = Object.entries(variables).map(([name, value]) => `  {{${plain(name)}}} is ${plain(value)}`)
  return [
    `${number} ${ways[0]} ${caller === null ? ways[1] : plain(caller)} at ${at.replace(/\.\d+Z$/, 'Z')}`,
    '',
    ...routing.trace.map(
      ({ step, reason, means, detail }) =>
        `  ${markOf(reason)} ${step.padEnd(wide)}  ${means}${detailOf(answer, detail)}`,
    ),
    ...names,
    '',
    decisionOf(answer),
  ]
}
