/** Examples for the OpenAPI document, made from what the schemas say of each field, and one for each way to be refused. */
import type { RefusalCode } from '#core/refusal.ts'
import { REFUSALS } from '#core/refusal.ts'
import { refusalAnswer } from '#wire/core-errors.ts'
import { UUID_PATTERN } from '#wire/schema.ts'

type Schema = Readonly<Record<string, unknown>>

const ID = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const TIME = '2026-11-22T12:00:00.000000Z'

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null

const typesOf = (schema: Schema): readonly unknown[] => [schema.type].flat()

/** What the schema itself says that values look like; undefined: nothing. */
const ownExample = (schema: Schema): unknown => {
  if (Array.isArray(schema.examples)) return schema.examples.find(each => JSON.stringify(each) !== '{}') ?? {}
  if ('const' in schema) return schema.const
  return Array.isArray(schema.enum) ? schema.enum[0] : undefined
}

const plainExample = (schema: Schema): unknown => {
  const types = typesOf(schema)
  if (types.includes('null')) return null
  if (schema.pattern === UUID_PATTERN) return ID
  if (schema.format === 'date-time') return TIME
  if (types.includes('string')) return 'text'.padEnd(Number(schema.minLength ?? 0), '.')
  if (types.includes('boolean')) return true
  return Number(schema.minimum ?? 1)
}

/** Among optional fields only those that say what they look like: a request shows what people write. */
const objectExample = (schema: Schema): unknown => {
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : []
  const shown = Object.entries(isSchema(schema.properties) ? schema.properties : {}).flatMap(([name, property]) => {
    if (!isSchema(property)) return []
    return required.includes(name) || 'examples' in property || 'anyOf' in property ? [[name, exampleOf(property)]] : []
  })
  return Object.fromEntries(shown)
}

/** A value that the schema accepts. */
export const exampleOf = (schema: unknown): unknown => {
  if (!isSchema(schema)) return null
  const own = ownExample(schema)
  if (own !== undefined) return own
  if (Array.isArray(schema.anyOf)) return exampleOf(schema.anyOf[0])
  const types = typesOf(schema)
  if (types.includes('array')) return [exampleOf(schema.items)]
  return types.includes('object') && !types.includes('null') ? objectExample(schema) : plainExample(schema)
}

const codes = Object.keys(REFUSALS) as readonly RefusalCode[]

/** `components.examples`: what each refusal answers. */
export const refusalExamples = (): Readonly<Record<string, { readonly value: unknown }>> =>
  Object.fromEntries(codes.map(code => [code, { value: refusalAnswer({ code }, ID).body }]))
