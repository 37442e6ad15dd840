/**
 * What differs between two configs, field by field. The changes are a JSON Patch (RFC 6902): applied one after the other they
 * make the first config the second. Members that the RFC does not define say more, and are ignored by who applies it.
 */
import { canonicalJson } from '#core/canonical-json.ts'
import type { AgentConfig, JsonObject } from '#core/version.ts'
import { diffWords, type TextPiece } from '#core/word-diff.ts'

export type ConfigChange = {
  readonly op: 'add' | 'remove' | 'replace'
  /** RFC 6901, as it is once the changes before it were applied. */
  readonly path: string
  /** What is there now; absent for `remove`. */
  readonly value?: unknown
  /** What was there before; absent for `add`. */
  readonly old?: unknown
  /** The same place by names that do not shift: `tools.book_appointment.description`. */
  readonly field: string
  /** Of a text whose wording changed. */
  readonly words?: readonly TextPiece[]
}

export type ConfigDiff = { readonly changes: readonly ConfigChange[] }

type Place = { readonly path: string; readonly field: string }

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 6901 3. */
const inside = ({ path, field }: Place, token: string | number, name: string = String(token)): Place => {
  const shown = /^[\w-]+$/.test(name) ? name : JSON.stringify(name)
  return {
    path: `${path}/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    field: field === '' ? shown : `${field}.${shown}`,
  }
}

const added = (place: Place, value: unknown): ConfigChange => ({ op: 'add', ...place, value })
const removed = (place: Place, old: unknown): ConfigChange => ({ op: 'remove', ...place, old })

/** One word put in place of another is told best by the two. */
const isProse = (text: unknown): text is string => typeof text === 'string' && /\S\s+\S/.test(text)

const replaced = (place: Place, old: unknown, value: unknown): ConfigChange => ({
  op: 'replace',
  ...place,
  value,
  old,
  ...(isProse(old) && isProse(value) ? { words: diffWords(old, value) } : {}),
})

/** What items of a list are known by: tools and criteria by their name, knowledge bases by their id. */
const keysOf = (items: readonly unknown[]): readonly string[] | null => {
  const keys = items.map(item => (isObject(item) ? (item.name ?? item.id) : undefined))
  const are_keys = keys.every(key => typeof key === 'string') && new Set(keys).size === keys.length
  return are_keys ? (keys as readonly string[]) : null
}

type Keyed = { readonly items: readonly unknown[]; readonly keys: readonly string[] }

const diffKeyed = (place: Place, before: Keyed, after: Keyed): readonly ConfigChange[] => {
  const stays = before.keys.filter(key => after.keys.includes(key))
  const stay_there = after.keys.filter(key => before.keys.includes(key))
  if (stays.some((key, index) => stay_there[index] !== key)) return [replaced(place, before.items, after.items)]
  const gone = before.keys.flatMap((key, index) =>
    after.keys.includes(key) ? [] : [removed(inside(place, index, key), before.items[index])],
  )
  const come = after.keys.flatMap((key, index) =>
    before.keys.includes(key) ? [] : [added(inside(place, index, key), after.items[index])],
  )
  const changed = after.keys.flatMap((key, index) =>
    before.keys.includes(key)
      ? diffAt(inside(place, index, key), before.items[before.keys.indexOf(key)], after.items[index])
      : [],
  )
  // From the back, so that no index shifts before it is used.
  return [...gone.reverse(), ...come, ...changed]
}

const diffLists = (place: Place, before: readonly unknown[], after: readonly unknown[]): readonly ConfigChange[] => {
  const [before_keys, after_keys] = [keysOf(before), keysOf(after)]
  if (before_keys && after_keys)
    return diffKeyed(place, { items: before, keys: before_keys }, { items: after, keys: after_keys })
  // A list of plain values is one thing to say.
  if (![...before, ...after].every(isObject)) return [replaced(place, before, after)]
  const both = Math.min(before.length, after.length)
  return [
    ...before.slice(0, both).flatMap((item, index) => diffAt(inside(place, index), item, after[index])),
    ...before
      .slice(both)
      .map((item, index) => removed(inside(place, both + index), item))
      .reverse(),
    ...after.slice(both).map((item, index) => added(inside(place, both + index), item)),
  ]
}

/** What callers notice first is told first; PostgreSQL keeps keys in an order of its own. */
const FIRST = ['instructions', 'starting_message', 'tools', 'knowledge_bases', 'language', 'stt_llm_tts']
const rank = (key: string): number => (FIRST.indexOf(key) + FIRST.length + 1) % (FIRST.length + 1)
const inOrder = (a: string, b: string): number => rank(a) - rank(b) || (a < b ? -1 : 1)

const diffObjects = (place: Place, before: JsonObject, after: JsonObject): readonly ConfigChange[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(inOrder).flatMap(key => {
    const there = inside(place, key)
    if (!Object.hasOwn(after, key)) return [removed(there, before[key])]
    if (!Object.hasOwn(before, key)) return [added(there, after[key])]
    return diffAt(there, before[key], after[key])
  })

const diffAt = (place: Place, before: unknown, after: unknown): readonly ConfigChange[] => {
  if (canonicalJson(before) === canonicalJson(after)) return []
  if (isObject(before) && isObject(after)) return diffObjects(place, before, after)
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(place, before, after)
  return [replaced(place, before, after)]
}

/** In an order that depends on names alone; empty: they are equal. */
export const diffConfigs = (before: AgentConfig, after: AgentConfig): ConfigDiff => ({
  changes: diffAt({ path: '', field: '' }, before, after),
})
