/** What was said in a recording, by PocketSphinx, an ear that shares nothing with Patchcord. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '#tests/peers/child.ts'
import { bigramModel } from '#tests/peers/language-model.ts'

const MODEL = '/usr/share/pocketsphinx/model/en-us'

/** What could as well have been said: a recording of something else sounds more like one of these. */
const OTHERS = [
  'the weather tomorrow will be cold with rain in the evening',
  'i would like a large pizza with mushrooms please',
  'your account number is seven one four nine',
  'the next train to the city leaves from the second station at nine',
  'music was playing in the blue room when the letter came',
  'the doctor is on holiday until monday',
]

/** Silence before and after cut to a third of a second: it takes as long to listen to as speech. */
const CUT = ['silence', '1', '0.05', '0.5%', 'reverse']
const TRIMMED = [...CUT, ...CUT, 'pad', '0.3', '0.3']

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? []

/** A busy machine makes the recognizer slow, not deaf; this only ends one that hangs. */
const TIME_LIMIT_MS = 150_000

const run = async (command: string, args: readonly string[], cwd: string): Promise<string> => {
  const result = await runChild({ command, args, cwd, time_limit_ms: TIME_LIMIT_MS })
  if (result.exit_code !== 0) throw new Error(`${command} failed (${result.exit_code}): ${result.output.slice(-1000)}`)
  return result.output
}

/**
 * The words heard in an 8000 Hz recording that may hold any of the `candidates`, or something else.
 * Upsampling leaves the recognizer's upper filters empty and it then hears nothing or anything, hence the added noise.
 */
export const transcribe = async (wav: string, candidates: readonly string[]): Promise<string[]> => {
  const directory = await mkdtemp(join(tmpdir(), 'patchcord-ear-'))
  try {
    await writeFile(join(directory, 'said.arpa'), bigramModel([...candidates, ...OTHERS].map(wordsOf)))
    const format = ['-r', '16000', '-b', '16', '-c', '1', '-e', 'signed-integer']
    await run('sox', ['-R', wav, ...format, 'wide.wav', ...TRIMMED], directory)
    const seconds = (await run('sox', ['--info', '-D', 'wide.wav'], directory)).trim()
    await run('sox', ['-R', '-n', ...format, 'noise.wav', 'synth', seconds, 'whitenoise', 'vol', '0.0012'], directory)
    await run('sox', ['-m', '-v', '1', 'wide.wav', '-v', '1', 'noise.wav', ...format, 'heard.wav'], directory)
    const models = ['-hmm', `${MODEL}/en-us`, '-dict', `${MODEL}/cmudict-en-us.dict`, '-lm', 'said.arpa']
    const said = await run(
      'pocketsphinx_continuous',
      ['-infile', 'heard.wav', ...models, '-logfn', '/dev/null'],
      directory,
    )
    return wordsOf(said)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** 1 − word error rate: the share of `expected` that was heard in order, less what was heard besides; 0…1. */
export const wordScore = (expected: readonly string[], heard: readonly string[]): number => {
  let previous = Array.from({ length: heard.length + 1 }, (_, index) => index)
  for (const [row, word] of expected.entries()) {
    const current = [row + 1]
    for (const [index, other] of heard.entries()) {
      const replace = (previous[index] ?? 0) + (word === other ? 0 : 1)
      current.push(Math.min(replace, (previous[index + 1] ?? 0) + 1, (current[index] ?? 0) + 1))
    }
    previous = current
  }
  return Math.max(0, 1 - (previous[heard.length] ?? 0) / Math.max(1, expected.length))
}
