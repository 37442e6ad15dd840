/** Speaks one text in a thread of its own: WASI calls are synchronous. */
import { WASI } from 'node:wasi'
import { workerData } from 'node:worker_threads'
import type { FliteWasiJob } from '#voice/speech/flite-wasi.ts'

const { module, text, voice, folder }: FliteWasiJob = workerData
const wasi = new WASI({
  version: 'preview1',
  args: ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav'],
  env: {},
  preopens: { '/out': folder },
  returnOnExit: true,
})
const instance = await WebAssembly.instantiate(module, wasi.getImportObject())
process.exitCode = wasi.start(instance)
