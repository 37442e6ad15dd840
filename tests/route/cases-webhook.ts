/** The webhook: what it may say, and every way it can have no say. */
import type { WebhookFailure } from '#core/webhook.ts'
import type { Case, Line, Person, WebhookWord } from '#tests/route/case.ts'

const setup = { inbound: [{ who: 'anna' }], webhook: true } as const

const FAILURES: readonly WebhookFailure[] = [
  'webhook_timed_out',
  'webhook_unreachable',
  'webhook_address_denied',
  'webhook_redirected',
  'webhook_status',
  'webhook_too_large',
  'webhook_malformed',
]

const failed = (failure: WebhookFailure): Case => ({
  name: `the drawn version answers: ${failure}`,
  setup,
  call: { webhook: { fails: failure } },
  expect: { answers: [['anna', 2]], asked: 'number', trace: ['draw alone', `webhook ${failure}`] },
})

const overrides = (name: string, webhook: WebhookWord, person: Person, version: number): Case => ({
  name,
  setup,
  call: { webhook },
  expect: { answers: [[person, version]], trace: ['draw alone', 'webhook webhook_overrode'] },
})

const ignored = (name: string, webhook: WebhookWord, ...why: readonly Line[]): Case => ({
  name,
  setup,
  call: { webhook },
  expect: { answers: [['anna', 2]], trace: ['draw alone', ...why, 'webhook webhook_replied'] },
})

export const webhookCases: readonly Case[] = [
  ...FAILURES.map(failed),
  overrides('it names an agent', { agent: 'bert' }, 'bert', 1),
  overrides('it names an agent and a version', { agent: 'anna', version: 1 }, 'anna', 1),
  overrides('it names another version of the drawn agent', { version: 1 }, 'anna', 1),
  overrides('it names an agent that stands on no number', { agent: 'solo', version: 1 }, 'solo', 1),
  ignored('it names what is no agent id', { agent: 'malformed' }, 'webhook override_malformed'),
  ignored('it names what is no version', { agent: 'bert', version: 'malformed' }, 'webhook override_malformed'),
  ignored(
    'it names an agent of another organization',
    { agent: 'foreign' },
    'candidate agent_foreign',
    'webhook override_unavailable',
  ),
  ignored(
    'it names an agent that nobody has',
    { agent: 'nobody' },
    'candidate agent_foreign',
    'webhook override_unavailable',
  ),
  ignored(
    'it names a draft',
    { agent: 'anna', version: 3 },
    'candidate version_not_published',
    'webhook override_unavailable',
  ),
  ignored(
    'it names a version that is not there',
    { version: 17 },
    'candidate version_not_published',
    'webhook override_unavailable',
  ),
  ignored(
    'it names an agent without publications',
    { agent: 'stub' },
    'candidate version_not_published',
    'webhook override_unavailable',
  ),
  ignored(
    'it names an agent that is not active',
    { agent: 'idle' },
    'candidate agent_inactive',
    'webhook override_unavailable',
  ),
  {
    name: 'it leaves the choice, and adds variables over those of the call',
    setup,
    call: {
      webhook: { variables: { customer: 'Kim', x_from: 'webhook' } },
      headers: { 'X-From': 'call', 'X-Way': '1' },
    },
    expect: {
      answers: [['anna', 2]],
      variables: { customer: 'Kim', x_from: 'webhook', x_way: '1' },
      trace: ['draw alone', 'webhook webhook_replied'],
    },
  },
  {
    name: 'it rejects the call',
    setup,
    call: { webhook: { reject: true } },
    expect: { refuses: 603, trace: ['draw alone', 'webhook webhook_rejected'] },
  },
  {
    name: 'it rejects the call, whomever it names besides',
    setup,
    call: { webhook: { agent: 'bert', reject: true } },
    expect: { refuses: 603, trace: ['draw alone', 'webhook webhook_rejected'] },
  },
  {
    name: 'it names who answers an empty slot',
    setup: { webhook: true },
    call: { webhook: { agent: 'bert' } },
    expect: { answers: [['bert', 1]], trace: ['slot slot_empty', 'webhook webhook_overrode'] },
  },
  {
    name: 'it names a version of nobody',
    setup: { webhook: true },
    call: { webhook: { version: 1 } },
    expect: { refuses: 480, trace: ['slot slot_empty', 'webhook override_malformed', 'webhook webhook_replied'] },
  },
  {
    name: 'it fails, and nobody was drawn',
    setup: { webhook: true, message: 'Nobody is here.' },
    call: { webhook: { fails: 'webhook_timed_out' } },
    expect: {
      speaks: 'Nobody is here.',
      trace: ['slot slot_empty', 'webhook webhook_timed_out', 'fallback message_spoken'],
    },
  },
  {
    name: 'it names whoever can, when nobody of the slot can',
    setup: { inbound: [{ who: 'idle' }], webhook: true },
    call: { webhook: { agent: 'bert' } },
    expect: {
      answers: [['bert', 1]],
      trace: ['candidate agent_inactive', 'draw no_entry_available', 'webhook webhook_overrode'],
    },
  },
  {
    name: 'it is asked about who answers after hours as well',
    setup: { ...setup, schedule: { weekly: [], after_hours: { agents: [{ who: 'bert' }] } } },
    call: { webhook: { agent: 'anna', version: 1 } },
    expect: {
      answers: [['anna', 1]],
      trace: ['clock schedule_closed', 'clock after_hours_agents', 'draw alone', 'webhook webhook_overrode'],
    },
  },
  {
    name: 'it is not asked about calls that are forwarded after hours',
    setup: { ...setup, schedule: { weekly: [], after_hours: { forward: '+15557654321' } } },
    call: { webhook: { agent: 'bert' } },
    expect: { forwards: '+15557654321', trace: ['clock schedule_closed', 'clock after_hours_forward'] },
  },
  {
    name: 'a dry run that asks nobody',
    setup,
    expect: { answers: [['anna', 2]], trace: ['draw alone', 'webhook webhook_not_asked'] },
    only_dry: 'a call asks',
  },
]
