import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgress, type ProgressNote } from '#workflows/progress.ts'

test('of many words in a breath the first is written, and the last, once it is closed', async () => {
  const written: ProgressNote[] = []
  const progress = createProgress(async note => void written.push(note))
  for (const n of [1, 2, 3]) progress.note(n / 4, `${n} of 4`)
  await progress.close()
  progress.note(1, 'too late')
  assert.deepEqual(
    written.map(({ detail }) => detail),
    ['1 of 4', '3 of 4'],
  )
})
