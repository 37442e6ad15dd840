/** Workflows as they are read, followed and cancelled. Nobody does them here. */
import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { before, test } from 'node:test'
import { sql } from 'kysely'
import { newId } from '#app/context.ts'
import { insertWorkflow } from '#store/workflows.ts'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { type Answer, ask, codeOf, type Kept, type Request, type Seen } from '#tests/harness/http.ts'
import type { Actor, World } from '#tests/harness/world.ts'
import type { OperationId } from '#wire/operations.ts'

type Means = {
  readonly world: () => World
  readonly kept: Kept
  readonly seen: Seen
  readonly refused: (id: OperationId, actor: Actor, request: Request, code: string) => Promise<Answer>
}

const STREAMS_LIMIT = 8

export const backgroundWork = ({ world, kept, seen, refused }: Means): void => {
  const seed = async (): Promise<string> => {
    const id = newId()
    const { organization_id, key_id } = world().admin
    const about = { organization_id, type: 'create_demo', input: { secret: 'input' }, created_by: key_id }
    const db = world().app.system
    await db
      .transaction()
      .execute(tx => insertWorkflow(tx, { id, ...about, job_id: newId(), steps: ['read', 'write'] }))
    return id
  }
  const get = (path: string): Promise<Answer> => ask(world(), 'reader', { method: 'GET', path })
  const cancel = (id: string): Request => ({ method: 'POST', path: `/core/workflows/${id}/cancel` })
  /** Resolves when its head has arrived. */
  const open = async ({ path, headers }: Request) => {
    const authorization = `Bearer ${world().credentials.reader}`
    const options = { url: path, headers: { ...headers, authorization }, payloadAsStream: true } as const
    const response = await world().server.inject(options)
    assert.equal(response.statusCode, 200)
    assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8')
    return response.stream()
  }
  let first = ''
  before(async () => {
    first = await seed()
    kept.set('workflow', first)
  })

  test('a workflow shows what lies ahead, and not what it was given', async () => {
    const answer = await get(`/core/workflows/${first}`)
    seen.add('getWorkflow 200')
    assert.partialDeepStrictEqual(answer.body, {
      workflow_id: first,
      type: 'create_demo',
      status: 'queued',
      steps: [
        { name: 'read', status: 'queued', progress: 0, started_at: null },
        { name: 'write', status: 'queued' },
      ],
      result: null,
      error: null,
    })
    assert.doesNotMatch(JSON.stringify(answer.body), /secret/)
  })
  test('one that is not there', async () => {
    const path = `/core/workflows/${newId()}`
    await refused('getWorkflow', 'reader', { method: 'GET', path }, 'workflow_not_found')
    await refused('followWorkflow', 'reader', { method: 'GET', path: `${path}/events` }, 'workflow_not_found')
    await refused('cancelWorkflow', 'admin', { method: 'POST', path: `${path}/cancel` }, 'workflow_not_found')
  })
  test('they are listed newest first, by type and by status', async () => {
    const second = await seed()
    const ids = async (query: string) => {
      const { status, body } = await get(`/core/workflows?${query}`)
      assert.equal(status, 200)
      return (body as { workflow_id: string }[]).map(workflow => workflow.workflow_id)
    }
    seen.add('listWorkflows 200')
    assert.deepEqual((await ids('')).slice(0, 2), [second, first])
    assert.deepEqual(await ids('limit=1'), [second])
    assert.deepEqual(await ids('status=queued&type=create_demo'), [second, first])
    assert.deepEqual(await ids('status=completed'), [])
    assert.deepEqual(await ids('type=generate_instructions'), [])
    assert.deepEqual(await ids('created_before=2020-01-01T00:00:00Z'), [])
  })
  test('whoever follows one sees each change, and the end; eight at once, no ninth', async () => {
    const id = await seed()
    const events: Request = { method: 'GET', path: `/core/workflows/${id}/events`, headers: { 'last-event-id': '7' } }
    const streams = await Promise.all(Array.from({ length: STREAMS_LIMIT }, () => open(events)))
    await refused('followWorkflow', 'reader', events, 'too_many_streams')
    const cancelled = await ask(world(), 'admin', cancel(id))
    assert.partialDeepStrictEqual(cancelled.body, { workflow_id: id, status: 'cancelled', error: null })
    seen.add('cancelWorkflow 200')
    for (const stream of streams) {
      const sent = (await text(stream)).split('\n\n')
      assert.equal(sent.pop(), '')
      const states = sent.map(event => {
        const [, revision, data = ''] = /^id: (\d+)\ndata: (.+)$/.exec(event) ?? []
        return [revision, JSON.parse(data).status]
      })
      assert.deepEqual(states, [
        ['1', 'queued'],
        ['2', 'cancelled'],
      ])
    }
    seen.add('followWorkflow 200')
    const again = await ask(world(), 'reader', events)
    assert.equal(again.status, 200, 'their places are free again')
    const head = await ask(world(), 'reader', { ...events, method: 'HEAD' })
    assert.deepEqual([head.status, head.body], [200, null])
  })
  test('one that is over cannot be cancelled, and nothing is written', async () => {
    const id = await seed()
    await ask(world(), 'admin', cancel(id))
    const state = await snapshot(world().app.system)
    const answer = await refused('cancelWorkflow', 'admin', cancel(id), 'workflow_over')
    assert.equal(codeOf(answer), 'workflow_over')
    assert.deepEqual(effectsBetween(state, await snapshot(world().app.system)), {})
    const { rows } = await sql<{ n: number }>`select count(*) as n from audit_log
      where action = 'workflow.cancel' and subject = ${id}`.execute(world().app.system)
    assert.equal(rows[0]?.n, 1)
    // Followed in every way below, it is over at once.
    kept.set('workflow', id)
  })
}
