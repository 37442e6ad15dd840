import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithout } from '#tests/peers/tools.ts'
import { transcribe, wordScore, wordsOf } from '#tests/peers/transcribe.ts'

test('a word score counts what is missing, wrong and too much', () => {
  const expected = wordsOf('Hello, how can I help?')
  const rows: [heard: string, score: number][] = [
    ['hello how can i help', 1],
    ['', 0],
    ['hello how can i', 0.8],
    ['hello how pizza i help', 0.8],
    ['hello how can can i help', 0.8],
    ['help i can how hello', 0.2],
    ['pizza pizza pizza pizza pizza pizza pizza', 0],
  ]
  for (const [heard, score] of rows) assert.ok(Math.abs(wordScore(expected, wordsOf(heard)) - score) < 1e-9, heard)
})

test('the ear hears what was said, and not what was not', {
  skip: skipWithout('flite', 'sox', 'pocketsphinx_continuous'),
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'patchcord-ear-test-'))
  try {
    const said = 'Hello, you have reached Riverside Dental. How can I help you today?'
    const other = 'Thanks for calling the garden market. The train to the station is late.'
    const wav = join(directory, 'said.wav')
    execFileSync('flite', ['-voice', 'slt', '-t', said, '-o', join(directory, 'wide.wav')])
    execFileSync('sox', [join(directory, 'wide.wav'), '-r', '8000', wav, 'pad', '0.3', '0.5'])
    assert.ok(wordScore(wordsOf(said), await transcribe(wav, [said])) >= 0.8)
    assert.ok(wordScore(wordsOf(other), await transcribe(wav, [other])) < 0.3)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
