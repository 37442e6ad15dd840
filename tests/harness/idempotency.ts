/** Idempotency keys in states that a test cannot time: in use by a request that goes on, and used for another one. */
import { randomBytes } from 'node:crypto'
import { holdKey, insertAnswer } from '#store/idempotency-keys.ts'
import type { World } from '#tests/harness/world.ts'

const ownerOf = ({ admin }: World, key: string) => ({
  organization_id: admin.organization_id,
  credential_id: admin.key_id,
  key,
})

/** Another request of the admin holds the key for as long as the work takes. */
export const whileKeyIsHeld = (world: World, key: string, work: () => Promise<void>): Promise<void> =>
  world.app.system.transaction().execute(async tx => {
    if (!(await holdKey(tx, ownerOf(world, key)))) throw new Error('the key is held already')
    await work()
  })

/** The admin has sent some other request with this key. */
export const useKey = (world: World, key: string): Promise<void> =>
  world.app.system.transaction().execute(tx =>
    insertAnswer(tx, ownerOf(world, key), randomBytes(32), {
      request_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d',
      status: 200,
      headers: {},
      body: '{}',
      secret_of: null,
    }),
  )
