/** Debian's flite, one process for each text. */
import { type ExecFileException, execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FLITE_VOICES, type SpeechEngine } from '#voice/speech/engine.ts'

const run = promisify(execFile)
const PROBE_LIMIT_MS = 3000

/** execFile's own message is the command line, with the words in it; they do not belong in a log. */
const fail = ({ code, signal }: ExecFileException): never => {
  throw new Error(`flite ended with ${signal ?? code ?? 'an error'}`)
}

/** The installed program; null when there is none, or one without our voices. */
export const findFlite = async (program = 'flite'): Promise<SpeechEngine | null> => {
  const listing = await run(program, ['-lv'], { timeout: PROBE_LIMIT_MS }).catch(() => null)
  const voices = listing?.stdout.split(/\s+/) ?? []
  if (!FLITE_VOICES.every(voice => voices.includes(voice))) return null
  return {
    name: 'flite',
    speak: async (text, voice, signal) => {
      const folder = await mkdtemp(join(tmpdir(), 'patchcord-flite-'))
      try {
        const file = join(folder, 'speech.wav')
        await run(program, ['-voice', voice, '-t', text, '-o', file], { signal, killSignal: 'SIGKILL' }).catch(fail)
        return await readFile(file)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
