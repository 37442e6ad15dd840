/** Phone numbers in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import { heaviestVersionId, type PhoneNumber, type SlotEntry } from '#core/phone-number.ts'
import { closed, nullable, time, uuid } from '#wire/schema.ts'

const SlotAgent = closed(
  {
    agent_id: uuid({ description: 'The agent.' }),
    version: nullable(T.Integer({ minimum: 1 }), {
      description: 'The version; null follows the latest published one.',
    }),
    agent_version_id: nullable(uuid(), { description: 'The version it means right now.' }),
    weight: T.Number({ description: 'Its share of the calls; a slot’s weights sum to 1.', minimum: 0, maximum: 1 }),
    arm: T.String({ description: 'The name of this share in comparisons.' }),
  },
  { title: 'SlotAgent', description: 'One line of a slot.' },
)

export const PhoneNumberAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    phone_number: T.String({
      description: 'E.164; or an extension, 2 to 8 digits.',
      examples: ['+15551234567', '100'],
    }),
    base_number: T.String({ description: 'The number an extension hangs under; its own, for a phone number.' }),
    trunk_id: uuid({ description: 'Where its calls come from and go out.' }),
    inbound_agent_version_id: nullable(uuid(), {
      description: 'Who answers calls to the number; with several, the heaviest.',
    }),
    outbound_agent_version_id: nullable(uuid(), {
      description: 'Who speaks in calls from the number; with several, the heaviest.',
    }),
    inbound_agents: T.Array(SlotAgent, { description: 'The whole inbound slot.' }),
    outbound_agents: T.Array(SlotAgent, { description: 'The whole outbound slot.' }),
    outbound_shareable: T.Boolean({ description: 'Whether other agents may call out from it.' }),
    label: nullable(T.String()),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'PhoneNumber', description: 'A phone number, or an extension beneath one, with its two slots.' },
)

const toSlotAgent = (entry: SlotEntry): Static<typeof SlotAgent> => ({
  agent_id: entry.agent_id,
  version: entry.version,
  agent_version_id: entry.agent_version_id,
  weight: entry.weight_bp / 10_000,
  arm: entry.arm,
})

export const toPhoneNumberAnswer = (number: PhoneNumber): Static<typeof PhoneNumberAnswer> => ({
  id: number.id,
  organization_id: number.organization_id,
  phone_number: number.phone_number,
  base_number: number.base_number,
  trunk_id: number.trunk_id,
  inbound_agent_version_id: heaviestVersionId(number.inbound),
  outbound_agent_version_id: heaviestVersionId(number.outbound),
  inbound_agents: number.inbound.map(toSlotAgent),
  outbound_agents: number.outbound.map(toSlotAgent),
  outbound_shareable: number.outbound_shareable,
  label: number.label,
  created_at: number.created_at,
  updated_at: number.updated_at,
})
