/** Agents and their SIP address in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import type { Agent, ConversationStats } from '#core/agent.ts'
import { PhoneNumberAnswer } from '#wire/core-number.ts'
import { VersionSummaryAnswer } from '#wire/core-version.ts'
import { anyObject, closed, nullable, time, uuid } from '#wire/schema.ts'

const record = {
  id: uuid(),
  agent_id: uuid({ description: 'The same as `id`.' }),
  organization_id: uuid(),
  name: T.String({ examples: ['Riverside Dental Scheduler'] }),
  description: nullable(T.String()),
  active: T.Boolean({ description: 'An agent that is not active answers no calls.' }),
  is_demo: T.Boolean(),
  metadata: anyObject({ description: 'Whatever the client keeps with the agent.' }),
  created_at: time(),
  updated_at: time(),
} as const

export const AgentAnswer = closed(record, {
  title: 'Agent',
  description: 'What versions, numbers and a SIP address hang under.',
})

export const SipEndpointAnswer = closed(
  {
    uri: T.String({
      description: 'The address that answers.',
      examples: ['sip:0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d@127.0.0.1:5060'],
    }),
    transports: T.Array(T.String(), { description: 'How it can be reached.', examples: [['udp', 'tcp']] }),
    version: nullable(T.Integer({ minimum: 1 }), {
      description: 'The version it is pinned to; null follows the latest published one.',
    }),
    created_at: time(),
  },
  { title: 'SipEndpoint', description: 'Where the agent answers over SIP.' },
)

const Stats = closed(
  {
    total: T.Integer(),
    active: T.Integer(),
    inbound: T.Integer(),
    outbound: T.Integer(),
    completed: T.Integer(),
    failed: T.Integer(),
    transferred: T.Integer(),
    unanswered: T.Integer(),
    average_duration_seconds: nullable(T.Number()),
    last_conversation_at: nullable(time()),
  },
  { title: 'ConversationStats', description: 'The agent’s conversations in numbers.' },
)

export const AgentDetailAnswer = closed(
  {
    ...record,
    versions: T.Array(VersionSummaryAnswer, { description: 'The newest 100, without their configs.' }),
    phone_numbers: T.Array(PhoneNumberAnswer, {
      description: 'Numbers whose slots name a version of this agent; the newest 100.',
    }),
    widgets: T.Array(anyObject(), { description: 'Web widgets.' }),
    sip_endpoint: T.Union([SipEndpointAnswer, T.Null()]),
    conversation_stats: Stats,
  },
  { title: 'AgentDetail', description: 'An agent with what hangs under it.' },
)

export const toAgentAnswer = (agent: Agent): Static<typeof AgentAnswer> => ({
  id: agent.id,
  agent_id: agent.id,
  organization_id: agent.organization_id,
  name: agent.name,
  description: agent.description,
  active: agent.active,
  is_demo: agent.is_demo,
  metadata: agent.metadata,
  created_at: agent.created_at,
  updated_at: agent.updated_at,
})

export const toStatsAnswer = (stats: ConversationStats): Static<typeof Stats> => ({
  total: stats.total,
  active: stats.active,
  inbound: stats.inbound,
  outbound: stats.outbound,
  completed: stats.completed,
  failed: stats.failed,
  transferred: stats.transferred,
  unanswered: stats.unanswered,
  average_duration_seconds: stats.average_duration_seconds,
  last_conversation_at: stats.last_conversation_at,
})

export const toSipEndpointAnswer = (endpoint: {
  readonly uri: string
  readonly transports: readonly string[]
  readonly version: number | null
  readonly created_at: string
}): Static<typeof SipEndpointAnswer> => ({
  uri: endpoint.uri,
  transports: [...endpoint.transports],
  version: endpoint.version,
  created_at: endpoint.created_at,
})
