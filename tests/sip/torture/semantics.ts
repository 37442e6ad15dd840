/** RFC 4475 3.2 (transactions), 3.3 (what the message asks for), 3.4 (RFC 2543). */
import { raw, sdp, type TortureMessage } from '#tests/sip/torture/message.ts'

const top = (name: string, start: string, cseq: string) => [
  start,
  `Via: SIP/2.0/UDP 192.0.2.95;rport;branch=z9hG4bK${name}`,
  'To: <sip:person@example.com>',
  'From: <sip:caller@example.net>;tag=kk2',
  'Max-Forwards: 70',
  `Call-ID: ${name}.unique@example.net`,
  `CSeq: ${cseq}`,
  'Contact: <sip:caller@host5.example.net>',
]
const empty = ['Content-Length: 0', '', ''] as const
const with_sdp = ['Content-Type: application/sdp', 'Content-Length: {length}', '', ...sdp] as const
const register = (name: string, ...more: string[]) =>
  raw(...top(name, 'REGISTER sip:example.com SIP/2.0', '8 REGISTER'), ...more, ...empty)

export const semantic_messages: readonly TortureMessage[] = [
  {
    name: 'badbranch',
    section: '3.2.1',
    raw: raw(...top('', 'OPTIONS sip:person@example.com SIP/2.0', '8 OPTIONS'), ...empty).replace(
      'Call-ID: .',
      'Call-ID: badbranch.',
    ),
    expected: 200,
  },
  {
    name: 'insuf',
    section: '3.3.1',
    raw: raw(
      'INVITE sip:person@example.com SIP/2.0',
      'CSeq: 193942 INVITE',
      'Via: SIP/2.0/UDP 192.0.2.95;rport;branch=z9hG4bKinsuf',
      ...with_sdp,
    ),
    expected: 400,
  },
  {
    name: 'unkscm',
    section: '3.3.2',
    raw: raw(...top('unkscm', 'OPTIONS nobodySpeaksThis:whatever SIP/2.0', '8 OPTIONS'), ...empty),
    expected: 416,
  },
  {
    name: 'novelsc',
    section: '3.3.3',
    raw: raw(...top('novelsc', 'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0', '8 OPTIONS'), ...empty),
    expected: 416,
  },
  {
    name: 'unksm2',
    section: '3.3.4',
    raw: raw(
      'REGISTER sip:example.com SIP/2.0',
      'To: isbn:2983792873',
      'From: <http://www.example.com>;tag=3234233',
      'Call-ID: unksm2.daksdj@hyphenated-host.example.com',
      'CSeq: 234902 REGISTER',
      'Max-Forwards: 70',
      'Via: SIP/2.0/UDP 192.0.2.21:5060;rport;branch=z9hG4bKunksm2',
      'Contact: <name:John_Smith>',
      ...empty,
    ),
    expected: 405,
    why: 'nobody registers here, whatever the scheme',
  },
  {
    name: 'bext01',
    section: '3.3.5',
    raw: raw(
      ...top('bext01', 'OPTIONS sip:person@example.com SIP/2.0', '8 OPTIONS'),
      'Require: nobodyHasThis, norThis',
      'Proxy-Require: notThisEither',
      ...empty,
    ),
    expected: 420,
  },
  {
    name: 'invut',
    section: '3.3.6',
    raw: raw(
      ...top('invut', 'INVITE sip:person@example.com SIP/2.0', '8 INVITE'),
      'Content-Type: application/alien',
      'Content-Length: {length}',
      '',
      '<x/>',
    ),
    expected: 415,
  },
  {
    name: 'regaut01',
    section: '3.3.7',
    raw: register('regaut01', 'Authorization: NoOneKnowsThisScheme opaque-data=here'),
    expected: 405,
  },
  {
    name: 'multi01',
    section: '3.3.8',
    raw: raw(
      ...top('multi01', 'INVITE sip:person@example.com SIP/2.0', '5 INVITE'),
      'CSeq: 59 INVITE',
      'Call-ID: multi01.again',
      'Max-Forwards: 5',
      'From: sip:caller@example.com;tag=394',
      'To: sip:other@example.com',
      ...with_sdp,
    ),
    expected: 400,
  },
  {
    name: 'mcl01',
    section: '3.3.9',
    raw: raw(
      ...top('mcl01', 'OPTIONS sip:person@example.com SIP/2.0', '8 OPTIONS'),
      'Content-Length: 13',
      'Content-Length: 5',
      '',
      'no one knows ',
    ),
    expected: 400,
  },
  {
    name: 'bcast',
    section: '3.3.10',
    raw: raw(
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923',
      'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23',
      'Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf',
      'CSeq: 35 INVITE',
      'From: sip:person@example.com;tag=11141343',
      'To: sip:person@example.edu;tag=2229',
      ...with_sdp,
    ),
    expected: 'silence',
  },
  {
    name: 'zeromf',
    section: '3.3.11',
    raw: raw(...top('zeromf', 'OPTIONS sip:person@example.com SIP/2.0', '8 OPTIONS'), ...empty).replace(
      'Max-Forwards: 70',
      'Max-Forwards: 0',
    ),
    expected: 200,
    why: 'only a proxy answers 483: an endpoint is where the request was going',
  },
  {
    name: 'cparam01',
    section: '3.3.12',
    raw: register('cparam01', 'Contact: sip:+19725552222@gw1.example.net;unknownparam'),
    expected: 405,
  },
  {
    name: 'cparam02',
    section: '3.3.13',
    raw: register('cparam02', 'Contact: <sip:+19725552222@gw1.example.net;unknownparam>'),
    expected: 405,
  },
  {
    name: 'regescrt',
    section: '3.3.14',
    raw: register('regescrt', 'Contact: <sip:person@example.com?Route=%3Csip:sip.example.com%3E>'),
    expected: 405,
  },
  {
    name: 'sdp01',
    section: '3.3.15',
    raw: raw(
      ...top('sdp01', 'INVITE sip:person@example.com SIP/2.0', '8 INVITE'),
      'Accept: text/nobodySpeaksThis',
      ...with_sdp,
    ),
    expected: 406,
  },
  {
    name: 'inv2543',
    section: '3.4.1',
    raw: raw(
      'INVITE sip:UserB@example.com SIP/2.0',
      'Via: SIP/2.0/UDP iftgw.example.com;rport',
      'From: <sip:+13035551111@ift.client.example.net;user=phone>',
      'Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>',
      'To: sip:+16505552222@ss1.example.net;user=phone',
      'Call-ID: inv2543.1717@ift.client.example.com',
      'CSeq: 56 INVITE',
      'Contact: <sip:caller@iftgw.example.com>',
      'Content-Type: application/sdp',
      '',
      ...sdp,
    ),
    expected: 'call',
    why: 'no tag, branch, Max-Forwards or Content-Length, as in RFC 2543',
  },
]
