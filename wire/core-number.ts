/** Phone numbers in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import { heaviestVersionId, type PhoneNumber } from '#core/phone-number.ts'
import { SlotAgent, toSlotAgent } from '#wire/core-slot.ts'
import { closed, nullable, time, uuid } from '#wire/schema.ts'

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
