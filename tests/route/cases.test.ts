import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CASES } from '#tests/route/cases.ts'
import { dryRun } from '#tests/route/dry-way.ts'
import { check } from '#tests/route/expect.ts'
import { type RouteWorld, startRouteWorld } from '#tests/route/route-world.ts'

let made: RouteWorld
before(async () => {
  made = await startRouteWorld(CASES, { changed: async () => {} })
})
after(() => made.close())

describe('by the dry run', () => {
  for (const each of CASES.filter(({ only_call }) => only_call === undefined)) {
    test(each.name, () =>
      made.withInboundRouting(each, async () => {
        const seen = await dryRun(made, each, each.call ?? {})
        check(made, each, seen, ['source source_not_asked'])
        for (const call of each.alike ?? []) {
          const again = await dryRun(made, each, call)
          assert.deepEqual([again.agent_id, again.version, again.arm], [seen.agent_id, seen.version, seen.arm])
        }
      }),
    )
  }
})
