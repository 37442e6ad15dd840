/** The JSON Canonicalization Scheme (RFC 8785): one text for one value, so that equal configs have equal digests. */

// ECMAScript's own number and string serialization is the one that the RFC prescribes (3.2.2); only key order is ours.
export const canonicalJson = (value: unknown): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  // Sorted by UTF-16 code units (3.2.3), which is what `<` compares.
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}
