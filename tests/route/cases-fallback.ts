/** Whoever could not be served: the organization's inbound routing, then the ladder, each step with what can be in its way. */
import type { Case } from '#tests/route/case.ts'

const ladderCases: readonly Case[] = [
  {
    name: 'the default agent answers an empty slot',
    setup: { default_agent: 'anna' },
    expect: { answers: [['anna', 2]], trace: ['slot slot_empty', 'fallback default_agent'] },
  },
  {
    name: 'the default agent answers when nobody of the slot can',
    setup: { inbound: [{ who: 'idle' }], default_agent: 'bert' },
    expect: {
      answers: [['bert', 1]],
      trace: ['candidate agent_inactive', 'draw no_entry_available', 'fallback default_agent'],
    },
  },
  {
    name: 'the default agent has published nothing',
    setup: { default_agent: 'stub' },
    expect: { refuses: 480, trace: ['slot slot_empty', 'candidate version_not_published'] },
  },
  {
    name: 'the default agent is not active, and the call is forwarded',
    setup: { default_agent: 'idle', forward: '+15557654321' },
    expect: { forwards: '+15557654321', trace: ['slot slot_empty', 'candidate agent_inactive', 'fallback forwarded'] },
  },
  {
    name: 'forwarded to a SIP address',
    setup: { inbound: [{ who: 'idle' }], forward: 'sip:desk@127.0.0.1:5999' },
    expect: {
      forwards: 'sip:desk@127.0.0.1:5999',
      trace: ['candidate agent_inactive', 'draw no_entry_available', 'fallback forwarded'],
    },
  },
  {
    name: 'forwarding comes before the message',
    setup: { forward: '+15557654321', message: 'Nobody is here.' },
    expect: { forwards: '+15557654321', trace: ['slot slot_empty', 'fallback forwarded'] },
  },
  {
    name: 'a number that the trunk is to call has no way out',
    setup: { in: 'other', forward: '+15557654321' },
    expect: { refuses: 480, trace: ['slot slot_empty', 'fallback forward_without_trunk'] },
  },
  {
    name: 'a SIP address needs no trunk',
    setup: { in: 'other', forward: 'sip:desk@127.0.0.1:5999' },
    expect: { forwards: 'sip:desk@127.0.0.1:5999', trace: ['slot slot_empty', 'fallback forwarded'] },
    only_dry: 'a call that is bridged needs somebody who answers there',
  },
  {
    name: 'a message is spoken',
    setup: { message: 'Nobody is here.' },
    expect: { speaks: 'Nobody is here.', trace: ['slot slot_empty', 'fallback message_spoken'] },
  },
  {
    name: 'every step of the ladder but the last',
    setup: { in: 'other', default_agent: 'foreign', forward: '+15557654321', message: 'Nobody is here.' },
    expect: { answers: [['foreign', 1]], trace: ['slot slot_empty', 'fallback default_agent'] },
  },
  {
    name: 'the default agent and forwarding fail, and a message is spoken',
    setup: { in: 'other', inbound: [], forward: '+15557654321', message: 'Nobody is here.' },
    expect: {
      speaks: 'Nobody is here.',
      trace: ['slot slot_empty', 'fallback forward_without_trunk', 'fallback message_spoken'],
    },
  },
]

const inboundRoutingCases: readonly Case[] = [
  {
    name: 'the organization’s fallback agent answers an empty slot',
    setup: { inbound_routing: { fallback: 'bert' } },
    expect: { answers: [['bert', 1]], trace: ['slot slot_empty', 'inbound_routing inbound_routing_agent'] },
  },
  {
    name: 'the organization’s fallback agent comes before the number’s default agent',
    setup: { inbound_routing: { fallback: 'bert' }, default_agent: 'anna' },
    expect: { answers: [['bert', 1]], trace: ['slot slot_empty', 'inbound_routing inbound_routing_agent'] },
  },
  {
    name: 'inbound routing that is off says nothing',
    setup: { inbound_routing: { enabled: false, fallback: 'bert' } },
    expect: { refuses: 480, trace: ['slot slot_empty'] },
  },
  {
    name: 'the organization’s fallback agent is not active, and the ladder goes on',
    setup: { inbound_routing: { fallback: 'idle' }, message: 'Nobody is here.' },
    expect: {
      speaks: 'Nobody is here.',
      trace: ['slot slot_empty', 'candidate agent_inactive', 'fallback message_spoken'],
    },
  },
  {
    name: 'the organization’s fallback agent has published nothing',
    setup: { inbound_routing: { fallback: 'stub' } },
    expect: { refuses: 480, trace: ['slot slot_empty', 'candidate version_not_published'] },
  },
  {
    name: 'a slot that is not empty is none of the organization’s business',
    setup: { inbound: [{ who: 'idle' }], inbound_routing: { fallback: 'bert' } },
    expect: { refuses: 480, trace: ['candidate agent_inactive', 'draw no_entry_available'] },
  },
  {
    name: 'the organization’s webhook names who answers an empty slot',
    setup: { inbound_routing: { webhook: true } },
    call: { webhook: { agent: 'bert' } },
    expect: {
      answers: [['bert', 1]],
      asked: 'organization',
      trace: ['slot slot_empty', 'webhook webhook_overrode'],
    },
  },
  {
    name: 'the organization’s webhook says nothing, and its fallback agent answers',
    setup: { inbound_routing: { webhook: true, fallback: 'bert' } },
    call: { webhook: {} },
    expect: {
      answers: [['bert', 1]],
      asked: 'organization',
      trace: ['slot slot_empty', 'webhook webhook_replied', 'inbound_routing inbound_routing_agent'],
    },
  },
  {
    name: 'the number’s own webhook is asked in place of the organization’s',
    setup: { inbound_routing: { webhook: true }, webhook: true },
    call: { webhook: { agent: 'anna', version: 1 } },
    expect: { answers: [['anna', 1]], asked: 'number', trace: ['slot slot_empty', 'webhook webhook_overrode'] },
  },
]

export const fallbackCases: readonly Case[] = [...ladderCases, ...inboundRoutingCases]
