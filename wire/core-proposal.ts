/** What might be saved for a number, as dry runs are asked about it: the same bodies that would save it. */
import { type Static, Type as T } from 'typebox'
import type { SettingsPatch } from '#core/number-routing.ts'
import type { WantedEntry } from '#core/slot.ts'
import { NumberRoutingEdit, toSettingsPatch } from '#wire/core-number-routing.ts'
import { NewSchedule } from '#wire/core-schedule.ts'
import { listFaults, toWanted, wantedShares } from '#wire/core-slot.ts'
import type { Fault } from '#wire/faults.ts'
import { forwardFaults } from '#wire/forward-target.ts'
import { type ScheduleSent, toScheduleSent } from '#wire/schedule-input.ts'
import { closed, nullable } from '#wire/schema.ts'

const either = <Schema extends typeof NumberRoutingEdit | typeof NewSchedule>(schema: Schema, description: string) =>
  T.Optional(T.Union([schema, T.Null()], { description }))

export const Proposed = closed(
  {
    inbound_agents: T.Optional(nullable(wantedShares('In place of the inbound slot; `[]`: as if it were empty.'))),
    outbound_agents: T.Optional(nullable(wantedShares('In place of the outbound slot.'))),
    routing: either(NumberRoutingEdit, 'As PATCH …/routing would change it.'),
    schedule: either(
      NewSchedule,
      'In place of the number’s schedule, with time routing on unless `routing` turns it off; as POST /core/schedules takes it.',
    ),
  },
  {
    title: 'Proposed',
    examples: [
      {
        inbound_agents: [
          { agent_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', version: 2, weight: 0.9, arm: 'control' },
          { agent_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', version: 3, weight: 0.1, arm: 'new greeting' },
        ],
      },
    ],
    description: 'Shown as if it were saved; nothing is. What is absent stays as it is.',
  },
)

/** What is proposed in core's terms. */
export type ProposalSent = {
  readonly inbound?: readonly WantedEntry[]
  readonly outbound?: readonly WantedEntry[]
  readonly routing?: SettingsPatch
  readonly schedule?: Required<ScheduleSent>
}

type Sent = Static<typeof Proposed>

const sharesFrom = (list: Sent['inbound_agents'], key: string) => {
  const wanted = list?.map(toWanted)
  return { wanted, faults: wanted ? listFaults(wanted, ['proposed', key]) : [] }
}

const scheduleFrom = (
  schedule: Sent['schedule'],
): { readonly schedule?: Required<ScheduleSent>; faults: readonly Fault[] } => {
  if (!schedule) return { faults: [] }
  const { faults, sent } = toScheduleSent(schedule)
  const { name, timezone } = schedule
  return {
    schedule: { weekly: [], dates: [], after_hours: null, ...sent, name, timezone },
    faults: faults.map(fault => ({ ...fault, path: ['proposed', 'schedule', ...fault.path] })),
  }
}

/** `faults`: what no schema can say; with any, `proposal` is worth nothing. */
export const toProposal = (
  sent: Sent | null | undefined,
): { readonly proposal: ProposalSent | null; readonly faults: readonly Fault[] } => {
  if (!sent) return { proposal: null, faults: [] }
  const inbound = sharesFrom(sent.inbound_agents, 'inbound_agents')
  const outbound = sharesFrom(sent.outbound_agents, 'outbound_agents')
  const { schedule, faults } = scheduleFrom(sent.schedule)
  const { routing } = sent
  return {
    proposal: {
      ...(inbound.wanted ? { inbound: inbound.wanted } : {}),
      ...(outbound.wanted ? { outbound: outbound.wanted } : {}),
      ...(routing ? { routing: toSettingsPatch(routing) } : {}),
      ...(schedule ? { schedule } : {}),
    },
    faults: [
      ...inbound.faults,
      ...outbound.faults,
      ...forwardFaults(routing?.forward, ['proposed', 'routing', 'forward']),
      ...faults,
    ],
  }
}
