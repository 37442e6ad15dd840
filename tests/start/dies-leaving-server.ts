/** Run as a process of its own: starts the embedded database in the directory given, prints its pid, and is killed. */
import { writeSync } from 'node:fs'
import { startEmbedded } from '#store/embedded.ts'

const log = { info: () => {}, warn: console.error, error: console.error }
const server = await startEmbedded({ data_dir: process.argv[2] ?? '', log })
writeSync(1, String(server.pid()))
process.kill(process.pid, 'SIGKILL')
