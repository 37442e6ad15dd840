/** The assignment that UponAI's dialect puts (seed: UpdatePhoneNumberRequest), and what it asks for in our terms. */
import { type Static, Type as T } from 'typebox'
import { SLOT_ENTRIES_LIMIT, type SlotFault, slotFaults, type WantedEntry } from '#core/slot.ts'
import type { Fault } from '#wire/faults.ts'
import { nullable } from '#wire/schema.ts'
import { fromUponaiAgentId } from '#wire/uponai-ids.ts'
import { agentId, FIRST_VERSION } from '#wire/uponai-number.ts'

/** Higher ones no agent has; the database's integers end not far above. */
const VERSION_LIMIT = 999_999_998

const agentVersion = () =>
  T.Integer({
    description: 'Counted from 0; absent: follows the latest published one.',
    minimum: 0,
    maximum: VERSION_LIMIT,
    examples: [0],
  })

/** Other keys are ignored, here and below, as the seed's schemas permit. */
const AgentRef = T.Object(
  {
    agent_id: agentId('The agent: `agent_` and 32 hex digits, or the UUID.'),
    agent_version: T.Optional(agentVersion()),
    weight: T.Optional(
      T.Number({
        description: 'Its share, at least 0.0001; all entries carry one and they sum to 1, or none does: equal shares.',
        examples: [0.5],
      }),
    ),
  },
  { title: 'UponaiAgentRefInput' },
)

const agents = (description: string) => T.Optional(T.Array(AgentRef, { description, maxItems: SLOT_ENTRIES_LIMIT }))

export const UponaiAssignment = T.Object(
  {
    accountSid: T.String({
      description: 'The organization’s id.',
      examples: ['0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'],
    }),
    workspaceId: T.Integer({ description: 'The organization’s `workspace_id`.', examples: [1] }),
    outboundAgentId: T.Optional(
      nullable(T.String(), { description: 'Who speaks in calls from the number, alone; null: nobody.' }),
    ),
    outboundAgentVersion: T.Optional(agentVersion()),
    outboundAgents: agents('Who speaks in calls from the number, in place of `outboundAgentId`; []: nobody.'),
    inboundAgents: agents('Who answers calls to the number; []: nobody.'),
    inboundWebhookUrl: T.Optional(
      nullable(T.String({ maxLength: 2048 }), { description: 'Who is asked about each call; null: nobody.' }),
    ),
    isTimeRoutingEnabled: T.Optional(T.Boolean({ description: 'Whether the number’s schedule decides first.' })),
  },
  { title: 'UponaiUpdate', description: 'What is absent stays as it is; other keys are ignored.' },
)

type Body = Static<typeof UponaiAssignment>
type Ref = Static<typeof AgentRef>
type Key = 'inboundAgents' | 'outboundAgents'

/** What is asked for; absent: stays as it is. */
export type WantedAssignment = {
  readonly inbound?: readonly WantedEntry[]
  readonly outbound?: readonly WantedEntry[]
  readonly webhook_url?: string | null
  readonly time_routing_enabled?: boolean
}

type Read = { readonly entries: readonly WantedEntry[]; readonly faults: readonly Fault[] }

const fault = (path: Fault['path'], message: string): Fault => ({ path, type: 'assignment', message })

const NO_ID = 'must be an agent’s id: agent_ and 32 hex digits, or a UUID'

const toEntry = (agent_id: string, agent_version: number | undefined, weight?: number): WantedEntry => ({
  agent_id,
  version: agent_version === undefined ? null : agent_version + FIRST_VERSION,
  ...(weight === undefined ? {} : { weight }),
})

/** The faults of a list are told in its own words: ours calls the version `version`. */
const toFault = (key: Key, { path: [index, field, ...rest], message }: SlotFault): Fault => {
  const inside = index === undefined ? [] : [index, ...(field === undefined ? [] : [field])]
  return fault([key, ...inside.map(part => (part === 'version' ? 'agent_version' : part)), ...rest], message)
}

const readList = (key: Key, refs: readonly Ref[]): Read => {
  const ids = refs.map(ref => fromUponaiAgentId(ref.agent_id))
  const faults = ids.flatMap((id, index) => (id === null ? [fault([key, index, 'agent_id'], NO_ID)] : []))
  const entries = refs.flatMap(({ agent_version, weight }, index) => {
    const id = ids[index] ?? null
    return id === null ? [] : [toEntry(id, agent_version, weight)]
  })
  return faults.length > 0
    ? { entries: [], faults }
    : { entries, faults: slotFaults(entries).map(each => toFault(key, each)) }
}

/** `outboundAgentId` with its version: a list of one. null: neither is there. */
const readSingle = ({ outboundAgentId, outboundAgentVersion, outboundAgents }: Body): Read | null => {
  if (outboundAgentId === undefined && outboundAgentVersion === undefined) return null
  if (outboundAgents !== undefined)
    return { entries: [], faults: [fault(['outboundAgents'], 'give either outboundAgentId or outboundAgents')] }
  const versioned = outboundAgentVersion !== undefined
  if (outboundAgentId === undefined || (outboundAgentId === null && versioned))
    return {
      entries: [],
      faults: [fault(['outboundAgentVersion'], 'is the version of no agent: give outboundAgentId')],
    }
  if (outboundAgentId === null) return { entries: [], faults: [] }
  const id = fromUponaiAgentId(outboundAgentId)
  return id === null
    ? { entries: [], faults: [fault(['outboundAgentId'], NO_ID)] }
    : { entries: [toEntry(id, outboundAgentVersion)], faults: [] }
}

/** `body` matches its schema; here is what a schema cannot say. */
export const readAssignment = (body: Body): WantedAssignment | { readonly faults: readonly Fault[] } => {
  const { inboundAgents, outboundAgents, inboundWebhookUrl, isTimeRoutingEnabled } = body
  const inbound = inboundAgents && readList('inboundAgents', inboundAgents)
  const outbound = readSingle(body) ?? (outboundAgents && readList('outboundAgents', outboundAgents))
  const faults = [...(inbound?.faults ?? []), ...(outbound?.faults ?? [])]
  if (faults.length > 0) return { faults }
  return {
    ...(inbound ? { inbound: inbound.entries } : {}),
    ...(outbound ? { outbound: outbound.entries } : {}),
    ...(inboundWebhookUrl === undefined ? {} : { webhook_url: inboundWebhookUrl }),
    ...(isTimeRoutingEnabled === undefined ? {} : { time_routing_enabled: isTimeRoutingEnabled }),
  }
}
