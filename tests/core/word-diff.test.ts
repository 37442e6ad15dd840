import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diffWords, type TextPiece } from '#core/word-diff.ts'

const without = (pieces: readonly TextPiece[], kind: TextPiece['kind']): string =>
  pieces.flatMap(piece => (piece.kind === kind ? [] : [piece.text])).join('')

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', ' ', '\n', 'word '), { maxLength: 30 })
  .map(parts => parts.join(''))

test('the pieces are both texts again', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = diffWords(before, after)
      assert.equal(without(pieces, 'added'), before)
      assert.equal(without(pieces, 'removed'), after)
    }),
    { numRuns: 2000 },
  )
})

const words = (pieces: readonly TextPiece[]) =>
  pieces.filter(({ kind }) => kind !== 'same').reduce((sum, piece) => sum + (piece.text.match(/\S+/g)?.length ?? 0), 0)

/** The length of what is neither removed nor added, by the textbook's table. */
const longestCommon = (a: readonly string[], b: readonly string[]): number => {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const next = [0]
    for (const [at, other] of b.entries())
      next.push(word === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0))
    row = next
  }
  return row.at(-1) ?? 0
}

test('no edit script is shorter', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 })
  fc.assert(
    fc.property(list, list, (a, b) => {
      // Each word with its space, so that words are compared as this test does.
      const join = (parts: readonly string[]) => parts.map(part => ` ${part}`).join('')
      assert.equal(words(diffWords(join(a), join(b))), a.length + b.length - 2 * longestCommon(a, b))
    }),
    { numRuns: 1000 },
  )
})

test('texts of 100,000 characters with nothing in common are told apart at once', () => {
  const long = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word}${index}`).join(' ')
  const pieces = diffWords(long('a'), long('b'))
  assert.deepEqual(
    pieces.map(({ kind }) => kind),
    ['removed', 'added'],
  )
})
