/** Kamailio as a redirect server of one process, where it is installed (Debian: `apt-get install kamailio`). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export type Kamailio = {
  readonly port: number
  /** Of all its processes, since they began; the kernel counts in steps of 10 ms. */
  cpu_ms(): number
  close(): Promise<void>
}

/** Parses, looks at Max-Forwards, answers 302 without keeping anything. */
const configuration = (port: number): string => `
debug=0
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:${port}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("ACK")) exit;
  $ru = "sip:elsewhere@127.0.0.1:5080";
  sl_send_reply("302", "Moved Temporarily");
}
`

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>(resolve => socket.close(() => resolve()))
  return port
}

const MS_PER_TICK = 10

/** utime and stime (proc(5)), of the process and of its children that live. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const children = readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return (
    (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK + children.reduce((sum, child) => sum + cpuOf(child), 0)
  )
}

const listens = async (child: ChildProcess, port: number): Promise<void> => {
  const line = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} `)
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    if (line.test(readFileSync('/proc/net/udp', 'utf8'))) return
    await wait(50)
  }
  throw new Error('kamailio does not begin to listen')
}

/** null: it is not installed. */
export const startKamailio = async (): Promise<Kamailio | null> => {
  if (spawnSync('kamailio', ['-v']).error) return null
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'patchcord-kamailio-'))
  writeFileSync(join(dir, 'kamailio.cfg'), configuration(port))
  const options = ['-f', join(dir, 'kamailio.cfg'), '-DD', '-E', '-w', dir, '-Y', dir]
  const child = spawn('kamailio', options, { stdio: 'ignore' })
  const { pid } = child
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
    rmSync(dir, { recursive: true })
  }
  try {
    await listens(child, port)
    if (pid === undefined) throw new Error('kamailio has no process')
    return { port, cpu_ms: () => cpuOf(pid), close }
  } catch (error) {
    await close()
    throw error
  }
}
