/** A slot as somebody asks for it: who, with which share, under which name. What is stored is core/assignment.ts's list. */
import { defaultArm, scaleWeights } from '#core/assignment.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'

export type WantedEntry = {
  readonly agent_id: string
  /** null follows the agent's latest published version. */
  readonly version: number | null
  /** A share of 1. All entries carry one, or none does: then the shares are equal. */
  readonly weight?: number
  /** Absent: `agent:version`. */
  readonly arm?: string
}

export const SLOT_ENTRIES_LIMIT = 20
/** One basis point. */
export const SMALLEST_WEIGHT = 0.0001
const WEIGHT_SUM_TOLERANCE = 1e-6
/** No control characters: arms stand in headers, logs and reports. */
export const ARM_PATTERN = '^[^\\u0000-\\u001f\\u007f]{1,100}$'
const ARM = new RegExp(ARM_PATTERN, 'u')

/** `path` leads from the list to what is wrong. */
export type SlotFault = { readonly path: readonly (string | number)[]; readonly message: string }

const armOf = ({ agent_id, version, arm }: WantedEntry): string => arm ?? defaultArm(agent_id, version)

/** A fault for each entry whose key an earlier one has already. */
const repeated = (
  wanted: readonly WantedEntry[],
  keyOf: (entry: WantedEntry) => string,
  field: string,
  message: string,
): readonly SlotFault[] => {
  const seen = new Set<string>()
  return wanted.flatMap((entry, index) => {
    const key = keyOf(entry)
    if (seen.has(key)) return [{ path: [index, field], message }]
    seen.add(key)
    return []
  })
}

const weightFaults = (wanted: readonly WantedEntry[]): readonly SlotFault[] => {
  const weights = wanted.flatMap(({ weight }) => (weight === undefined ? [] : [weight]))
  if (weights.length === 0) return []
  if (weights.length < wanted.length)
    return wanted.flatMap(({ weight }, index) =>
      weight === undefined
        ? [{ path: [index, 'weight'], message: 'is missing: all entries carry a weight, or none' }]
        : [],
    )
  const wrong = wanted.flatMap(({ weight = 0 }, index) =>
    weight >= SMALLEST_WEIGHT && weight <= 1
      ? []
      : [{ path: [index, 'weight'], message: `must be a number from ${SMALLEST_WEIGHT} to 1` }],
  )
  if (wrong.length > 0) return wrong
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Math.abs(sum - 1) <= WEIGHT_SUM_TOLERANCE
    ? []
    : [{ path: [], message: `the weights must sum to 1; these sum to ${Number(sum.toPrecision(7))}` }]
}

/** Everything that is wrong with a list by itself; who exists is for the database to say. */
export const slotFaults = (wanted: readonly WantedEntry[]): readonly SlotFault[] => {
  if (wanted.length > SLOT_ENTRIES_LIMIT)
    return [{ path: [], message: `a slot holds at most ${SLOT_ENTRIES_LIMIT} entries; these are ${wanted.length}` }]
  const twice = repeated(
    wanted,
    ({ agent_id, version }) => defaultArm(agent_id, version),
    'version',
    'the same agent and version stand in this list already',
  )
  return [
    ...weightFaults(wanted),
    ...twice,
    ...wanted.flatMap(({ arm }, index) =>
      arm === undefined || ARM.test(arm)
        ? []
        : [{ path: [index, 'arm'], message: 'must have 1 to 100 characters, none of them a control character' }],
    ),
    // Of equal entries the arms are equal too: said once.
    ...(twice.length > 0 ? [] : repeated(wanted, armOf, 'arm', 'another entry of this list has this arm')),
  ]
}

/** The list as it is stored. `wanted` must be without faults. */
export const toEntries = (wanted: readonly WantedEntry[]): readonly AssignmentEntry[] => {
  const weights = scaleWeights(wanted.map(({ weight }) => weight ?? 1))
  return wanted.map((entry, index) => ({
    agent_id: entry.agent_id,
    version: entry.version,
    weight_bp: weights[index] ?? 0,
    arm: armOf(entry),
  }))
}
