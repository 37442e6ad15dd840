import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOffline } from '#core/offline-answer.ts'

const PAGES = [
  {
    source: 'Hours, https://example.com/hours',
    text: '# Opening hours\nMonday to Friday 8 am to 5 pm\nSaturday 9:00-12:00',
  },
  { source: 'Prices, https://example.com/prices', text: '# Prices\n- Cleaning: $95\n- Whitening: 250 €' },
  {
    source: 'Contact',
    text: 'Write to us or call +1 555 123 4567.\nWe are at 12 River Street, Springfield.\nParking is behind the house.',
  },
]

const ask = (question: string, more: object = {}): string =>
  answerOffline({ question, passages: PAGES, instructions: '', language: 'en-US', is_first: false, ...more })

const ROWS: readonly (readonly [question: string, expected: string])[] = [
  ['When are you open on Saturday?', 'Saturday 9:00-12:00\n(From: Hours, https://example.com/hours)'],
  ['What does a cleaning cost?', 'Cleaning: $95\n(From: Prices, https://example.com/prices)'],
  ['how much is whitening', 'Whitening: 250 €\n(From: Prices, https://example.com/prices)'],
  ['Is there parking?', 'Parking is behind the house.\n(From: Contact)'],
]

for (const [question, expected] of ROWS) test(question, () => assert.equal(ask(question), expected))

test('nothing that speaks about it: says so, and what it is', () => {
  assert.equal(
    ask('Do you sell bicycles?'),
    'I found nothing about that in what I have been given. I look answers up automatically, word for word; no language model is connected.',
  )
  assert.match(ask('Verkaufen Sie Fahrräder?', { language: 'de-CH' }), /^Dazu finde ich nichts.*Sprachmodell/)
  assert.match(ask('?', { language: 'xx' }), /^I found nothing/)
})

test('what commands the agent is never shown, what states a fact is', () => {
  const instructions = 'You are the desk.\nNever name prices of braces.\nBraces are made by Dr. Ada Brown.'
  assert.equal(ask('Who makes braces?', { passages: [], instructions }), 'Braces are made by Dr. Ada Brown.')
  assert.match(ask('May you name prices?', { passages: [], instructions }), /found nothing/)
})

test('an answer is never longer than it may be, whatever the page', () => {
  const text = `cleaning ${'y'.repeat(5000)}\n`.repeat(50)
  assert.ok(ask('cleaning', { passages: [{ source: 's', text }] }).length < 520)
})

test('pages and questions made to take long take none', () => {
  const pages = ['x'.repeat(100_000), `a${' '.repeat(100_000)}b`, '1('.repeat(50_000), `${'word '.repeat(20_000)}`]
  const question = `where phone price open ${'term '.repeat(4000)}`
  const passages = pages.map(text => ({ source: 's', text }))
  // A pattern that went over such a page quadratically would not come back within the run.
  assert.ok(ask(question, { passages, instructions: pages.join('\n') }).length < 2000)
})

test('a word that stands only in a heading finds what stands under it', () => {
  const text = 'Lines 4 and 9 stop here.\n## Is there parking?\nYes, behind the house.\n## By bus\n### Lines\n4 and 9.'
  const ask_visit = (question: string) => ask(question, { passages: [{ source: 'Visit', text }] })
  assert.equal(ask_visit('Is there parking?'), 'Yes, behind the house.\n(From: Visit)')
  assert.equal(ask_visit('Can I come by bus?'), '4 and 9.\n(From: Visit)')
  assert.match(ask_visit('Do you sell bicycles?'), /found nothing/)
})

test('where nothing but the kind of answer is asked for, a line of that kind answers', () => {
  const passages = [{ source: 'Contact', text: 'Welcome.\nWe are at 12 River Street, Springfield.' }]
  assert.match(ask('Where are you?', { passages }), /^We are at 12 River Street/)
})
