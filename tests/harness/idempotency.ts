/** Idempotency keys in states that a test cannot time: in use by a request that goes on, and used for another one. */
import { randomBytes } from 'node:crypto'
import { holdKey, insertAnswer } from '#store/idempotency-keys.ts'
import type { World } from '#tests/harness/world.ts'

export type Owner = 'admin' | 'person'

const ownerOf = (world: World, owner: Owner, key: string) => ({
  organization_id: world[owner].organization_id,
  credential_id: world[owner].key_id,
  key,
})

/** Another request of the owner holds the key for as long as the work takes. */
export const whileKeyIsHeld = (world: World, owner: Owner, key: string, work: () => Promise<void>): Promise<void> =>
  world.app.system.transaction().execute(async tx => {
    if (!(await holdKey(tx, ownerOf(world, owner, key)))) throw new Error('the key is held already')
    await work()
  })

/** The owner has sent some other request with this key. */
export const useKey = (world: World, owner: Owner, key: string): Promise<void> =>
  world.app.system.transaction().execute(tx =>
    insertAnswer(tx, ownerOf(world, owner, key), randomBytes(32), {
      request_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d',
      status: 200,
      headers: {},
      body: '{}',
      secret_of: null,
    }),
  )
