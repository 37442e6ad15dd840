/** RFC 4475 3.1.2: not valid. Each starts from a valid request with one thing wrong. */
import { octets, raw, sdp, type TortureMessage } from '#tests/sip/torture/message.ts'

type Changes = {
  readonly start?: string
  readonly via?: string
  readonly to?: string
  readonly from?: string
  readonly cseq?: string
  readonly more?: readonly string[]
  readonly length?: string
  readonly body?: readonly string[]
}

/** `name` makes branch and Call-ID its own. */
function changed(name: string, method: string, changes: Changes): string {
  return raw(
    changes.start ?? `${method} sip:person@example.com SIP/2.0`,
    `Via: ${changes.via ?? `SIP/2.0/UDP 192.0.2.15;rport;branch=z9hG4bK${name}`}`,
    `To: ${changes.to ?? '<sip:person@example.com>'}`,
    `From: ${changes.from ?? '"Caller" <sip:caller@example.net>;tag=9k3'}`,
    'Max-Forwards: 70',
    `Call-ID: ${name}.once@example.net`,
    `CSeq: ${changes.cseq ?? `8 ${method}`}`,
    ...(changes.more ?? ['Contact: <sip:caller@host.example.net>']),
    'Content-Type: application/sdp',
    `Content-Length: ${changes.length ?? '{length}'}`,
    '',
    ...(changes.body ?? sdp),
  )
}

export const invalid_messages: readonly TortureMessage[] = [
  {
    name: 'badinv01',
    section: '3.1.2.1',
    raw: changed('badinv01', 'INVITE', {
      via: 'SIP/2.0/UDP 192.0.2.15;rport;;,;,,',
      more: ['Contact: "Jo" <sip:jo@example.org>;;;;'],
    }),
    expected: 400,
  },
  { name: 'clerr', section: '3.1.2.2', raw: changed('clerr', 'INVITE', { length: '9999' }), expected: 400 },
  { name: 'ncl', section: '3.1.2.3', raw: changed('ncl', 'INVITE', { length: '-999' }), expected: 400 },
  {
    name: 'scalar02',
    section: '3.1.2.4',
    raw: changed('scalar02', 'REGISTER', {
      cseq: '36893488147419103232 REGISTER',
      more: [
        'Max-Forwards: 300',
        'Expires: 1000000000000000000000000000000',
        'Contact: <sip:u@host129.example.com>;expires=280297596632815',
      ],
    }),
    expected: 400,
  },
  {
    name: 'scalarlg',
    section: '3.1.2.5',
    raw: raw(
      'SIP/2.0 503 Service Unavailable',
      'Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129',
      'To: <sip:user@example.com>',
      'From: <sip:other@example.net>;tag=2easdjfejw',
      'CSeq: 9292394834772304023312 OPTIONS',
      'Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r',
      'Retry-After: 949302838503028349304023988',
      'Warning: 1812 overture "In Progress"',
      'Content-Length: 0',
      '',
      '',
    ),
    expected: 'silence',
  },
  {
    name: 'quotbal',
    section: '3.1.2.6',
    raw: changed('quotbal', 'INVITE', { to: '"Mr J. Person <sip:j.person@example.com>' }),
    expected: 400,
  },
  {
    name: 'ltgtruri',
    section: '3.1.2.7',
    raw: changed('ltgtruri', 'INVITE', { start: 'INVITE <sip:person@example.com> SIP/2.0' }),
    expected: 400,
  },
  {
    name: 'lwsruri',
    section: '3.1.2.8',
    raw: changed('lwsruri', 'INVITE', { start: 'INVITE sip:person@example.com; lr SIP/2.0' }),
    expected: 400,
  },
  {
    name: 'lwsstart',
    section: '3.1.2.9',
    raw: changed('lwsstart', 'INVITE', { start: 'INVITE  sip:person@example.com  SIP/2.0' }),
    expected: 400,
  },
  {
    name: 'trws',
    section: '3.1.2.10',
    raw: changed('trws', 'OPTIONS', { start: 'OPTIONS sip:person@example.com SIP/2.0  ' }),
    expected: 400,
  },
  {
    name: 'escruri',
    section: '3.1.2.11',
    raw: changed('escruri', 'INVITE', { start: 'INVITE sip:person@example.com?Route=%3Csip:example.com%3E SIP/2.0' }),
    expected: 400,
  },
  {
    name: 'baddate',
    section: '3.1.2.12',
    raw: changed('baddate', 'INVITE', {
      more: ['Contact: <sip:caller@host5.example.net>', 'Date: Fri, 01 Jan 2010 16:00:00 EST'],
    }),
    expected: 'call',
    why: 'the RFC lets an element that does not need the date ignore it',
  },
  {
    name: 'regbadct',
    section: '3.1.2.13',
    raw: changed('regbadct', 'REGISTER', { more: ['Contact: sip:person@example.com?Route=%3Csip:sip.example.com%3E'] }),
    expected: 400,
  },
  {
    name: 'badaspec',
    section: '3.1.2.14',
    raw: changed('badaspec', 'OPTIONS', { to: '"Person, J" < sip:j.person@example.org >' }),
    expected: 400,
  },
  {
    name: 'baddn',
    section: '3.1.2.15',
    raw: changed('baddn', 'OPTIONS', { from: 'Person, Jo <sip:jo.person@example.com>;tag=43' }),
    expected: 400,
  },
  {
    name: 'badvers',
    section: '3.1.2.16',
    raw: changed('badvers', 'OPTIONS', { start: 'OPTIONS sip:person@example.com SIP/7.0' }),
    expected: 505,
  },
  {
    name: 'mismatch01',
    section: '3.1.2.17',
    raw: changed('mismatch01', 'OPTIONS', { cseq: '8 INVITE' }),
    expected: 400,
  },
  {
    name: 'mismatch02',
    section: '3.1.2.18',
    raw: changed('mismatch02', 'NEWMETHOD', { cseq: '8 INVITE' }),
    expected: 400,
    why: 'the RFC allows 501 as well; nothing that contradicts itself is read further',
  },
  {
    name: 'bigcode',
    section: '3.1.2.19',
    raw: raw(
      'SIP/2.0 4294967301 better not break the receiver',
      'Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe',
      'Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i',
      'CSeq: 353494 INVITE',
      'From: <sip:person@example.com>;tag=39ansfi3',
      'To: <sip:person@example.edu>;tag=902jndnke3',
      'Content-Length: 0',
      '',
      '',
    ),
    expected: 'silence',
  },
  { name: 'not SIP at all', section: '-', raw: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', expected: 'silence' },
  { name: 'octets', section: '-', raw: octets('\u0000\u0001ÿ☃ nothing'), expected: 'silence' },
]
