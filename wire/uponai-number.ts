/** Phone numbers in UponAI's dialect (seed: PhoneNumber, AgentRef): versions counted from 0, agents by `agent_…`. */
import { type Static, Type as T } from 'typebox'
import type { AccountNumber } from '#core/account-number.ts'
import { heaviestEntry, type SlotEntry } from '#core/phone-number.ts'
import { nullable } from '#wire/schema.ts'
import { toUponaiAgentId } from '#wire/uponai-ids.ts'

/** Ours begin with 1. */
export const FIRST_VERSION = 1

const AGENT_ID = 'agent_0197f0a87c1e7d349a515d3f1a2b3c4d'

export const agentId = (description: string) => T.String({ description, examples: [AGENT_ID] })

/** Not closed, as in the seed: nor are the other shapes of this dialect. */
const AgentRefAnswer = T.Object(
  {
    agent_id: agentId('The agent.'),
    agent_version: T.Optional(
      T.Integer({
        description: 'Counted from 0; absent: follows the latest published one.',
        minimum: 0,
        examples: [0],
      }),
    ),
    core_version: nullable(T.Integer({ minimum: 1 }), {
      description: 'The same version as `/core` counts it, from 1; null: follows the latest published one.',
      examples: [1],
    }),
    weight: T.Number({ description: 'Its share of the calls; a list’s weights sum to 1.', minimum: 0, maximum: 1 }),
  },
  { title: 'UponaiAgentRef', description: 'One line of a slot.' },
)

const version = (whose: string) =>
  nullable(T.Integer({ minimum: 0 }), { description: `${whose} version, from 0; null: none, or the latest published.` })

export const UponaiNumberAnswer = T.Object(
  {
    id: T.Integer({ description: 'An integer that stands for the number.' }),
    number: T.String({ description: 'E.164; or an extension, 2 to 8 digits.', examples: ['+15551234567', '100'] }),
    base_number: T.String({ description: 'The number an extension hangs under; its own, for a phone number.' }),
    account_sid: T.String({ description: 'The organization’s id.' }),
    workspace_id: T.Integer(),
    agent_id: nullable(T.String(), { description: 'The heaviest outbound agent.' }),
    default_agent_id: nullable(T.String(), { description: 'Who answers when nobody of the slot can.' }),
    inbound_agent_id: nullable(T.String(), { description: 'The heaviest inbound agent.' }),
    inbound_agents: T.Array(AgentRefAnswer, { description: 'The whole inbound slot.' }),
    outbound_agents: T.Array(AgentRefAnswer, { description: 'The whole outbound slot.' }),
    inbound_agent_version: version('The heaviest inbound agent’s'),
    outbound_agent_version: version('The heaviest outbound agent’s'),
    application_sid: nullable(T.String(), { description: 'null: no outside engine gave one.' }),
    phone_number_sid: nullable(T.String(), { description: 'The number’s id in `/core`.' }),
    inbound_webhook_url: nullable(T.String(), { description: 'Who is asked about each call.' }),
    is_time_routing_enabled: T.Boolean(),
    platform_import_error: T.Boolean({ description: 'Whether telling an outside engine failed.' }),
    platform_import_error_message: nullable(T.String()),
  },
  { title: 'UponaiPhoneNumber', description: 'A phone number, or an extension beneath one.' },
)

type NumberAnswer = Static<typeof UponaiNumberAnswer>

const toAgentRef = ({ agent_id, version: core_version, weight_bp }: SlotEntry): Static<typeof AgentRefAnswer> => ({
  agent_id: toUponaiAgentId(agent_id),
  ...(core_version === null ? {} : { agent_version: core_version - FIRST_VERSION }),
  core_version,
  weight: weight_bp / 10_000,
})

/** The one agent and version where only one fits. */
const toHeaviest = (entries: readonly SlotEntry[]) => {
  const heaviest = heaviestEntry(entries)
  if (heaviest === null) return { agent_id: null, agent_version: null }
  const { agent_id, version: core_version } = heaviest
  return {
    agent_id: toUponaiAgentId(agent_id),
    agent_version: core_version === null ? null : core_version - FIRST_VERSION,
  }
}

export const toUponaiNumberAnswer = (number: AccountNumber, workspace_id: number): NumberAnswer => {
  const inbound = toHeaviest(number.inbound)
  const outbound = toHeaviest(number.outbound)
  return {
    id: number.number_id,
    number: number.phone_number,
    base_number: number.base_number,
    account_sid: number.organization_id,
    workspace_id,
    agent_id: outbound.agent_id,
    default_agent_id: number.default_agent_id === null ? null : toUponaiAgentId(number.default_agent_id),
    inbound_agent_id: inbound.agent_id,
    inbound_agents: number.inbound.map(toAgentRef),
    outbound_agents: number.outbound.map(toAgentRef),
    inbound_agent_version: inbound.agent_version,
    outbound_agent_version: outbound.agent_version,
    application_sid: null,
    phone_number_sid: number.id,
    inbound_webhook_url: number.webhook_url,
    is_time_routing_enabled: number.time_routing_enabled,
    platform_import_error: false,
    platform_import_error_message: null,
  }
}

/** What an assignment repeats of the number it changed. */
export const UponaiAssignmentAnswer = T.Object(
  {
    success: T.Boolean({ examples: [true] }),
    message: T.String({ examples: ['The assignment of +15551234567 was updated.'] }),
    numbers: T.Array(UponaiNumberAnswer, { description: 'The one number.' }),
    assignment: T.Pick(UponaiNumberAnswer, [
      'account_sid',
      'workspace_id',
      'agent_id',
      'inbound_agent_id',
      'outbound_agents',
      'inbound_agents',
      'is_time_routing_enabled',
      'platform_import_error',
      'platform_import_error_message',
    ]),
  },
  { title: 'UponaiAssignment', description: 'The assignment as it is now.' },
)

export const UponaiNumbersAnswer = T.Object(
  {
    success: T.Boolean({ examples: [true] }),
    numbers: T.Array(UponaiNumberAnswer, { description: 'Newest first.' }),
  },
  { title: 'UponaiNumbers', description: 'The account’s phone numbers.' },
)

export const toUponaiAssignmentAnswer = (
  number: AccountNumber,
  workspace_id: number,
  changed: boolean,
): Static<typeof UponaiAssignmentAnswer> => {
  const answer = toUponaiNumberAnswer(number, workspace_id)
  return {
    success: true,
    message: `The assignment of ${number.phone_number} ${changed ? 'was updated' : 'was so already'}.`,
    numbers: [answer],
    assignment: {
      account_sid: answer.account_sid,
      workspace_id,
      agent_id: answer.agent_id,
      inbound_agent_id: answer.inbound_agent_id,
      outbound_agents: answer.outbound_agents,
      inbound_agents: answer.inbound_agents,
      is_time_routing_enabled: answer.is_time_routing_enabled,
      platform_import_error: answer.platform_import_error,
      platform_import_error_message: answer.platform_import_error_message,
    },
  }
}
