import { test } from 'node:test'
import { crashPublishes } from '#tests/calls/crash.ts'

const kills = 50
const seed = 20_261_122

test(`kill -9 during publishes, ${kills} times (seed ${seed}): none is half applied`, async t => {
  const { applied, undone, answered } = await crashPublishes({ kills, seed })
  t.diagnostic(`${applied} were applied (${answered} of them answered before the kill), ${undone} were not`)
})
