import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BEAT_MS, createEdgeBeat } from '#app/edge-beat.ts'
import { testClock } from '#tests/harness/app.ts'

/** `.` a beat in time, `x` one that the database refuses, `_` a pause of four beats. `s` in the answer: others were judged. */
const play = async (story: string): Promise<string> => {
  const clock = testClock()
  let refuses = false
  let told = ''
  const beat = createEdgeBeat({
    clock,
    beat: async () => {
      if (refuses) throw new Error('away')
    },
    closeAbandoned: async () => {
      told += 's'
    },
  })
  for (const step of story) {
    clock.advance(step === '_' ? 4 * BEAT_MS : BEAT_MS)
    if (step === '_') continue
    refuses = step === 'x'
    told += step
    await beat().catch(() => {})
  }
  return told
}

test('others are judged only after five steady beats of one’s own', async () => {
  const table: readonly (readonly [string, string])[] = [
    ['....', '....'],
    ['......', '.....s.s'],
    ['.....x....', '.....sx....'],
    ['.....x.....', '.....sx.....s'],
    ['....._....', '.....s....'],
    ['....._.....', '.....s.....s'],
  ]
  for (const [story, expected] of table) assert.equal(await play(story), expected, story)
})
