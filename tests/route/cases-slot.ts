/** The slot: who is on it, who of them can serve, whose turn it is. */
import type { Case } from '#tests/route/case.ts'

const SPLIT = [
  { who: 'anna', version: 1, weight: 0.5, arm: 'old' },
  { who: 'anna', version: 2, weight: 0.3, arm: 'new' },
  { who: 'bert', weight: 0.2, arm: 'other' },
] as const
const ANYBODY = [
  ['anna', 1],
  ['anna', 2],
  ['bert', 1],
] as const

export const slotCases: readonly Case[] = [
  {
    name: 'the one version of a slot',
    setup: { inbound: [{ who: 'anna', version: 1 }] },
    expect: { answers: [['anna', 1]], trace: ['draw alone'] },
  },
  {
    name: 'an entry that follows means the latest published version, not the draft after it',
    setup: { inbound: [{ who: 'anna' }] },
    expect: { answers: [['anna', 2]], trace: ['draw alone'] },
  },
  {
    name: 'a named arm',
    setup: { inbound: [{ who: 'bert', version: 1, arm: 'control' }] },
    expect: { answers: [['bert', 1]], arm: 'control', trace: ['draw alone'] },
  },
  {
    name: 'an empty slot',
    setup: {},
    expect: { refuses: 480, trace: ['slot slot_empty'] },
  },
  {
    name: 'equal shares',
    setup: { inbound: [{ who: 'anna' }, { who: 'bert' }] },
    call: { from: '+4930123456' },
    expect: {
      answers: [
        ['anna', 2],
        ['bert', 1],
      ],
      trace: ['draw drawn'],
    },
  },
  {
    name: 'three shares, and a caller who calls again',
    setup: { inbound: SPLIT },
    call: { from: '+4930123456', call_id: 'a@slot' },
    alike: [
      { from: '+4930123456', call_id: 'b@slot' },
      { from: '004930123456', call_id: 'c@slot' },
      { from: '+49 30 123456', call_id: 'd@slot' },
    ],
    expect: { answers: ANYBODY, trace: ['draw drawn'] },
  },
  {
    name: 'who calls without a number draws by the call',
    setup: { inbound: SPLIT },
    call: { from: null, call_id: 'same-call@case' },
    alike: [{ from: null, call_id: 'same-call@case' }],
    expect: { answers: ANYBODY, trace: ['draw drawn'] },
  },
  {
    name: 'each call draws anew where the number says so',
    setup: { inbound: SPLIT, stickiness: 'call' },
    call: { from: '+4930123456', call_id: 'one-call@case' },
    alike: [{ from: '+4930999999', call_id: 'one-call@case' }],
    expect: { answers: ANYBODY, trace: ['draw drawn'] },
  },
  {
    name: 'an agent that is not active is passed over',
    setup: { inbound: [{ who: 'idle' }, { who: 'bert' }] },
    expect: { answers: [['bert', 1]], trace: ['candidate agent_inactive', 'draw alone'] },
  },
  {
    name: 'the others share what one cannot take',
    setup: { inbound: [{ who: 'anna' }, { who: 'idle' }, { who: 'bert' }] },
    expect: {
      answers: [
        ['anna', 2],
        ['bert', 1],
      ],
      trace: ['candidate agent_inactive', 'draw drawn'],
    },
  },
  {
    name: 'nobody of the slot is active',
    setup: { inbound: [{ who: 'idle' }] },
    expect: { refuses: 480, trace: ['candidate agent_inactive', 'draw no_entry_available'] },
  },
  {
    name: 'an agent that is not there any more',
    setup: { inbound: [{ who: 'gone' }] },
    expect: { refuses: 480, trace: ['candidate agent_missing', 'draw no_entry_available'] },
  },
  {
    name: 'an agent that is not there any more, beside one that is',
    setup: { inbound: [{ who: 'gone' }, { who: 'anna', version: 1 }] },
    expect: { answers: [['anna', 1]], trace: ['candidate agent_missing', 'draw alone'] },
  },
  {
    name: 'X- headers become variables',
    setup: { inbound: [{ who: 'bert' }] },
    call: { headers: { 'X-Customer-Id': '7' } },
    expect: { answers: [['bert', 1]], variables: { x_customer_id: '7' }, trace: ['draw alone'] },
  },
  {
    name: 'an extension',
    setup: { inbound: [{ who: 'bert' }], extension: true },
    expect: { answers: [['bert', 1]], trace: ['draw alone'] },
  },
  {
    name: 'an extension whose slot is empty',
    setup: { extension: true, default_agent: 'anna' },
    expect: { answers: [['anna', 2]], trace: ['slot slot_empty', 'fallback default_agent'] },
  },
]
