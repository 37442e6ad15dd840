/** The few shapes that the schemas of this room are built from. Everything here is plain JSON Schema 2020-12. */
import {
  type Static,
  Type as T,
  type TObject,
  type TProperties,
  type TSchema,
  type TSchemaOptions,
  type TUnsafe,
} from 'typebox'

/** Any of UUID's versions, written in hex with dashes; no `urn:uuid:` and no braces, which PostgreSQL would read and we would not. */
export const UUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'

export const uuid = (options: TSchemaOptions = {}) => T.String({ pattern: UUID_PATTERN, ...options })

/** An RFC 3339 time; `timestamp.ts` says which. */
export const time = (options: TSchemaOptions = {}) => T.String({ format: 'date-time', ...options })

/** An object that has these keys and no others. */
export const closed = <Properties extends TProperties>(
  properties: Properties,
  options: TSchemaOptions = {},
): TObject<Properties> => T.Object(properties, { ...options, additionalProperties: false })

/** A string that is one of these words. */
export const word = <const Words extends readonly string[]>(
  words: Words,
  options: TSchemaOptions = {},
): TUnsafe<Words[number]> => T.Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options })

/** The same schema that lets null pass too. For schemas with one plain `type`. */
export const nullable = <Schema extends TSchema>(
  schema: Schema,
  options: TSchemaOptions = {},
): TUnsafe<Static<Schema> | null> => {
  const either = { ...(schema as object), type: ['type' in schema ? schema.type : 'object', 'null'], ...options }
  const words = 'enum' in schema && Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}
  return T.Unsafe<Static<Schema> | null>({ ...either, ...words })
}

/** An object used as a map: names that match `pattern` to values of one schema. */
export const map = <Value extends TSchema>(
  pattern: string,
  value: Value,
  options: TSchemaOptions = {},
): TUnsafe<Readonly<Record<string, Static<Value>>>> =>
  T.Unsafe<Readonly<Record<string, Static<Value>>>>({
    type: 'object',
    propertyNames: { type: 'string', pattern },
    additionalProperties: value,
    ...options,
  })

/** Any JSON object. */
export const anyObject = (options: TSchemaOptions = {}): TUnsafe<Readonly<Record<string, unknown>>> =>
  T.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', ...options })

/** A record's own field that may be sent back and changes nothing. */
export const ignored = () => T.Optional(T.Unknown({ readOnly: true, description: 'Ignored.' }))
