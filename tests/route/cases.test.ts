/** Every case by the dry run and by a real call: the same answer, for the same reasons. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RoutingFollower } from '#app/ports.ts'
import type { Case, CaseCall, Line } from '#tests/route/case.ts'
import { CASES } from '#tests/route/cases.ts'
import { dryRun } from '#tests/route/dry-way.ts'
import { check, type Seen } from '#tests/route/expect.ts'
import { type LiveWay, startLiveWay } from '#tests/route/live-way.ts'
import { type RouteWorld, startRouteWorld } from '#tests/route/route-world.ts'

let made: RouteWorld
let live: LiveWay
before(async () => {
  let follower: RoutingFollower | null = null
  made = await startRouteWorld(CASES, { changed: async change => follower?.changed(change) })
  live = await startLiveWay(made)
  follower = live.follower
})
after(async () => {
  await live.close()
  await made.close()
})

const who = ({ kind, agent_id, version, arm, target, text, sip_status }: Seen) => [
  ...[kind, agent_id, version, arm, target, text, sip_status],
]

type Way = { readonly before: readonly Line[]; see(each: Case, call: CaseCall): Promise<Seen> }

const DRY: Way = { before: ['source source_not_asked'], see: (each, call) => dryRun(made, each, call) }
const LIVE: Way = {
  before: ['source source_accepted', 'address number_found'],
  see: (each, call) => live.place(each, call),
}

const go = async (each: Case, way: Way): Promise<Seen> => {
  const seen = await way.see(each, each.call ?? {})
  check(made, each, seen, way.before)
  for (const call of each.alike ?? []) assert.deepEqual(who(await way.see(each, call)), who(seen))
  return seen
}

describe('routing', () => {
  for (const each of CASES) {
    test(each.name, () =>
      made.withInboundRouting(each, async () => {
        const dry = each.only_call === undefined ? await go(each, DRY) : null
        const called = each.only_dry === undefined ? await go(each, LIVE) : null
        if (dry && called) assert.deepEqual(who(called), who(dry), 'a call ends as its dry run said')
      }),
    )
  }
})

test('no two cases have one name', () => {
  assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length)
})
