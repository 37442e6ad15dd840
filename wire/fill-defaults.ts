/** Fills in what a schema's defaults say, all the way down. Ajv's own `useDefaults` stops at choices and mutates. */
import type { JsonObject } from '#core/version.ts'

type Schema = JsonObject

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** Of a choice: the branch of the same JSON type and, among objects with a `type` word, the same word. */
const branchFor = (branches: readonly unknown[], value: unknown): Schema | null => {
  const fitting = branches.map(asObject).filter(branch => (branch.type === 'object') === isObject(value))
  const named = fitting.find(
    branch => isObject(value) && asObject(asObject(branch.properties).type).const === value.type,
  )
  return named ?? fitting[0] ?? null
}

const fillObject = (schema: Schema, value: JsonObject): JsonObject => {
  const properties = asObject(schema.properties)
  const filled: [string, unknown][] = []
  for (const [key, property] of Object.entries(properties)) {
    const given = Object.hasOwn(value, key) ? value[key] : asObject(property).default
    if (given !== undefined) filled.push([key, fill(asObject(property), given)])
  }
  for (const [key, item] of Object.entries(value)) {
    if (!Object.hasOwn(properties, key)) filled.push([key, fill(asObject(schema.additionalProperties), item)])
  }
  // fromEntries defines own properties, so a key named __proto__ stays data.
  return Object.fromEntries(filled)
}

/** `value` must be valid by `schema`. Keys come in the schema's order, then those of a map in the order given. */
export const fill = (schema: JsonObject, value: unknown): unknown => {
  if (Array.isArray(schema.anyOf)) {
    const branch = branchFor(schema.anyOf, value)
    return branch === null ? value : fill(branch, value)
  }
  if (Array.isArray(value)) return value.map(item => fill(asObject(schema.items), item))
  return isObject(value) ? fillObject(schema, value) : value
}
