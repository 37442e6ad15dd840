/** One place where what arrives is held against a schema. */
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js'
import { type Fault, toFaults } from '#wire/faults.ts'
import { toUtc } from '#wire/timestamp.ts'
import { findUnstorable } from '#wire/unstorable.ts'

export type Validator = (value: unknown) => readonly Fault[]

const build = (coerceTypes: boolean): Ajv2020 => {
  const ajv = new Ajv2020({
    strict: true,
    // `then` names what the object beside it declares.
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    coerceTypes,
  })
  ajv.addFormat('date-time', text => toUtc(text) !== null)
  return ajv
}

const strict = build(false)
const coercing = build(true)

const validatorFrom = (ajv: Ajv2020, schema: AnySchemaObject): Validator => {
  // Compiled when first asked: a process that only answers calls never pays for the 60 schemas of the API.
  let check: ReturnType<Ajv2020['compile']> | null = null
  return value => {
    const unstorable = findUnstorable(value)
    if (unstorable !== null) return [{ path: unstorable.path, type: 'unstorable', message: unstorable.message }]
    check ??= ajv.compile(schema)
    return check(value) ? [] : toFaults(check.errors ?? [])
  }
}

/** For bodies: `"7"` is no number. Empty: the value is valid. */
export const bodyValidator = (schema: AnySchemaObject): Validator => validatorFrom(strict, schema)

/** For paths and queries, which are text: `"7"` becomes 7 in the object that is checked. */
export const textValidator = (schema: AnySchemaObject): Validator => validatorFrom(coercing, schema)
