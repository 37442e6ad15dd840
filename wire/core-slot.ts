/** Slots in the `/core` dialect: weighted lists of agents, as they are sent and shown. */

import { type Static, Type as T } from 'typebox'
import type { SlotEntry } from '#core/phone-number.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import { ARM_PATTERN, SLOT_ENTRIES_LIMIT, SMALLEST_WEIGHT, slotFaults, type WantedEntry } from '#core/slot.ts'
import type { Fault } from '#wire/faults.ts'
import { VERSION_NUMBER } from '#wire/parameters.ts'
import { closed, ignored, nullable, uuid } from '#wire/schema.ts'

const share = {
  agent_id: uuid({ description: 'The agent.' }),
  version: nullable(T.Integer({ minimum: 1 }), { description: 'The version; null follows the latest published one.' }),
  weight: T.Number({ description: 'Its share of the calls; the weights sum to 1.', minimum: 0, maximum: 1 }),
  arm: T.String({ description: 'The name of this share in comparisons.' }),
} as const

/** A share as it is stored, where nobody asks what it means right now. */
export const ShareAnswer = closed(share, { title: 'Share', description: 'An agent, and its share of the calls.' })

export const SlotAgent = closed(
  {
    agent_id: share.agent_id,
    version: share.version,
    agent_version_id: nullable(uuid(), { description: 'The version it means right now.' }),
    weight: share.weight,
    arm: share.arm,
  },
  { title: 'SlotAgent', description: 'One line of a slot.' },
)

export const toShareAnswer = ({ agent_id, version, weight_bp, arm }: AssignmentEntry): Static<typeof ShareAnswer> => ({
  agent_id,
  version,
  weight: weight_bp / 10_000,
  arm,
})

export const toSlotAgent = (entry: SlotEntry): Static<typeof SlotAgent> => ({
  ...toShareAnswer(entry),
  agent_version_id: entry.agent_version_id,
})

export const SlotAnswer = closed(
  { agents: T.Array(SlotAgent, { description: 'Empty: nobody answers by this slot.' }) },
  { title: 'Slot', description: 'Who answers calls to a number, or speaks in calls from it.' },
)

export const WantedShare = closed(
  {
    agent_id: uuid({ description: 'The agent.' }),
    version: T.Optional(
      nullable(T.Integer(VERSION_NUMBER), {
        description: 'A published version; null follows the latest published one.',
        default: null,
        examples: [3],
      }),
    ),
    weight: T.Optional(
      nullable(T.Number({ minimum: SMALLEST_WEIGHT, maximum: 1 }), {
        description: 'Its share of the calls: all carry one and they sum to 1, or none does and the shares are equal.',
        examples: [0.9],
      }),
    ),
    arm: T.Optional(
      nullable(T.String({ pattern: ARM_PATTERN }), {
        description:
          'A name that stays while versions change: its callers stay with it. By default `agent:version`, or `agent:latest`.',
        examples: ['control'],
      }),
    ),
    agent_version_id: ignored(),
  },
  { title: 'WantedShare', description: 'An agent, and the share of the calls that it is to have.' },
)

/** At most twenty. */
export const wantedShares = (description: string) => T.Array(WantedShare, { description, maxItems: SLOT_ENTRIES_LIMIT })

export const SlotEdit = closed(
  { agents: wantedShares('The whole list; `[]` empties the slot.') },
  {
    title: 'SlotEdit',
    examples: [
      {
        agents: [
          { agent_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', version: 2, weight: 0.9, arm: 'control' },
          { agent_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', version: 3, weight: 0.1, arm: 'new greeting' },
        ],
      },
    ],
  },
)

/** `null` means absent, and an id in capitals is the same id. */
export const toWanted = ({ agent_id, version, weight, arm }: Static<typeof WantedShare>): WantedEntry => ({
  agent_id: agent_id.toLowerCase(),
  version: version ?? null,
  ...(typeof weight === 'number' ? { weight } : {}),
  ...(typeof arm === 'string' ? { arm } : {}),
})

/** What no schema can say about a list; `path` leads to it. */
export const listFaults = (wanted: readonly WantedEntry[], path: readonly string[]): readonly Fault[] =>
  slotFaults(wanted).map(fault => ({ path: [...path, ...fault.path], type: 'slot', message: fault.message }))
