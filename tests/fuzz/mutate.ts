/** Small damage to JSON values, chosen by a seed: what clients send by mistake, and what nobody sends by mistake. */

export type Random = () => number

export const pick = <T>(random: Random, list: readonly T[]): T => {
  const item = list[Math.floor(random() * list.length)]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

const deep = (levels: number): unknown => {
  let value: unknown = []
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

/** Text that has broken servers: of no length or too much of it, no text at all, of another language, a date that is none. */
export const NASTY_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  'null',
  'true',
  '-1',
  '0x10',
  '1e400',
  'NaN',
  "' or 1=1 --",
  '$1',
  '%',
  '%s%n',
  '../../etc',
  '{{name}}',
  '<script>',
  'latest',
  '0',
  '999999999999999999999',
  '2026-02-30T00:00:00Z',
  '2026-01-01',
  '9999-12-31T23:59:59.999999999+23:59',
  '0000-00-00T00:00:00Z',
  'urn:uuid:0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d',
  '00000000-0000-0000-0000-000000000000',
  '+15551234567 ',
  '15551234567',
  '+0',
  '🦊'.repeat(20),
  'İ',
  'x'.repeat(300),
  'x'.repeat(20_000),
  '__proto__',
  'constructor',
]

const NASTY_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  1e-320,
  [],
  {},
  [null],
  [[]],
  { '': '' },
  { a: { b: { c: null } } },
  deep(70),
  ...NASTY_TEXTS,
]

type Container = Record<string, unknown> | unknown[]

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** Every object and list inside a value, itself first. */
const containers = (root: unknown): readonly Container[] => {
  const found: Container[] = []
  const open = [root]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (!isContainer(value)) continue
    found.push(value)
    open.push(...Object.values(value))
  }
  return found
}

const damageList = (random: Random, list: unknown[]): void => {
  const index = Math.floor(random() * list.length)
  const roll = random()
  if (roll < 0.3) list.push(pick(random, NASTY_VALUES))
  else if (roll < 0.5) list.push(structuredClone(list[index]))
  else if (roll < 0.7) list.splice(index, 1)
  else list[index] = pick(random, NASTY_VALUES)
}

const damageObject = (random: Random, object: Record<string, unknown>): void => {
  const keys = Object.keys(object)
  const roll = random()
  const key = keys.length === 0 || roll < 0.15 ? pick(random, NASTY_TEXTS) : pick(random, keys)
  if (roll < 0.35) delete object[key]
  // Assigning to __proto__ would change the object instead of giving it a key.
  const value = roll < 0.9 ? pick(random, NASTY_VALUES) : [object[key]]
  if (roll < 0.15 || roll >= 0.35)
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** A copy with one thing about it changed; the argument stays as it is. */
export const mutate = (random: Random, original: unknown): unknown => {
  const value = structuredClone(original)
  const places = containers(value)
  if (places.length === 0 || random() < 0.03) return pick(random, NASTY_VALUES)
  const place = pick(random, places)
  if (Array.isArray(place)) damageList(random, place)
  else damageObject(random, place)
  return value
}

/** The same bytes with one flipped, dropped, doubled, or everything after it gone. */
export const mutateBytes = (random: Random, bytes: Buffer): Buffer => {
  const at = Math.floor(random() * bytes.length)
  const roll = random()
  if (roll < 0.25) return bytes.subarray(0, at)
  const copy = Buffer.from(bytes)
  if (roll < 0.7) copy[at] = Math.floor(random() * 256)
  else return Buffer.concat([bytes.subarray(0, at), roll < 0.85 ? bytes.subarray(at - 1) : bytes.subarray(at + 1)])
  return copy
}
