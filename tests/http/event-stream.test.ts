/** A stream over a real socket: it ends when its reader goes, and when the server stops. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { newId } from '#app/context.ts'
import { insertWorkflow } from '#store/workflows.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

const seed = async (world: World): Promise<string> => {
  const id = newId()
  const { organization_id, key_id } = world.admin
  const about = {
    organization_id,
    type: 'create_demo',
    input: {},
    created_by: key_id,
    job_id: newId(),
    steps: ['read'],
  }
  await world.app.system.transaction().execute(tx => insertWorkflow(tx, { id, ...about }))
  return id
}

test('eight readers come and go, again and again; the last are sent away when the server stops', async () => {
  const world = await startWorld()
  try {
    const id = await seed(world)
    await world.server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = world.server.server.address() as AddressInfo
    const headers = { authorization: `Bearer ${world.credentials.reader}` }
    const open = async (): Promise<IncomingMessage> => {
      const asked = get({ host: '127.0.0.1', port, path: `/core/workflows/${id}/events`, headers, agent: false })
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      return response
    }
    /** All that one credential may hold. The server hears a moment later of those that have gone. */
    const openAll = async (): Promise<readonly IncomingMessage[]> => {
      for (;;) {
        const streams = await Promise.all(Array.from({ length: 8 }, open))
        if (streams.every(stream => stream.statusCode === 200)) return streams
        for (const stream of streams) stream.destroy()
      }
    }
    for (let round = 0; round < 8; round++) {
      const streams = await openAll()
      for (const stream of streams) {
        const [first] = await once(stream, 'data')
        assert.match(String(first), /^id: 1\ndata: \{.+"status":"queued".+\}\n\n$/)
      }
      assert.equal((await open()).statusCode, 429)
      for (const stream of streams) stream.destroy()
    }
    const last = await openAll()
    const ended = last.map(stream => once(stream.resume(), 'end'))
    await world.server.close()
    await Promise.all(ended)
  } finally {
    await world.close()
  }
})
