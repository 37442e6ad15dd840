/** What was said in a recording, by PocketSphinx, an ear that shares nothing with Patchcord. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '#tests/peers/child.ts'

const MODEL = '/usr/share/pocketsphinx/model/en-us'

/** Words of other sentences: the recognizer may always choose one of these, so a recording of something else does not fit. */
const DISTRACTORS =
  'pizza delivery order weather tomorrow closed goodbye later seven bank account password music train station ticket winter garden blue market doctor letter'

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? []

/** Any sequence of the words of `expected` and of the distractors. */
const grammar = (expected: string): string => {
  const words = [...new Set([...wordsOf(expected), ...wordsOf(DISTRACTORS)])]
  return `#JSGF V1.0;\ngrammar said;\npublic <said> = ( ${words.join(' | ')} )+ ;\n`
}

const run = async (command: string, args: readonly string[], cwd: string): Promise<string> => {
  const result = await runChild({ command, args, cwd, time_limit_ms: 30_000 })
  if (result.exit_code !== 0) throw new Error(`${command} failed (${result.exit_code}): ${result.output.slice(-1000)}`)
  return result.output
}

/**
 * The words heard in an 8000 Hz recording, out of those of `expected` and some that are not.
 * Upsampling leaves the recognizer's upper filters empty and it then hears nothing or anything, hence the added noise.
 */
export const transcribe = async (wav: string, expected: string): Promise<string[]> => {
  const directory = await mkdtemp(join(tmpdir(), 'patchcord-ear-'))
  try {
    await writeFile(join(directory, 'said.gram'), grammar(expected))
    const format = ['-r', '16000', '-b', '16', '-c', '1', '-e', 'signed-integer']
    await run('sox', ['-R', wav, ...format, 'wide.wav'], directory)
    const seconds = (await run('sox', ['--info', '-D', 'wide.wav'], directory)).trim()
    await run('sox', ['-R', '-n', ...format, 'noise.wav', 'synth', seconds, 'whitenoise', 'vol', '0.0012'], directory)
    await run('sox', ['-m', '-v', '1', 'wide.wav', '-v', '1', 'noise.wav', ...format, 'heard.wav'], directory)
    const models = ['-hmm', `${MODEL}/en-us`, '-dict', `${MODEL}/cmudict-en-us.dict`, '-jsgf', 'said.gram']
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
