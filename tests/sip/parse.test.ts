/** Messages and header values as tables, and what holds for all of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { request } from '#tests/sip/endpoint.ts'
import { valid_messages } from '#tests/sip/torture/valid.ts'
import {
  allFields,
  decodeText,
  encodeText,
  firstField,
  type HeaderField,
  headersOf,
  type SipMessage,
} from '#voice/sip/message.ts'
import { parseNameAddr, tagOf } from '#voice/sip/name-addr.ts'
import { splitList } from '#voice/sip/params.ts'
import { message_limits, parseMessage } from '#voice/sip/parse-message.ts'
import { parseHostPort, requestTarget, responseTarget } from '#voice/sip/peer.ts'
import { readRequestHead } from '#voice/sip/request-head.ts'
import { buildResponse } from '#voice/sip/response.ts'
import { safeFields, safeValue, serializeMessage } from '#voice/sip/serialize-message.ts'
import { parseUri, userOf } from '#voice/sip/uri.ts'
import { parseVia, stampVia } from '#voice/sip/via.ts'

const token = fc.stringMatching(/^[A-Za-z0-9\-.!%*_+`'~]{1,12}$/)
const value = fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]{0,30}[\x21-\x7e\x80-\xff])?)?$/)
const field = fc.tuple(
  token.map(name => `x-${name.toLowerCase()}`),
  value,
)
const named = fc.tuple(fc.constantFrom('via', 'from', 'to', 'call-id', 'cseq', 'contact', 'route', 'subject'), value)
const body = fc.stringMatching(/^[\x00-\xff]{0,60}$/)
const fields = fc.array(fc.oneof(field, named), { maxLength: 12 })
const anyMessage: fc.Arbitrary<SipMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    method: token,
    uri: fc.stringMatching(/^sip:[a-z0-9@.;=]{1,20}$/),
    fields,
    body,
  }),
  fc.record({
    kind: fc.constant('response' as const),
    status: fc.integer({ min: 100, max: 699 }),
    reason: value,
    fields,
    body,
  }),
)

test('parse(serialize(m)) is m, with the Content-Length that was written', () => {
  fc.assert(
    fc.property(anyMessage, message => {
      const length: HeaderField = ['content-length', String(message.body.length)]
      assert.deepEqual(parseMessage(serializeMessage(message)), { ...message, fields: [...message.fields, length] })
    }),
  )
})

test('whatever comes, parsing returns', () => {
  const texts = valid_messages.map(message => message.raw)
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(2000),
      fc.nat(2000),
      fc.stringMatching(/^[\x00-\xff]{0,20}$/),
      (text, from, to, piece) => {
        const message = parseMessage(text.slice(0, from) + piece + text.slice(to))
        if (message.kind === 'request') readRequestHead(message)
      },
    ),
  )
})

test('compact names, folding and case', () => {
  const message = parseMessage('OPTIONS sip:x SIP/2.0\r\nv: a\r\nVIA : b\r\n\tc\r\nX-Odd:\r\n  \r\nS:\r\n d\r\n\r\n')
  assert.equal(message.kind, 'request')
  if (message.kind !== 'request') return
  assert.deepEqual(message.fields, [
    ['via', 'a'],
    ['via', 'b c'],
    ['x-odd', ''],
    ['subject', 'd'],
  ])
  assert.deepEqual(
    [headersOf(message).get('VIA'), headersOf(message).all('via'), headersOf(message).get('none')],
    ['a', ['a', 'b c'], undefined],
  )
})

test('text is UTF-8 for readers and octets for the wire', () => {
  assert.equal(decodeText(encodeText('Zoë ☎')), 'Zoë ☎')
  assert.equal(decodeText('\xff'), '\ufffd')
})

const ok_head =
  'Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: i\r\nCSeq: 1 INVITE\r\n'
const malformed: readonly (readonly [text: string, status: number | null])[] = [
  ['', null],
  ['\r\n\r\n', null],
  ['INVITE sip:x SIP/2.0', null],
  ['hello world\r\n\r\n', null],
  ['SIP/2.0 099 Low\r\n\r\n', null],
  ['SIP/2.0 700 High\r\n\r\n', null],
  ['SIP/3.0 200 OK\r\n\r\n', null],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}no colon\r\n\r\n`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}bad name: 1\r\n\r\n`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}X: a\nY: b\r\n\r\n`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}X: a\rb\r\n\r\n`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}X: ${'a'.repeat(message_limits.header_bytes)}\r\n\r\n`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}${'X: 1\r\n'.repeat(message_limits.headers)}\r\n`, 400],
  [`INVITE sip:${'x'.repeat(message_limits.start_line_bytes)} SIP/2.0\r\n${ok_head}\r\n`, 400],
  [`IN(VITE sip:x SIP/2.0\r\n${ok_head}\r\n`, 400],
  [`INVITE sip:x SIP/1.0\r\n${ok_head}\r\n`, 505],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}Content-Length: 1e1\r\n\r\n0123456789`, 400],
  [`INVITE sip:x SIP/2.0\r\n${ok_head}${'x'.repeat(70_000)}`, null],
]
for (const [text, status] of malformed)
  test(`malformed: ${JSON.stringify(text.replace(ok_head, '…').slice(0, 50))} → ${status ?? 'dropped'}`, () => {
    const message = parseMessage(text)
    assert.equal(message.kind, 'malformed')
    assert.equal(message.kind === 'malformed' && message.status, status)
  })

const uris: readonly (readonly [
  text: string,
  scheme: string | null,
  user?: string,
  host?: string,
  port?: number | null,
])[] = [
  ['sip:example.com', 'sip', '', 'example.com', null],
  ['SIPS:a@Example.com:5061;lr', 'sips', 'a', 'Example.com', 5061],
  ['sip:+1555%2D1;x=y:pw@[2001:db8::1]:5070', 'sip', '+1555-1;x=y', '[2001:db8::1]', 5070],
  ['sip:*72#@h', 'sip', '*72#', 'h', null],
  ['sip:zo%C3%AB@h', 'sip', 'zoë', 'h', null],
  ['tel:+1-555-0100;phone-context=x', 'tel', '+1-555-0100'],
  ['tel:', null],
  ['sip:', null],
  ['sip:@h', null],
  ['sip:a@b@c', null],
  ['sip:a%zz@c', null],
  ['sip:a b@c', null],
  ['sip:a@h:99999', null],
  ['sip:a@h:5060x', null],
  ['sip:<a@h>', null],
  ['http://x', 'other', ''],
  ['nonsense', null],
]
for (const [text, scheme, user, host, port] of uris)
  test(`uri ${text}`, () => {
    const uri = parseUri(text)
    assert.equal(uri?.scheme ?? null, scheme)
    if (uri === null) return
    assert.equal(userOf(uri), user)
    if (uri.scheme === 'sip' || uri.scheme === 'sips') assert.deepEqual([uri.host, uri.port], [host, port])
  })

const addresses: readonly (readonly [line: string, uri: string | null, tag?: string])[] = [
  ['<sip:a@b>;tag=1', 'sip:a@b', '1'],
  ['sip:a@b;tag=1', 'sip:a@b', '1'],
  ['"A \\" , <x> ;tag=no" <sip:a@b;tag=no> ; TAG = 2', 'sip:a@b;tag=no', '2'],
  ['A B<sip:a@b>', 'sip:a@b', ''],
  ['<sip:a@b>, <sip:c@d>;tag=3', 'sip:a@b', ''],
  ['<sip:a@b>;q="a;tag=9"', 'sip:a@b', ''],
  ['A, B <sip:a@b>', null],
  ['"A <sip:a@b>', null],
  ['"A" sip:a@b', null],
  ['<sip:a@b', null],
  ['<sip:a@b> x', null],
  ['<sip:a@b>;', null],
  ['sip:a@b?x=y', null],
  ['', null],
]
for (const [line, uri, tag] of addresses)
  test(`name-addr ${line}`, () => {
    const address = parseNameAddr(line)
    assert.equal(address?.uri_text ?? null, uri)
    if (address !== null) assert.equal(tagOf(address), tag)
  })

const vias: readonly (readonly [line: string, stamped: string | null])[] = [
  ['SIP/2.0/UDP 10.0.0.1:5070;branch=b', 'SIP/2.0/UDP 10.0.0.1:5070;branch=b'],
  ['SIP/2.0/UDP h;branch=b', 'SIP/2.0/UDP h;branch=b;received=10.0.0.1'],
  ['SIP/2.0/UDP h;rport;branch=b, SIP/2.0/TCP i', 'SIP/2.0/UDP h;rport=777;branch=b;received=10.0.0.1, SIP/2.0/TCP i'],
  ['SIP / 2.0 / UDP h : 5060 ; branch=b ;rport', 'SIP / 2.0 / UDP h : 5060 ; branch=b ;rport=777;received=10.0.0.1'],
  ['SIP/2.0/UDP [::1]:5060;rport=5', 'SIP/2.0/UDP [::1]:5060;rport=5;received=10.0.0.1'],
  ['SIP/2.0/UDP h:0', null],
  ['SIP/2.0/UDP h:70000', null],
  ['SIP/1.0/UDP h', null],
  ['SIP/2.0/UDP', null],
  ['SIP/2.0/UDP h;;', null],
  ['SIP/2.0/UDP h x', null],
]
for (const [line, stamped] of vias)
  test(`via ${line}`, () => {
    const via = parseVia(line)
    assert.equal(via === null ? null : stampVia(line, via, { address: '10.0.0.1', port: 777 }), stamped)
  })

test('answers go to the source port with rport, else to the port of the Via, never to maddr', () => {
  const source = { transport: 'udp', address: '10.0.0.1', port: 777, connection: null } as const
  const to = (line: string) => {
    const via = parseVia(line)
    assert.ok(via)
    const { address, port } = responseTarget(via, source)
    return `${address}:${port}`
  }
  assert.equal(to('SIP/2.0/UDP h:5070;rport'), '10.0.0.1:777')
  assert.equal(to('SIP/2.0/UDP h:5070;maddr=10.9.9.9'), '10.0.0.1:5070')
  assert.equal(to('SIP/2.0/UDP h'), '10.0.0.1:5060')
})

test('requests go where their URI says', () => {
  const to = (text: string) => {
    const uri = parseUri(text)
    assert.ok(uri?.scheme === 'sip')
    const { transport, address, port } = requestTarget(uri, 'udp')
    return `${transport} ${address} ${port}`
  }
  assert.deepEqual(['sip:h', 'sip:[::1]:7;transport=TCP', 'sip:h;transport=tls;lr'].map(to), [
    'udp h 5060',
    'tcp ::1 7',
    'udp h 5060',
  ])
  assert.deepEqual(parseHostPort('[::1]:7'), { host: '::1', port: 7 })
  assert.deepEqual(['h:0', 'h:x', 'a b', ''].map(parseHostPort), [null, null, null, null])
})

test('lists are cut at their commas only', () => {
  assert.deepEqual(splitList('<sip:a,b;lr> , "x,\\"y" <sip:c>,, sip:d '), ['<sip:a,b;lr>', '"x,\\"y" <sip:c>', 'sip:d'])
})

const heads: readonly (readonly [change: string, to: string, reason: string | null])[] = [
  ['', '', null],
  ['CSeq: 1 INVITE', 'CSeq: 2147483648 INVITE', 'Bad CSeq'],
  ['CSeq: 1 INVITE', 'CSeq: 1INVITE', 'Bad CSeq'],
  ['CSeq: 1 INVITE', 'CSeq: INVITE', 'Bad CSeq'],
  ['CSeq: 1 INVITE', 'CSeq: 1 BYE', 'CSeq Method Mismatch'],
  ['Max-Forwards: 70', 'Max-Forwards: 256', 'Bad Max-Forwards'],
  ['Max-Forwards: 70', 'Max-Forwards: x', 'Bad Max-Forwards'],
  ['Call-ID: call-1', 'Call-ID: a b', 'Bad Call-ID'],
  ['Call-ID: call-1', 'X: y', 'Missing Header'],
  ['Call-ID: call-1', 'Call-ID: a\r\nCall-ID: b', 'Several Call-ID headers'],
  ['Contact: ', 'Contact: <sip:a', 'Bad Contact'],
  ['From: ', 'From: x, y', 'Bad From'],
  ['To: ', 'To: <', 'Bad To'],
  ['Via: ', 'Via: x', 'Bad Via'],
]
for (const [change, to, reason] of heads)
  test(`head: ${to === '' ? 'as it should be' : to.replace('\r\n', ', ')}`, () => {
    const message = parseMessage(request('INVITE').replace(change, to))
    assert.equal(message.kind, 'request')
    const head = message.kind === 'request' ? readRequestHead(message) : null
    assert.equal(head?.kind === 'bad' ? head.reason : null, reason)
  })

test('values of other hands cannot start a header or a message', () => {
  fc.assert(fc.property(fc.string(), text => assert.doesNotMatch(safeValue(text), /[\r\n\0]/)))
  assert.deepEqual(
    safeFields([
      ['X-A', ' a\r\nEvil: b '],
      ['B C', 'x'],
      ['é', 'x'],
    ]),
    [['x-a', 'a Evil: b']],
  )
})

test('fields are found by name', () => {
  const message = {
    fields: [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const,
  }
  assert.deepEqual(
    [firstField(message, 'a'), firstField(message, 'c'), allFields(message, 'a')],
    ['1', undefined, ['1', '3']],
  )
})

test('a tag is added to To where it has none, a URI parameter of that name aside', () => {
  const toLine = (to: string) => {
    const message = parseMessage(request('INVITE').replace(/To: .*/, () => `To: ${to}`))
    assert.ok(message.kind === 'request')
    const text = buildResponse(message, null, { address: '10.0.0.1', port: 1 }, { status: 200, to_tag: 'new' })
    return /^To: (.*)$/m.exec(text)?.[1]?.trimEnd()
  }
  assert.equal(toLine('<sip:a;tag=x@b;tag=y>'), '<sip:a;tag=x@b;tag=y>;tag=new')
  assert.equal(toLine('"a;tag=x" <sip:a@b>;p=1'), '"a;tag=x" <sip:a@b>;p=1;tag=new')
  assert.equal(toLine('<sip:a@b> ; Tag = old'), '<sip:a@b> ; Tag = old')
  assert.equal(toLine('sip:a@b;tag=old'), 'sip:a@b;tag=old')
})
