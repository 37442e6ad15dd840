import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callerOf, toE164 } from '#core/e164.ts'

test('numbers as trunks write them become E.164', () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['+15551234567', '+15551234567'],
    ['15551234567', '+15551234567'],
    ['0015551234567', '+15551234567'],
    ['+1 (555) 123-4567', '+15551234567'],
    ['+1.555.123.4567', '+15551234567'],
    ['+15551234567;user=phone', '+15551234567'],
    ['+15551234567;phone-context=example.com;npdi', '+15551234567'],
    ['tel:+15551234567', '+15551234567'],
    ['TEL:15551234567', '+15551234567'],
    ['1234567', '+1234567'],
    ['123456', null],
    ['+0123456789', null],
    ['0123456789', null],
    ['+1234567890123456', null],
    ['++15551234567', null],
    ['+1555123456a', null],
    ['alice', null],
    ['', null],
    ['+', null],
    ['٠١٢٣٤٥٦٧٨٩', null],
  ]
  for (const [given, expected] of table) assert.equal(toE164(given), expected, JSON.stringify(given))
})

test('a caller is E.164 where it is one, as given where not, and null when withheld', () => {
  const table: readonly (readonly [string | null, string | null])[] = [
    [null, null],
    ['', null],
    ['anonymous', null],
    ['Anonymous', null],
    ['restricted', null],
    ['+4930123456', '+4930123456'],
    ['004930123456', '+4930123456'],
    ['alice', 'alice'],
    ['a\u0000b', 'a\ufffdb'],
    ['\ud800', '\ufffd'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ]
  for (const [given, expected] of table) assert.equal(callerOf(given), expected, JSON.stringify(given))
})
