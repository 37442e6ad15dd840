/** What only a dry run can be asked, and what only a call goes through. */
import type { Case, CaseCall, Line, Person } from '#tests/route/case.ts'

const outbound = (name: string, setup: Case['setup'], expect: Case['expect']): Case => ({
  name: `out: ${name}`,
  setup,
  call: { direction: 'outbound', from: '+4930123456' },
  expect,
  only_dry: 'nobody places calls yet',
})

const outboundCases: readonly Case[] = [
  outbound(
    'the outbound slot speaks, whatever the clock and the webhook',
    { outbound: [{ who: 'bert' }], inbound: [{ who: 'anna' }], webhook: true, schedule: { weekly: [] } },
    { answers: [['bert', 1]], trace: ['draw alone'] },
  ),
  outbound(
    'shares are drawn by who is called',
    { outbound: [{ who: 'anna' }, { who: 'bert' }] },
    {
      answers: [
        ['anna', 2],
        ['bert', 1],
      ],
      trace: ['draw drawn'],
    },
  ),
  outbound(
    'the inbound slot is no outbound slot',
    { inbound: [{ who: 'anna' }] },
    { refuses: 480, trace: ['slot slot_empty'] },
  ),
  outbound(
    'the default agent speaks',
    { default_agent: 'anna' },
    { answers: [['anna', 2]], trace: ['slot slot_empty', 'fallback default_agent'] },
  ),
  outbound(
    'what only a caller can be given',
    { forward: '+15557654321', message: 'Nobody is here.' },
    { refuses: 480, trace: ['slot slot_empty', 'fallback forward_inbound_only', 'fallback message_inbound_only'] },
  ),
  outbound(
    'the organization’s inbound routing has no say',
    { inbound_routing: { fallback: 'bert' } },
    { refuses: 480, trace: ['slot slot_empty'] },
  ),
]

const setup = { inbound: [{ who: 'anna', version: 1 }] } as const
const FOUND = ['source source_accepted', 'address number_found'] as const

const refused = (name: string, call: CaseCall, refuses: number, ...trace: readonly Line[]): Case => ({
  name: `in: ${name}`,
  setup,
  call,
  expect: { refuses, trace },
  only_call: 'a dry run is about a number, and comes from nowhere',
})
const answered = (name: string, call: CaseCall, who: Person, version: number, ...trace: readonly Line[]): Case => ({
  name: `in: ${name}`,
  setup,
  call,
  expect: { answers: [[who, version]], trace },
  only_call: 'a dry run is about a number, and comes from nowhere',
})

const incomingCases: readonly Case[] = [
  refused('a source that no trunk accepts', { source: '127.0.0.2' }, 403, 'source source_not_accepted'),
  refused('a trunk that asks for credentials', { source: '127.0.0.3' }, 401, 'source credentials_missing'),
  refused('draining', { draining: true }, 503, 'source source_accepted', 'draining draining'),
  refused('an unknown number', { dials: '+15550000000' }, 404, 'source source_accepted', 'address number_unknown'),
  refused('a name', { dials: 'constructor' }, 404, 'source source_accepted', 'address number_unknown'),
  refused(
    'an agent that is not deployed',
    { dials: { who: 'anna' } },
    404,
    'source source_accepted',
    'address sip_endpoint_unknown',
  ),
  refused(
    'a deployed agent that is not active',
    { dials: { who: 'dormant' } },
    480,
    'source source_accepted',
    'address sip_endpoint_found',
    'candidate agent_inactive',
    'draw no_entry_available',
  ),
  answered(
    'a deployed agent',
    { dials: { who: 'dora' } },
    'dora',
    1,
    'source source_accepted',
    'address sip_endpoint_found',
    'draw deployed',
    'media codec_agreed',
  ),
  answered(
    'an agent deployed with a version',
    { dials: { who: 'doris' } },
    'doris',
    1,
    'source source_accepted',
    'address sip_endpoint_found',
    'draw deployed',
    'media codec_agreed',
  ),
  refused('no codec in common', { offer: 'other codecs' }, 488, ...FOUND, 'draw alone', 'media no_common_codec'),
  answered('no offer', { offer: 'none' }, 'anna', 1, ...FOUND, 'draw alone', 'media no_offer'),
  refused('no media engine', { engine_down: true }, 480, ...FOUND, 'candidate engine_down', 'draw no_entry_available'),
  refused(
    'a version whose calls fail',
    { failing: ['anna', 1] },
    480,
    ...FOUND,
    'candidate agent_failing',
    'draw no_entry_available',
  ),
  {
    name: 'in: no media engine, and a message that nobody could speak',
    setup: { message: 'Nobody is here.' },
    call: { engine_down: true },
    expect: { refuses: 480, trace: [...FOUND, 'slot slot_empty', 'fallback engine_down'] },
    only_call: 'a dry run takes the engine to be well',
  },
]

export const oneWayCases: readonly Case[] = [...outboundCases, ...incomingCases]
