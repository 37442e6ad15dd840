import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decisionOf, FALLEN, isAnswered, LEFT_OUT, type RouteAnswer, storyOf } from '#cli/route-story.ts'
import { ROUTE_REASONS } from '#core/route-trace.ts'

const NOTHING = {
  agent_id: null,
  agent_name: null,
  version: null,
  arm: null,
  target: null,
  mode: null,
  text: null,
  sip_status: null,
  reason: null,
} as const

const answer = (
  outcome: Partial<RouteAnswer['outcome']>,
  routing: Partial<RouteAnswer['routing']> = {},
): RouteAnswer => ({
  at: '2026-12-24T09:30:00.000000Z',
  outcome: { kind: 'answer', ...NOTHING, ...outcome },
  routing: {
    number: '+15551234567',
    direction: 'inbound',
    fallback: null,
    weights: [],
    trace: [{ step: 'draw', reason: 'drawn', means: 'drawn by weight' }],
    decided_in_us: 9,
    ...routing,
  },
  variables: {},
})
const ANNA = { agent_id: 'a', agent_name: 'Anna', version: 3 } as const

const SENTENCES: readonly (readonly [RouteAnswer, string])[] = [
  [answer(ANNA), 'Anna, version 3 answers.'],
  [
    answer({ ...ANNA, arm: 'new' }, { weights: [{ arm: 'new', weight: 0.1 }] }),
    'Anna, version 3 answers, by the arm new, with 10 % of the callers.',
  ],
  [
    answer({ ...ANNA, arm: 'a:3' }, { weights: [{ arm: 'a:3', weight: 0.25 }] }),
    'Anna, version 3 answers, with 25 % of the callers.',
  ],
  [answer({ ...ANNA, arm: 'all' }, { weights: [{ arm: 'all', weight: 1 }] }), 'Anna, version 3 answers.'],
  [
    answer(
      { ...ANNA, arm: 'new' },
      {
        weights: [{ arm: 'new', weight: 0.1 }],
        trace: [{ step: 'draw', reason: 'alone', means: 'the only one that can serve now' }],
      },
    ),
    'Anna, version 3 answers, by the arm new.',
  ],
  [answer(ANNA, { fallback: 'default_agent' }), 'Anna, version 3 answers, as the number’s default agent.'],
  [answer(ANNA, { fallback: 'inbound_routing' }), 'Anna, version 3 answers, as the organization’s fallback agent.'],
  [answer(ANNA, { direction: 'outbound' }), 'Anna, version 3 speaks.'],
  [
    answer({ kind: 'forward', target: '+15557654321', mode: 'redirect' }),
    'The call is forwarded to +15557654321 (302).',
  ],
  [answer({ kind: 'forward', target: 'sip:a@b', mode: 'bridge' }), 'The call is forwarded to sip:a@b.'],
  [answer({ kind: 'message', text: 'We are closed.' }), 'No agent answers; this is spoken: “We are closed.”'],
  [
    answer(
      { kind: 'refuse', sip_status: 480, reason: 'slot_empty' },
      { trace: [{ step: 'slot', reason: 'slot_empty', means: 'this slot of the number is empty' }] },
    ),
    'Nobody answers: 480, this slot of the number is empty.',
  ],
]

for (const [given, sentence] of SENTENCES) test(sentence, () => assert.equal(decisionOf(given), sentence))

test('an agent or a forwarded call is an answer, a message or a refusal none', () => {
  const kinds = (['answer', 'forward', 'message', 'refuse'] as const).map(kind => isAnswered(answer({ kind })))
  assert.deepEqual(kinds, [true, true, false, false])
})

test('a story has a line a step, marked by whether it let the call pass', () => {
  const trace = [
    { step: 'source', reason: 'source_not_asked', means: 'nobody calls' },
    {
      step: 'clock',
      reason: 'schedule_open',
      means: 'it is open',
      detail: { schedule_id: null, rule: 'office' },
    },
    {
      step: 'candidate',
      reason: 'agent_inactive',
      means: 'the agent is not active',
      detail: { agent_id: 'b', version: 2 },
    },
    { step: 'draw', reason: 'alone', means: 'the only one', detail: { agent_id: 'a', version: 3, arm: 'a:3' } },
    { step: 'webhook', reason: 'webhook_status', means: 'another status', detail: { took_ms: 7, attempts: 2 } },
  ]
  const story = storyOf({ ...answer(ANNA, { trace }), variables: { x_a: '1' } }, '+15551234567', '+4930123456')
  assert.deepEqual(story, [
    '+15551234567 called by +4930123456 at 2026-12-24T09:30:00Z',
    '',
    '  · source     nobody calls',
    '  ✓ clock      it is open (rule office)',
    '  ✗ candidate  the agent is not active (agent b, version 2)',
    '  ✓ draw       the only one (agent Anna, version 3)',
    '  ✗ webhook    another status (7 ms, 2 attempts)',
    '  {{x_a}} is 1',
    '',
    'Anna, version 3 answers.',
  ])
})

test('what others have named moves no cursor', () => {
  const story = storyOf(answer({ ...ANNA, agent_name: 'A\u001b[2Jn' }), '+15551234567', 'x\u0007').join('\n')
  assert.doesNotMatch(story, /[\u0000-\u0009\u000b-\u001f]/)
})

test('every mark is of a reason that there is', () => {
  for (const reason of [...FALLEN, ...LEFT_OUT]) assert.ok(reason in ROUTE_REASONS, reason)
  const passing = Object.keys(ROUTE_REASONS).filter(reason => !FALLEN.has(reason) && !LEFT_OUT.has(reason))
  assert.deepEqual(passing.toSorted(), [
    ...['after_hours_agents', 'after_hours_forward', 'after_hours_message', 'alone', 'codec_agreed'],
    ...['credentials_accepted', 'default_agent', 'deployed', 'drawn', 'forwarded', 'inbound_routing_agent'],
    ...['message_spoken', 'no_offer', 'number_found', 'schedule_open', 'sip_endpoint_found', 'source_accepted'],
    ...['webhook_overrode', 'webhook_replied'],
  ])
})
