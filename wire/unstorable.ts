/**
 * JSON values that would pass any schema and still not survive PostgreSQL or our own recursion: U+0000 and half surrogate
 * pairs (22021, 22P05, 22P02 there), numbers that overflowed to infinity while parsed, and nesting beyond any use.
 */

/** Deeper than any body needs; an AgentConfig nests 8 levels. */
const DEPTH_LIMIT = 64

export type Unstorable = { readonly path: readonly (string | number)[]; readonly message: string }

const faultOf = (value: unknown): string | null => {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is too large a number'
  if (typeof value !== 'string') return null
  if (value.includes('\0')) return 'must not contain U+0000'
  return value.isWellFormed() ? null : 'must not contain half a surrogate pair'
}

/** The first fault found, or null. Keeps its own stack: a body of half a million `[` must not end in ours. */
export const findUnstorable = (root: unknown): Unstorable | null => {
  const open: { readonly value: unknown; readonly path: readonly (string | number)[] }[] = [{ value: root, path: [] }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { value, path } = at
    const fault = faultOf(value)
    if (fault !== null) return { path, message: fault }
    if (typeof value !== 'object' || value === null) continue
    if (path.length >= DEPTH_LIMIT) return { path, message: `is nested deeper than ${DEPTH_LIMIT} levels` }
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        // Lists of a hundred thousand numbers are normal: only what can go wrong below gets a path of its own.
        if (typeof item === 'object' || faultOf(item) !== null) open.push({ value: item, path: [...path, index] })
      }
    } else {
      for (const [key, item] of Object.entries(value)) {
        const key_fault = faultOf(key)
        if (key_fault !== null) return { path, message: `has a key that ${key_fault}` }
        open.push({ value: item, path: [...path, key] })
      }
    }
  }
  return null
}
