/** What instructions are generated from: the answers of somebody who knows the business and writes no prompts. */
import type { JsonObject } from '#core/version.ts'

/** In the order in which instructions speak of them. wire/builder-inputs.ts says the same with limits and examples. */
export const BUILDER_FIELDS = [
  'industry',
  'purpose',
  'personality',
  'language',
  'opening_line',
  'conversation_flow',
  'closing',
  'guardrails',
  'knowledge',
] as const
export type BuilderField = (typeof BUILDER_FIELDS)[number]

/** Each a list of texts: one text, or the points of a list. What other keys say is kept under `notes`, by its key. */
export type BuilderInputs = Readonly<Record<BuilderField, readonly string[]>> & {
  readonly notes: Readonly<Record<string, readonly string[]>>
}

/** Deeper than anybody writes; what lies below is left out. */
const DEPTH_LIMIT = 5

const textsOf = (value: unknown, depth = 0): string[] => {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (typeof value !== 'object' || value === null || depth === DEPTH_LIMIT) return []
  if (Array.isArray(value)) return value.flatMap(item => textsOf(item, depth + 1))
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, depth + 1).map(text => `${key}: ${text}`))
}

/** Understands whatever was saved, also before there was a schema. */
export const readBuilderInputs = (saved: JsonObject): BuilderInputs => {
  const known = Object.fromEntries(BUILDER_FIELDS.map(field => [field, textsOf(saved[field])]))
  const others = Object.entries(saved).filter(([key]) => !BUILDER_FIELDS.some(field => field === key))
  const notes = Object.fromEntries(
    others.map(([key, value]) => [key, textsOf(value)] as const).filter(([, texts]) => texts.length > 0),
  )
  return { ...(known as Record<BuilderField, string[]>), notes }
}

/** Nothing in them could be written about. */
export const areEmpty = (inputs: BuilderInputs): boolean =>
  BUILDER_FIELDS.every(field => inputs[field].length === 0) && Object.keys(inputs.notes).length === 0
