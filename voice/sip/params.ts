/** The pieces that header values share: blanks, quoted strings, `;name=value` lists, comma lists (RFC 3261 25.1). */

export type Param = readonly [name: string, value: string | null]
export type Params = { readonly params: readonly Param[]; readonly end: number }

const param_name = /[A-Za-z0-9\-.!%*_+`'~]+/y
/** token, or a host with its brackets and colons, or what phones write in spite of the grammar; never a separator. */
const param_value = /[^\s;,"<>\\()?@]+/y

export function skipBlanks(text: string, at: number): number {
  let next = at
  while (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9) next += 1
  return next
}

/** Index after the closing quote of the quoted string that starts at `at`, or -1. */
export function endOfQuoted(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next += 1) {
    const code = text.charCodeAt(next)
    if (code === 92) next += 1
    else if (code === 34) return next + 1
  }
  return -1
}

/** Reads `*(;name[=value])` from `at` up to a comma or the end. Null: something else stands there. */
export function parseParams(text: string, at: number): Params | null {
  const params: Param[] = []
  let next = skipBlanks(text, at)
  while (next < text.length && text.charCodeAt(next) !== 44) {
    if (text.charCodeAt(next) !== 59) return null
    param_name.lastIndex = skipBlanks(text, next + 1)
    const name = param_name.exec(text)?.[0]
    if (name === undefined) return null
    next = skipBlanks(text, param_name.lastIndex)
    let value: string | null = null
    if (text.charCodeAt(next) === 61) {
      const from = skipBlanks(text, next + 1)
      const to = endOfValue(text, from)
      if (to < 0) return null
      value = text.slice(from, to)
      next = skipBlanks(text, to)
    }
    params.push([name.toLowerCase(), value])
  }
  return { params, end: next }
}

function endOfValue(text: string, from: number): number {
  if (text.charCodeAt(from) === 34) return endOfQuoted(text, from)
  param_value.lastIndex = from
  return param_value.test(text) ? param_value.lastIndex : -1
}

/** The value of a parameter: undefined when it is not there, null when it has none. */
export function paramOf(params: readonly Param[], name: string): string | null | undefined {
  for (const param of params) if (param[0] === name) return param[1]
  return undefined
}

/** Cuts a header value at its commas, those in quotes and angle brackets excepted. Empty elements are left out. */
export function splitList(text: string): string[] {
  const elements: string[] = []
  let from = 0
  let inside = false
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? 44 : text.charCodeAt(at)
    if (code === 34) {
      const end = endOfQuoted(text, at)
      at = (end < 0 ? text.length : end) - 1
    } else if (code === 60) inside = true
    else if (code === 62) inside = false
    else if (code === 44 && (!inside || at === text.length)) {
      const element = text.slice(from, at).trim()
      if (element !== '') elements.push(element)
      from = at + 1
    }
  }
  return elements
}
