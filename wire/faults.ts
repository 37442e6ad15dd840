/** What Ajv found, in words for the person who sent it. */
import type { ErrorObject } from 'ajv'
import { nearestKey } from '#wire/nearest-key.ts'
import { NOT_BLANK } from '#wire/spoken-message.ts'

/** `path` leads to the offending value; `type` is the schema keyword that it breaks. */
export type Fault = {
  readonly path: readonly (string | number)[]
  readonly type: string
  readonly message: string
}

const parsePointer = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map(part => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')))

/** RFC 6901. */
export const toPointer = (path: readonly (string | number)[]): string =>
  path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const unknownKey = (error: ErrorObject): string => {
  const key = String(error.params.additionalProperty)
  const near = nearestKey(key, Object.keys(error.parentSchema?.properties ?? {}))
  return `unknown key ${shown(key)}${near === null ? '; no keys are known here' : `; the nearest known key is "${near}"`}`
}

const sentence = (error: ErrorObject): string => {
  const { params } = error
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error)
    case 'required':
      return 'is required'
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}`
    case 'enum':
      return `must be one of ${params.allowedValues.map(shown).join(', ')}`
    case 'const':
      return `must be ${shown(params.allowedValue)}`
    case 'pattern':
      return params.pattern === NOT_BLANK ? 'must not be blank' : (error.message ?? 'is not valid')
    case 'propertyNames':
      return 'is no name that can be used here'
    case 'format':
      return `must be a ${params.format === 'date-time' ? 'time as in RFC 3339, such as 2026-01-31T12:00:00Z' : params.format}`
    default:
      return error.message ?? 'is not valid'
  }
}

const toFault = (error: ErrorObject): Fault => {
  const path = parsePointer(error.instancePath)
  if (error.keyword === 'required') path.push(String(error.params.missingProperty))
  if (error.keyword === 'additionalProperties') path.push(String(error.params.additionalProperty))
  if (error.keyword === 'propertyNames') path.push(String(error.params.propertyName))
  return { path, type: error.keyword, message: sentence(error) }
}

const isAt = (error: ErrorObject, path: string): boolean =>
  error.instancePath === path || error.instancePath.startsWith(`${path}/`)

/** Whether the value does not even mean to be this branch: another JSON type, or another `type` word. */
const isOtherKind = (error: ErrorObject, path: string): boolean =>
  (error.keyword === 'type' && error.instancePath === path) ||
  (error.keyword === 'const' && error.instancePath === `${path}/type`) ||
  (error.keyword === 'required' && error.instancePath === path && error.params.missingProperty === 'type')

const describeBranches = (choice: ErrorObject): ErrorObject => {
  const branches = Array.isArray(choice.schema) ? choice.schema : []
  const words: unknown[] = branches.map(branch => branch.properties?.type?.const).filter(word => word !== undefined)
  if (words.length > 0 && typeof choice.data === 'object') {
    const message = `type must be one of ${words.map(shown).join(', ')}`
    return { ...choice, message }
  }
  const types = new Set(branches.map(branch => branch.type))
  return { ...choice, message: `must be ${[...types].join(' or ')}` }
}

/**
 * `anyOf` reports every branch. Keeps the faults of the one branch that the value means to be (same JSON type, same
 * `type` word), or one sentence that names the branches. Outer choices are settled before the ones inside them.
 */
const settleChoices = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const choice = errors
    .filter(error => error.keyword === 'anyOf' && error.message === 'must match a schema in anyOf')
    .sort((a, b) => a.schemaPath.length - b.schemaPath.length)[0]
  if (choice === undefined) return errors
  const inside = `${choice.schemaPath}/`
  const members = errors.filter(error => error.schemaPath.startsWith(inside) && isAt(error, choice.instancePath))
  const branches = Map.groupBy(members, error => error.schemaPath.slice(inside.length).split('/', 1)[0])
  const meant = [...branches.values()].filter(branch => !branch.some(error => isOtherKind(error, choice.instancePath)))
  const rest = errors.filter(error => error !== choice && !members.includes(error))
  const kept = meant.length === 1 ? (meant[0] ?? []) : [describeBranches(choice)]
  return settleChoices([...rest, ...kept])
}

/** A body of 4 MiB can be wrong in a hundred thousand places; nobody reads more than this many. */
const SHOWN_LIMIT = 50

/** `propertyNames` and `if` only repeat what the errors beneath them say. */
export const toFaults = (errors: readonly ErrorObject[]): readonly Fault[] => {
  const bounded = errors.length > 2000 ? errors.slice(0, 2000) : errors
  const told = settleChoices(bounded).filter(error => error.keyword !== 'if' && error.propertyName === undefined)
  return told.slice(0, SHOWN_LIMIT).map(toFault)
}
