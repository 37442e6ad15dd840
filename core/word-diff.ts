/** What changed within a text, word by word: Myers' O(ND) algorithm (1986). */

export type TextPiece = { readonly kind: 'same' | 'removed' | 'added'; readonly text: string }

/** Words and the space after them, so that pieces put together are the text again. */
const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? []

/** Texts with more edits than this are told apart as a whole: the search grows with the square of it (1 MB at 500). */
const EDITS_LIMIT = 500

/** For each number of edits, how far each diagonal reaches; null: there are too many edits. */
const search = (a: readonly string[], b: readonly string[]): readonly Int32Array[] | null => {
  const reach = new Int32Array(2 * EDITS_LIMIT + 3)
  const at = (k: number): number => k + EDITS_LIMIT + 1
  const trail: Int32Array[] = []
  for (let edits = 0; edits <= EDITS_LIMIT; edits++) {
    for (let k = -edits; k <= edits; k += 2) {
      const left = reach[at(k - 1)] ?? 0
      const right = reach[at(k + 1)] ?? 0
      let x = k === -edits || (k !== edits && left < right) ? right : left + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1
      reach[at(k)] = x
      if (x >= a.length && x - k >= b.length) return [...trail, reach.slice(at(-edits), at(edits) + 1)]
    }
    trail.push(reach.slice(at(-edits), at(edits) + 1))
  }
  return null
}

type Step = { readonly kind: TextPiece['kind']; readonly word: string }

const walkBack = (a: readonly string[], b: readonly string[], trail: readonly Int32Array[]): readonly Step[] => {
  const steps: Step[] = []
  let x = a.length
  let y = b.length
  for (let edits = trail.length - 1; edits > 0; edits--) {
    const before = trail[edits - 1] ?? new Int32Array()
    /** Of the round before: its diagonals run from -(edits - 1). */
    const reached = (k: number): number => before[k + edits - 1] ?? -1
    const k = x - y
    const is_added = k === -edits || (k !== edits && reached(k - 1) < reached(k + 1))
    const from_x = reached(is_added ? k + 1 : k - 1)
    const from_y = from_x - (is_added ? k + 1 : k - 1)
    for (; x > from_x + (is_added ? 0 : 1) && y > from_y + (is_added ? 1 : 0); x--, y--)
      steps.push({ kind: 'same', word: a[x - 1] ?? '' })
    steps.push(is_added ? { kind: 'added', word: b[y - 1] ?? '' } : { kind: 'removed', word: a[x - 1] ?? '' })
    x = from_x
    y = from_y
  }
  for (; x > 0; x--) steps.push({ kind: 'same', word: a[x - 1] ?? '' })
  return steps.reverse()
}

const joined = (steps: readonly Step[]): TextPiece[] => {
  const pieces: { kind: TextPiece['kind']; text: string }[] = []
  for (const { kind, word } of steps) {
    const last = pieces.at(-1)
    if (last?.kind === kind) last.text += word
    else if (word !== '') pieces.push({ kind, text: word })
  }
  return pieces
}

/** Without the pieces added it is `before`, without those removed `after`. */
export const diffWords = (before: string, after: string): readonly TextPiece[] => {
  const a = wordsOf(before)
  const b = wordsOf(after)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const trail = search(from, to)
  const middle: readonly Step[] =
    trail === null
      ? [
          { kind: 'removed', word: from.join('') },
          { kind: 'added', word: to.join('') },
        ]
      : walkBack(from, to, trail)
  return joined([
    { kind: 'same', word: a.slice(0, start).join('') },
    ...middle,
    { kind: 'same', word: a.slice(a.length - end).join('') },
  ])
}
