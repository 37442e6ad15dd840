/** The schemas that UponAI publishes for its number assignment, as a committed fixture, and answers held against them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

type Json = Readonly<Record<string, unknown>>

const published: Readonly<Record<string, Json>> = JSON.parse(
  readFileSync(new URL('../http/uponai.schema.json', import.meta.url), 'utf8'),
)

/** `nullable` is OpenAPI 3.0's; JSON Schema 2020-12 knows it as a second type. */
const translate = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(translate)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...schema } = value as Json
  const inside = Object.fromEntries(Object.entries(schema).map(([key, item]) => [key, translate(item)]))
  return nullable === true ? { ...inside, type: [inside.type, 'null'] } : inside
}

/** Every property it names, named again as required: leaving one out passes a schema that requires nothing. */
const complete = (schema: Json, optional: readonly string[] = []): Json => {
  const { properties = {} } = schema as { properties?: Json }
  const required = Object.keys(properties).filter(name => !optional.includes(name))
  const assignment = properties.assignment as Json | undefined
  return {
    ...schema,
    required,
    ...(assignment ? { properties: { ...properties, assignment: complete(assignment) } } : {}),
  }
}

const schemas = translate(published) as Readonly<Record<string, Json>>
const answered = {
  ...schemas,
  // Absent, a version follows the latest published one.
  AgentRef: complete(schemas.AgentRef ?? {}, ['agent_version']),
  PhoneNumber: complete(schemas.PhoneNumber ?? {}),
  PhoneNumberUpdateResponse: complete(schemas.PhoneNumberUpdateResponse ?? {}),
  ErrorResponse: complete(schemas.ErrorResponse ?? {}),
}

const compile = (schema: Json, among: Json) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addFormat('uri', text => URL.canParse(text))
  return ajv.compile({ ...schema, components: { schemas: among } })
}

const REF = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
/** The list's answer is nobody's document; its numbers are. */
const LIST: Json = {
  type: 'object',
  required: ['success', 'numbers'],
  properties: { success: { type: 'boolean' }, numbers: { type: 'array', items: REF('PhoneNumber') } },
}

const isRequest = compile(REF('UpdatePhoneNumberRequest'), schemas)
const isUpdated = compile(REF('PhoneNumberUpdateResponse'), answered)
const isRefused = compile(REF('ErrorResponse'), answered)
const isListed = compile(LIST, answered)

export const assertSeedRequest = (body: unknown): void => {
  assert.ok(isRequest(body), JSON.stringify(isRequest.errors))
}

/** `list`: the answer to GET, which has no schema in the seed. */
export const assertSeedAnswer = (status: number, body: unknown, list: boolean): void => {
  const check = status >= 400 ? isRefused : list ? isListed : isUpdated
  assert.ok(check(body), JSON.stringify({ errors: check.errors, body }))
  if (status >= 400) assert.deepEqual(Object.keys(body as object), ['error'])
}
