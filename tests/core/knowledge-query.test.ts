import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { correctable, distance, lookupsOf, meantBy, termsOf } from '#core/knowledge-query.ts'
import { knowledgeUses } from '#core/knowledge-uses.ts'
import { mediaTypeOf, mediaTypeOfFile } from '#core/media-type.ts'
import { SOURCE_FAILURES } from '#core/source-failure.ts'
import { searchConfigurationOf } from '#core/text-language.ts'

const known = (word: string, chunk_count = 1) => ({ word, lexeme: word, chunk_count })

test('what was meant by a word', () => {
  const table: readonly (readonly [asked: string, candidates: readonly string[], meant: string | null])[] = [
    ['whitning', ['whitening', 'writing'], 'whitening'],
    ['houers', ['hours', 'houses'], 'hours'],
    ['openning', ['opening'], 'opening'],
    ['teh', ['the'], null],
    ['cat', ['car'], null],
    ['9000', ['9001'], null],
    ['parking', ['barking'], 'barking'],
    ['dental', ['rental', 'dentals'], 'rental'],
    ['hello', [], null],
  ]
  for (const [asked, candidates, meant] of table)
    assert.equal(
      meantBy(
        asked,
        candidates.map(word => known(word)),
      )?.word ?? null,
      meant,
      asked,
    )
})

test('words that cannot be misspelt are not looked for, and of the others the longest', () => {
  assert.deepEqual(correctable(['cat', '1990s', 'opening', 'whitening']), ['whitening', 'opening'])
  assert.equal(correctable(Array.from({ length: 100 }, (_, nth) => 'x'.repeat(4 + nth))).length, 8)
})

test('among words that are as near the most common one is meant', () => {
  assert.equal(meantBy('houre', [known('hours', 2), known('house', 30)])?.word, 'house')
})

test('the distance of words: the same both ways, nothing for the same, one for a swap', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ü', '😀'), maxLength: 8 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(distance(a, b, 9), distance(b, a, 9))
      assert.equal(distance(a, b, 9) === 0, a === b)
      assert.ok(distance(a, b, 9) <= Math.max([...a].length, [...b].length))
      assert.ok(distance(a, b, 1) <= 2)
    }),
  )
  assert.equal(distance('hosue', 'house', 2), 1)
})

test('rare words weigh more, unknown ones nothing, and there are a dozen at most', () => {
  const counts = new Map([
    ['the', 900],
    ['rare', 1],
    ['some', 50],
  ])
  const terms = termsOf(['the', 'rare', 'some', 'none', 'rare'], counts, 1000)
  assert.deepEqual(
    terms.map(term => term.lexeme),
    ['rare', 'some', 'the'],
  )
  assert.deepEqual(
    terms.map(term => term.weight),
    terms.map(term => term.weight).toSorted((a, b) => b - a),
  )
  const many = Array.from({ length: 40 }, (_, nth) => `w${nth}`)
  assert.equal(termsOf(many, new Map(many.map(word => [word, 3])), 10).length, 12)
})

test('all terms together, all but one, each alone; a common one alone only when there is no rarer', () => {
  const term = (lexeme: string, chunk_count: number) => ({ lexeme, chunk_count, weight: 1 })
  assert.deepEqual(lookupsOf([term('a', 1), term('b', 2), term('c', 3)], 10), [
    ...[
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ],
    ...[['a'], ['b'], ['c']],
  ])
  assert.deepEqual(lookupsOf([term('a', 1), term('b', 900_000)], 1_000_000), [['a', 'b'], ['a']])
  assert.deepEqual(lookupsOf([term('b', 900_000)], 1_000_000), [['b']])
  assert.deepEqual(lookupsOf([], 10), [])
})

test('where a config names knowledge bases', () => {
  const action = { type: 'knowledge_base', knowledge_base_id: 'B', query: 'x' }
  const config = {
    knowledge_bases: [{ id: 'A', top_n: 5 }],
    tools: [
      { actions: [{ type: 'wait' }, action], actions_on_error: [{ ...action, knowledge_base_id: null }, action] },
    ],
  }
  assert.deepEqual(knowledgeUses(config), [
    { pointer: '/knowledge_bases/0/id', id: 'a' },
    { pointer: '/tools/0/actions/1/knowledge_base_id', id: 'b' },
    { pointer: '/tools/0/actions_on_error/1/knowledge_base_id', id: 'b' },
  ])
  assert.deepEqual(knowledgeUses({}), [])
})

test('kinds of documents and languages', () => {
  assert.equal(mediaTypeOf('Text/HTML; charset=utf-8'), 'text/html')
  assert.equal(mediaTypeOf('image/png'), null)
  assert.equal(mediaTypeOfFile('Price.List.PDF'), 'application/pdf')
  assert.equal(mediaTypeOfFile('pdf'), null)
  assert.equal(searchConfigurationOf('de-CH'), 'german')
  assert.equal(searchConfigurationOf('tlh'), 'simple')
})

test('docs/knowledge.md lists every way that a source fails, with its sentence, and no other', () => {
  const page = readFileSync(new URL('../../docs/knowledge.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?\.) \|$/gm)].map(([, code, sentence]) => [code, sentence])
  assert.deepEqual(Object.fromEntries(rows), SOURCE_FAILURES)
})
