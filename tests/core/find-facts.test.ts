import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findHours, findPrices } from '#core/find-facts.ts'

const HOURS: readonly (readonly [line: string, found: readonly (readonly [days: string, hours: string])[]])[] = [
  ['Monday – Friday: 8:00am – 6:00pm', [['Monday – Friday', '8:00am – 6:00pm']]],
  ['- **Sat** 9-1 pm', [['Sat', '9-1 pm']]],
  ['| Mo–Fr | 8–18 Uhr |', [['Mo–Fr', '8–18 Uhr']]],
  ['Montag bis Freitag\n08:00 - 18:00 Uhr', [['Montag bis Freitag', '08:00 - 18:00 Uhr']]],
  ['lunes a viernes 9:00 a 14:00', [['lunes a viernes', '9:00 a 14:00']]],
  ['Lundi au vendredi : 9h00 à 18h30', [['Lundi au vendredi', '9h00 à 18h30']]],
  ['Sunday: closed.', [['Sunday', 'closed']]],
  ['Saturday by appointment', [['Saturday', 'by appointment']]],
  ['Daily 10 am to 10 pm', [['Daily', '10 am to 10 pm']]],
  ['Mon, Wed, Fri 8:00 - 12:00', [['Mon, Wed, Fri', '8:00 - 12:00']]],
  ['Marketing 8-10', []],
  ['Friday was a good day for 8 - 10 people', []],
  ['Sunday roast $18', []],
  ['We open Monday', []],
]

for (const [text, found] of HOURS)
  test(`hours in ${JSON.stringify(text)}`, () =>
    assert.deepEqual(
      findHours(text),
      found.map(([days, hours]) => ({ days, hours })),
    ))

const PRICES: readonly (readonly [line: string, found: readonly (readonly [what: string, price: string])[]])[] = [
  ['Cleaning: $120', [['Cleaning', '$120']]],
  ['| Whitening | $350.50 |', [['Whitening', '$350.50']]],
  ['Implant ........ from $1,900', [['Implant', 'from $1,900']]],
  ['Check-up\n49 €', [['Check-up', '49 €']]],
  ['Haarschnitt ab 35,00 €', [['Haarschnitt', 'ab 35,00 €']]],
  ['Massage 60 min – CHF 120 per hour', [['Massage 60 min', 'CHF 120 per hour']]],
  ['Room $80 – $120', [['Room', '$80 – $120']]],
  ['We raised $5 million', []],
  ['If you come to see us today we will give you a discount of $10', []],
  ['$10', []],
  ['Call 415 555 0132', []],
]

for (const [text, found] of PRICES)
  test(`prices in ${JSON.stringify(text)}`, () =>
    assert.deepEqual(
      findPrices(text),
      found.map(([what, price]) => ({ what, price })),
    ))

const PIECES = [
  'Mon',
  'day',
  ' – ',
  '8',
  ':00',
  'am',
  '$',
  '12',
  ',',
  '.',
  ' ',
  '\n',
  '|',
  'from',
  'a',
  '€',
  'closed',
  '-',
]

test('whatever the text, an end is soon found', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 3000 }), pieces => {
      const text = pieces.join('')
      for (const { days, hours } of findHours(text)) assert.ok(days !== '' && hours.length <= 80)
      for (const { what, price } of findPrices(text)) assert.ok(what.length <= 100 && /\d/.test(price))
    }),
    { numRuns: 200 },
  )
})
