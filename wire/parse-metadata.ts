import type { JsonObject } from '#core/version.ts'
import type { Fault } from '#wire/faults.ts'
import { anyObject } from '#wire/schema.ts'
import { bodyValidator } from '#wire/validate.ts'

const validate = bodyValidator(anyObject())

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The `metadata` filter of a list: a JSON object as text. Without faults, `metadata` is one that can be looked for. */
export const parseMetadata = (text: string): { readonly metadata: JsonObject; readonly faults: readonly Fault[] } => {
  const value = parse(text)
  if (value === undefined)
    return { metadata: {}, faults: [{ path: ['metadata'], type: 'json', message: 'must be a JSON object' }] }
  const faults = validate(value).map(fault => ({ ...fault, path: ['metadata', ...fault.path] }))
  return { metadata: value as JsonObject, faults }
}
