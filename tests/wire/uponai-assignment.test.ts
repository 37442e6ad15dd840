/** What may be put, and what it asks for: by a table, and by lists of any weights. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readAssignment, UponaiAssignment, type WantedAssignment } from '#wire/uponai-assignment.ts'
import { toUponaiAgentId } from '#wire/uponai-ids.ts'
import { bodyValidator } from '#wire/validate.ts'

const A = '0197f0a8-7c1e-7d34-9a51-00000000000a'
const B = '0197f0a8-7c1e-7d34-9a51-00000000000b'
const account = { accountSid: 'x', workspaceId: 1 }
const validate = bodyValidator(UponaiAssignment)

/** What is asked for, or the JSON pointers of what is wrong. */
const read = (body: object): WantedAssignment | readonly string[] => {
  const whole = { ...account, ...body }
  const faults = validate(whole)
  const wanted = faults.length > 0 ? { faults } : readAssignment(whole as Parameters<typeof readAssignment>[0])
  return 'faults' in wanted ? wanted.faults.map(({ path }) => `/${path.join('/')}`) : wanted
}

const one = (agent_id: string, more: object = {}) => [{ agent_id, ...more }]

describe('what is asked for', () => {
  const cases: readonly (readonly [string, object, WantedAssignment])[] = [
    ['nothing', {}, {}],
    ['other keys, which are ignored', { inboundAgentId: A, colour: 'red' }, {}],
    ['an agent by its UUID', { outboundAgentId: A }, { outbound: [{ agent_id: A, version: null }] }],
    [
      'an agent in UponAI’s form',
      { outboundAgentId: toUponaiAgentId(A) },
      { outbound: [{ agent_id: A, version: null }] },
    ],
    ['an agent in capitals', { outboundAgentId: A.toUpperCase() }, { outbound: [{ agent_id: A, version: null }] }],
    ['the first version', { outboundAgentId: A, outboundAgentVersion: 0 }, { outbound: [{ agent_id: A, version: 1 }] }],
    ['nobody outbound', { outboundAgentId: null }, { outbound: [] }],
    ['nobody in either direction', { inboundAgents: [], outboundAgents: [] }, { inbound: [], outbound: [] }],
    [
      'versions of an agent in a list',
      { inboundAgents: [...one(A, { agent_version: 4, weight: 0.9 }), ...one(A, { weight: 0.1 })] },
      {
        inbound: [
          { agent_id: A, version: 5, weight: 0.9 },
          { agent_id: A, version: null, weight: 0.1 },
        ],
      },
    ],
    ['a list outbound', { outboundAgents: one(A) }, { outbound: [{ agent_id: A, version: null }] }],
    [
      'other keys in a list',
      { inboundAgents: one(A, { core_version: 9, name: 'x' }) },
      { inbound: [{ agent_id: A, version: null }] },
    ],
    ['no webhook', { inboundWebhookUrl: null }, { webhook_url: null }],
    ['a webhook', { inboundWebhookUrl: 'https://example.test/x' }, { webhook_url: 'https://example.test/x' }],
    ['time routing', { isTimeRoutingEnabled: false }, { time_routing_enabled: false }],
  ]
  for (const [name, body, wanted] of cases) test(name, () => assert.deepEqual(read(body), wanted))
})

describe('what is refused, and where', () => {
  const weights = (...list: readonly unknown[]) => ({
    inboundAgents: list.map((weight, index) => ({
      agent_id: A,
      agent_version: index,
      ...(weight === undefined ? {} : { weight }),
    })),
  })
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ['no account', { accountSid: undefined }, ['/accountSid']],
    ['an account that is no text', { accountSid: 7 }, ['/accountSid']],
    ['a workspace that is text', { workspaceId: '1' }, ['/workspaceId']],
    ['a workspace that is no integer', { workspaceId: 1.5 }, ['/workspaceId']],
    ['null for a version', { outboundAgentId: A, outboundAgentVersion: null }, ['/outboundAgentVersion']],
    ['null for the inbound list', { inboundAgents: null }, ['/inboundAgents']],
    ['null for the outbound list', { outboundAgents: null }, ['/outboundAgents']],
    ['null for time routing', { isTimeRoutingEnabled: null }, ['/isTimeRoutingEnabled']],
    ['null for an agent', { inboundAgents: [{ agent_id: null }] }, ['/inboundAgents/0/agent_id']],
    ['null for a weight', weights(null), ['/inboundAgents/0/weight']],
    [
      'null for a list’s version',
      { inboundAgents: one(A, { agent_version: null }) },
      ['/inboundAgents/0/agent_version'],
    ],
    ['null for an entry', { inboundAgents: [null] }, ['/inboundAgents/0']],
    ['a version below the first', { inboundAgents: one(A, { agent_version: -1 }) }, ['/inboundAgents/0/agent_version']],
    ['a version as text', { inboundAgents: one(A, { agent_version: '0' }) }, ['/inboundAgents/0/agent_version']],
    ['a version beyond all', { outboundAgentId: A, outboundAgentVersion: 2 ** 31 }, ['/outboundAgentVersion']],
    ['a version of no agent', { outboundAgentVersion: 0 }, ['/outboundAgentVersion']],
    ['a version of nobody', { outboundAgentId: null, outboundAgentVersion: 0 }, ['/outboundAgentVersion']],
    ['both outbound forms', { outboundAgentId: A, outboundAgents: one(B) }, ['/outboundAgents']],
    ['both outbound forms, one empty', { outboundAgentId: null, outboundAgents: [] }, ['/outboundAgents']],
    ['a version beside a list', { outboundAgentVersion: 0, outboundAgents: one(B) }, ['/outboundAgents']],
    ['an agent that is no id', { outboundAgentId: 'agent_d3c2df14e163c7ca8ac5b1bf38' }, ['/outboundAgentId']],
    ['no agent at all', { outboundAgentId: '' }, ['/outboundAgentId']],
    ['an entry without an agent', { inboundAgents: [{ weight: 1 }] }, ['/inboundAgents/0/agent_id']],
    ['an entry whose agent is no id', { outboundAgents: [...one(A), ...one('x')] }, ['/outboundAgents/1/agent_id']],
    ['a weight for some', weights(1, undefined), ['/inboundAgents/1/weight']],
    ['weights below 1', weights(0.5, 0.4999), ['/inboundAgents']],
    ['weights above 1', weights(0.5, 0.5001), ['/inboundAgents']],
    ['weights a little off', weights(0.5, 0.500002), ['/inboundAgents']],
    ['percentages', weights(50, 50), ['/inboundAgents/0/weight', '/inboundAgents/1/weight']],
    ['a weight of nothing', weights(1, 0), ['/inboundAgents/1/weight']],
    ['a weight next to nothing', weights(0.99991, 0.00009), ['/inboundAgents/1/weight']],
    ['a negative weight', weights(1.5, -0.5), ['/inboundAgents/0/weight', '/inboundAgents/1/weight']],
    ['a weight that is no number', weights(Number.NaN), ['/inboundAgents/0/weight']],
    ['a weight without end', weights(Number.POSITIVE_INFINITY), ['/inboundAgents/0/weight']],
    ['a weight as text', weights('1'), ['/inboundAgents/0/weight']],
    ['21 entries', weights(...Array.from({ length: 21 }, () => undefined)), ['/inboundAgents']],
    [
      'an agent and version twice',
      { inboundAgents: [...one(A, { agent_version: 0 }), ...one(toUponaiAgentId(A), { agent_version: 0 })] },
      ['/inboundAgents/1/agent_version'],
    ],
    ['an agent that follows twice', { outboundAgents: [...one(A), ...one(A)] }, ['/outboundAgents/1/agent_version']],
  ]
  for (const [name, body, pointers] of cases) test(name, () => assert.deepEqual(read(body), pointers))
})

test('lists of any weights that sum to 1 are taken, and of no others', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(parts, fc.constantFrom(0, 9e-7, -9e-7, 2e-6, -2e-6), (shares, off) => {
      const total = shares.reduce((sum, share) => sum + share, 0)
      const weights = shares.map(share => share / total)
      fc.pre(weights.every(weight => weight >= 0.0002 && weight + Math.abs(off) <= 1))
      const inboundAgents = weights.map((weight, index) => ({
        agent_id: A,
        agent_version: index,
        weight: index === 0 ? weight + off : weight,
      }))
      assert.equal(Array.isArray(read({ inboundAgents })), Math.abs(off) > 1e-6)
    }),
  )
})
