/** Written conversations, held over the real server. */
import assert from 'node:assert/strict'
import { type Answer, ask } from '#tests/harness/http.ts'
import type { Actor, World } from '#tests/harness/world.ts'

export type Talk = {
  readonly id: string
  readonly starting_message: string | null
  say(text: string, more?: { message_id?: string; key?: string }): Promise<Answer>
  /** Its server-sent events, in order. */
  hear(
    text: string,
    message_id?: string,
  ): Promise<readonly { readonly name: string; readonly data: Record<string, unknown> }[]>
  end(): Promise<Answer>
  read(actor?: Actor): Promise<Record<string, unknown>>
}

export type Item = {
  readonly who: string
  readonly kind: string
  readonly text: string
  readonly tool: { name: string; arguments: object; result: string; error: string | null } | null
  readonly took_ms: number | null
  readonly written_by: string | null
}

export const bodyOf = (answer: Answer): Record<string, unknown> => {
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as Record<string, unknown>
}

export const readEvents = (text: string) =>
  text
    .split('\n\n')
    .filter(block => block !== '')
    .map(block => {
      const [, name = '', data = 'null'] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? assert.fail(block)
      return { name, data: JSON.parse(data) as Record<string, unknown> }
    })

export const talkIn = (world: World, id: string, starting_message: string | null = null): Talk => {
  const path = `/core/conversations/${id}`
  const post = (below: string, body?: unknown, headers: Record<string, string> = {}) =>
    ask(world, 'admin', { method: 'POST', path: `${path}/${below}`, headers, ...(body === undefined ? {} : { body }) })
  return {
    id,
    starting_message,
    say: (text, { message_id, key } = {}) =>
      post('messages', { text, ...(message_id ? { message_id } : {}) }, key ? { 'idempotency-key': key } : {}),
    hear: async (text, message_id) => {
      const credential = world.credentials.admin
      const response = await world.server.inject({
        method: 'POST',
        url: `${path}/messages`,
        headers: { authorization: `Bearer ${credential}`, accept: 'text/event-stream' },
        payload: { text, ...(message_id ? { message_id } : {}) },
      })
      assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8', response.body)
      return readEvents(response.body)
    },
    end: () => post('end'),
    read: async (actor = 'admin') => bodyOf(await ask(world, actor, { method: 'GET', path })),
  }
}

export const begin = async (world: World, body: object): Promise<Talk> => {
  const answer = bodyOf(
    await ask(world, 'admin', { method: 'POST', path: '/core/conversations', body: { channel: 'text', ...body } }),
  )
  const { conversation, starting_message } = answer as { conversation: { id: string }; starting_message: string | null }
  return talkIn(world, conversation.id, starting_message)
}

/** A published version of a new agent. */
export const publishAgent = async (world: World, config: object): Promise<{ agent_id: string; version_id: string }> => {
  const agent = bodyOf(await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name: 'Riverside' } }))
  const path = `/core/agents/${agent.id}/versions`
  const version = bodyOf(await ask(world, 'admin', { method: 'POST', path, body: { config } }))
  await ask(world, 'admin', { method: 'POST', path: `${path}/1/publish` })
  return { agent_id: String(agent.id), version_id: String(version.id) }
}

export const itemsOf = async (talk: Talk): Promise<readonly Item[]> => (await talk.read()).conversation as Item[]
