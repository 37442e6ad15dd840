import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Chunk, chunkText, LONGEST_CHUNK, OVERLAP_LIMIT } from '#core/chunk-text.ts'

const said = (text: string): readonly string[] => chunkText(text).map(({ start, end }) => text.slice(start, end))
const sentence = (n: number): string => `This is sentence number ${n} of the paragraph, and it goes on.`
const sentences = (count: number): string => Array.from({ length: count }, (_, n) => sentence(n)).join(' ')

test('what fits is one chunk, paragraphs together', () => {
  assert.deepEqual(said('First.\n\nSecond.\n'), ['First.\n\nSecond.'])
  assert.deepEqual(said(' \n\t\n'), [])
  assert.deepEqual(said(''), [])
})

test('a heading begins a chunk, and says where what follows stands', () => {
  const text =
    '# Riverside *Dental*\n\n## [Hours](/hours)\nMonday 9–5\n\n## Prices ##\n\nCleaning $90\n\n# Contact\nCall us.'
  assert.deepEqual(said(text), [
    '# Riverside *Dental*\n\n## [Hours](/hours)\nMonday 9–5',
    '## Prices ##\n\nCleaning $90',
    '# Contact\nCall us.',
  ])
  assert.deepEqual(
    chunkText(text).map(chunk => chunk.headings),
    [['Riverside Dental', 'Hours'], ['Riverside Dental', 'Prices'], ['Contact']],
  )
})

test('what looks like a heading in code is none', () => {
  assert.equal(said('```\n# not a heading\n```\ntext').length, 1)
})

test('a long paragraph is cut between sentences, and the last of them are said again', () => {
  const [first = '', second = '', ...others] = said(sentences(40))
  assert.ok(first.length > 700 && first.endsWith('goes on.'), first)
  assert.match(second, /^This is sentence number/)
  const said_again = first
    .split(/(?=This is)/)
    .slice(-2)
    .join('')
  assert.ok(second.startsWith(said_again), second)
  assert.ok(others.length > 0)
})

test('sentences that end without a space are told apart too', () => {
  const text = '営業時間は九時から五時までです。'.repeat(120)
  for (const chunk of said(text)) assert.match(chunk, /^営.*。$/)
})

test('a text without any border is cut all the same, never within a character', () => {
  for (const chunk of said('😀'.repeat(3000))) {
    assert.ok(chunk.length <= LONGEST_CHUNK)
    assert.ok(chunk.isWellFormed())
  }
})

const word = fc.constantFrom(
  'word',
  'opening',
  'hours.',
  'price!',
  '# ',
  '\n',
  '\n\n',
  '## Head\n',
  ' ',
  '😀',
  '。',
  '```\n',
  '-',
)
const long = fc.nat(1500).map(length => 'x'.repeat(length))
const anyText = fc
  .array(fc.oneof({ weight: 20, arbitrary: word }, { weight: 1, arbitrary: long }, fc.string({ unit: 'grapheme' })), {
    maxLength: 300,
    size: 'max',
  })
  .map(parts => parts.join(''))

const overlapBefore = (chunks: readonly Chunk[], nth: number): number =>
  Math.max(0, (chunks[nth - 1]?.end ?? 0) - (chunks[nth]?.start ?? 0))

test('of any text: all of it, in order, in pieces of a bounded length', () => {
  fc.assert(
    fc.property(anyText, text => {
      const chunks = chunkText(text)
      const covered = new Uint8Array(text.length)
      chunks.forEach(({ start, end }, nth) => {
        covered.fill(1, start, end)
        const whole = text.slice(start, end)
        assert.ok(whole.length > 0 && whole.length <= LONGEST_CHUNK, String(whole.length))
        assert.equal(whole, whole.trim())
        assert.ok(whole.isWellFormed() || !text.isWellFormed())
        assert.ok(nth === 0 || start > (chunks[nth - 1]?.start ?? 0))
        assert.ok(nth === 0 || end > (chunks[nth - 1]?.end ?? 0))
        assert.ok(overlapBefore(chunks, nth) <= OVERLAP_LIMIT)
      })
      for (let at = 0; at < text.length; at++)
        assert.ok(covered[at] === 1 || /\s/.test(text[at] ?? ''), `${JSON.stringify(text[at])} at ${at} is lost`)
    }),
    { numRuns: 200 },
  )
})

test('a megabyte of one thing comes to an end', () => {
  for (const part of ['a', '\n', '# ', '. ', '```\n', '[', ' ', '*', 'word ', `#${' '.repeat(200)}x\n`]) {
    const chunks = chunkText(part.repeat(1_000_000 / part.length))
    assert.ok(chunks.length <= 10_000, JSON.stringify(part))
  }
})
