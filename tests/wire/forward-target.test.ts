import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseUri } from '#voice/sip/uri.ts'
import { forwardFaults, forwardTarget } from '#wire/forward-target.ts'
import { bodyValidator } from '#wire/validate.ts'

const validate = bodyValidator(forwardTarget())
const accepts = (text: string): boolean => validate(text).length === 0 && forwardFaults(text, ['forward']).length === 0

const PIECES = [
  ...[
    'sip:',
    'sips:',
    'SIP:',
    'tel:',
    'a',
    'desk',
    '+15551234567',
    '@',
    '@',
    'example.com',
    'b-',
    '10.0.0.1',
    '300.1.1.1',
  ],
  ...[
    '[2001:db8::7]',
    '[::1',
    ']',
    ':5060',
    ':0',
    ':99999',
    ':',
    ';transport=tls',
    ';lr',
    ';',
    '?',
    '?a=b',
    '%20',
    '%',
  ],
  ...['<', '>', '"', ' ', '\r\n', '\n', '\t', '\0', 'ü', ',', '\\', '{{name}}'],
]

test('what can be saved can be called: it parses as a SIP URI, and ends no header line', () => {
  let accepted = 0
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 })
  fc.assert(
    fc.property(fc.constantFrom('sip:', 'sip:a@', '', 'sips:example.com'), pieces, (start, rest) => {
      const text = [start, ...rest].join('')
      if (!accepts(text)) return
      accepted++
      assert.match(text, /^[\x21-\x7e]+$/)
      assert.doesNotMatch(text, /[<>"\\?]/)
      if (text.startsWith('+')) return
      const uri = parseUri(text)
      assert.ok(uri?.scheme === 'sip' || uri?.scheme === 'sips', text)
      assert.ok(uri.host !== '' && uri.headers === '', text)
    }),
    { numRuns: 20_000, seed: 7 },
  )
  assert.ok(accepted > 100, `${accepted} accepted`)
})

test('a long text that fits nothing is read once: a pattern that goes back and forth over it would not end', () => {
  for (const text of [`sip:${'a.'.repeat(100_000)}!`, `sip:${'a;'.repeat(100_000)}\n`, `sip:${'a'.repeat(200_000)}@@`])
    assert.ok(!accepts(text))
})
