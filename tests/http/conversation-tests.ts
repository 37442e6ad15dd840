/** What was said in a conversation: who reads it, how it is found, and that nobody writes in a spoken one. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sql } from 'kysely'
import { ask, type Kept, type Request, type Seen } from '#tests/harness/http.ts'
import type { Actor } from '#tests/harness/world.ts'
import type { Means } from '#tests/http/safe-writing.ts'

export const conversationTests = ({ world, samples, refused, unchanged }: Means, kept: Kept, seen: Seen): void => {
  const idOf = (name: string): string => kept.get(name) ?? ''
  before(async () => {
    const organization_id = world().admin.organization_id
    kept.set('conversation', '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d')
    await sql`insert into conversations (id, organization_id, direction, channel, status, user_id, agent_id, routing,
        initial_context, custom_metadata, created_at, updated_at)
      values (${idOf('conversation')}, ${organization_id}, 'inbound', 'telephone', 'in_progress', '+15557654321',
        ${idOf('agent')}, '{"rule":"number"}',
        '{"first_name":"Ada"}', '{"crm":7}', now(), now())`.execute(world().app.db)
    await sql`insert into conversation_items (conversation_id, position, who, kind, text, created_at)
      values (${idOf('conversation')}, 0, 'agent', 'speech', 'Thank you for calling.', now())`.execute(world().app.db)
  })
  const read = async (actor: Actor) => {
    const answer = await ask(world(), actor, samples().getConversation)
    assert.equal(answer.status, 200)
    seen.add('getConversation 200')
    return answer.body as Record<string, unknown>
  }
  test('is read with what was said by those who may', async () => {
    const body = await read('listener')
    assert.partialDeepStrictEqual(body, {
      conversation: [{ who: 'agent', kind: 'speech', text: 'Thank you for calling.', interrupted: false }],
      agent: { id: idOf('agent'), name: 'Riverside' },
      status: 'in_progress',
      routing: { rule: 'number' },
      initial_context: { first_name: 'Ada' },
      custom_metadata: { crm: 7 },
    })
  })
  test('is read without what was said by the others', async () => {
    const body = await read('reader')
    const sensitive = ['summary', 'conversation', 'initial_context', 'custom_metadata', 'recording_details']
    for (const key of sensitive) assert.equal(body[key], null, key)
    assert.doesNotMatch(JSON.stringify(body), /Thank you|Ada|crm/)
  })
  test('conversations:manage alone does not read what was said', async () => {
    const made = await ask(world(), 'admin', {
      method: 'POST',
      path: '/admin/organization-pats',
      body: { name: 'm', scopes: ['conversations:manage'] },
    })
    const { pat_key, key_id } = made.body as { pat_key: string; key_id: string }
    kept.set('spare_key', key_id)
    const answer = await ask(world(), 'nobody', {
      ...samples().getConversation,
      headers: { authorization: `bearer ${pat_key}` },
    })
    assert.equal((answer.body as { conversation: unknown }).conversation, null)
  })
  test('is spoken: nothing is written in it, and it is not ended from outside', async () => {
    const { sendMessage, endConversation } = samples()
    const spoken = (request: Request, below: string) => ({
      ...request,
      path: `/core/conversations/${idOf('conversation')}/${below}`,
    })
    await unchanged(async () => {
      await refused('sendMessage', 'admin', spoken(sendMessage, 'messages'), 'conversation_not_text')
      await refused('endConversation', 'admin', spoken(endConversation, 'end'), 'conversation_not_text')
    })
  })
  test('is said one thing at a time in', async () => {
    await sql`insert into conversation_turns values (${idOf('open_talk')}, ${world().admin.organization_id},
      gen_random_uuid(), now() + interval '1 hour')`.execute(world().app.db)
    await unchanged(async () => {
      await refused('sendMessage', 'admin', samples().sendMessage, 'conversation_busy')
    })
    await sql`delete from conversation_turns`.execute(world().app.db)
  })
  test('is found by what it was', async () => {
    const list = async (query: string) => {
      const answer = await ask(world(), 'listener', { method: 'GET', path: `/core/conversations?${query}` })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return (answer.body as unknown[]).length
    }
    seen.add('listConversations 200')
    const agent = idOf('agent')
    const hits = [
      'direction=inbound&channel=telephone',
      'channel=telephone',
      'status=in_progress&channel=telephone',
      'user_id=765',
      'user_id=+1555',
      `agent_id=${agent}`,
    ]
    for (const query of hits) assert.equal(await list(query), 1, query)
    const misses = [
      'direction=outbound',
      'channel=webrtc',
      'status=failed',
      'user_id=%25',
      'agent_number=%2B1',
      'duration_above=1000000',
      'is_test=true&channel=telephone',
      'custom_metadata=%7B%22campaign%22%3A%22autumn%22%7D',
    ]
    for (const query of misses) assert.equal(await list(query), 0, query)
    assert.equal(await list('created_before=2020-01-01T00:00:00Z'), 0)
  })
}
