/** Runs SIPp with one of the scenarios beside this file, on loopback, and says what came of it. */
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '#tests/peers/child.ts'
import { freeUdpPort } from '#tests/peers/free-port.ts'

export type SippRun = {
  /** A file name in tests/peers/scenarios, without `.xml`. */
  readonly scenario: string
  /** The SIP port under test, on `host`. */
  readonly remote: { readonly host: string; readonly port: number }
  /** User part of the Request-URI. */
  readonly service: string
  /** User part of From. */
  readonly from?: string
  readonly calls?: number
  readonly at_once?: number
  readonly calls_per_second?: number
  readonly transport?: 'udp' | 'tcp'
  /** For a scenario that is called; else one that is free. */
  readonly local_port?: number
  /** Address to call from; 127.0.0.1 unless given. */
  readonly from_host?: string
  /** For `[authentication]`. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** How long a call is held where the scenario leaves that open. */
  readonly hold_ms?: number
  /** Values for `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, string>>
  readonly time_limit_ms?: number
}

export type SippResult = {
  readonly succeeded: number
  readonly failed: number
  /** How often the far end repeated a message of the scenario, by its position and name: `3_200`. */
  readonly repeated: Readonly<Record<string, number>>
  /** INVITE to final response, milliseconds, one a call, ascending. */
  readonly response_times_ms: readonly number[]
  /** What SIPp found wrong; empty when nothing was. */
  readonly errors: string
}

const SCENARIOS = new URL('./scenarios/', import.meta.url)
/** SIPp plays the file over and over, so one second is enough. */
const TONE_SECONDS = 1
const TONE_HZ = 440

/** One µ-law byte for a sample in −8159…8159 (G.711). */
const muLaw = (sample: number): number => {
  const magnitude = Math.min(Math.abs(sample), 8158) + 33
  const exponent = Math.max(0, Math.floor(Math.log2(magnitude)) - 5)
  const mantissa = (magnitude >> (exponent + 1)) & 15
  return ~((sample < 0 ? 128 : 0) | (exponent << 4) | mantissa) & 255
}

const tone = (): Uint8Array =>
  Uint8Array.from({ length: 8000 * TONE_SECONDS }, (_, index) =>
    muLaw(Math.round(2500 * Math.sin((2 * Math.PI * TONE_HZ * index) / 8000))),
  )

type Table = { readonly header: readonly string[]; readonly row: readonly string[] }

/** SIPp's files of figures: a line of names, then lines of cumulative counts; the last one counts. */
const lastRow = (text: string): Table => {
  const lines = text.trim().split('\n')
  return { header: (lines[0] ?? '').split(';'), row: (lines.at(-1) ?? '').split(';') }
}

const column = ({ header, row }: Table, name: string): number => {
  const value = row[header.indexOf(name)]
  if (value === undefined) throw new Error(`SIPp's statistics have no column ${name}`)
  return Number(value)
}

/** Columns of `-trace_counts` are `<position>_<message>_<Recv|Sent|Retrans|…>`. */
const parseRepeated = ({ header, row }: Table): Record<string, number> => {
  const repeated: Record<string, number> = {}
  for (const [index, name] of header.entries()) {
    if (name.endsWith('_Retrans') && Number(row[index]) > 0)
      repeated[name.slice(0, -'_Retrans'.length)] = Number(row[index])
  }
  return repeated
}

/** Rows of `-trace_rtt` are `when_ms;response_time_ms;name`. */
const parseResponseTimes = (text: string): number[] =>
  text
    .trim()
    .split('\n')
    .slice(1)
    .map(line => Number(line.split(';')[1]))
    .sort((a, b) => a - b)

const readEnding = async (directory: string, ending: string): Promise<string> => {
  const name = (await readdir(directory)).find(entry => entry.endsWith(ending))
  return name === undefined ? '' : readFile(join(directory, name), 'utf8')
}

const sippArgs = (run: SippRun, local_port: number): string[] => {
  const calls = run.calls ?? 1
  const host = run.from_host ?? '127.0.0.1'
  const limit_seconds = Math.ceil((run.time_limit_ms ?? 30_000) / 1000)
  return [
    `${run.remote.host}:${run.remote.port}`,
    ...[
      '-sf',
      'scenario.xml',
      '-s',
      run.service,
      '-i',
      host,
      '-ci',
      '127.0.0.1',
      '-mi',
      host,
      '-p',
      String(local_port),
    ],
    // Without a limit it asks for more sockets than an ordinary user may open.
    ...(run.credentials === undefined ? [] : ['-au', run.credentials.username, '-ap', run.credentials.password]),
    ...(run.transport === 'tcp' ? ['-t', 'tn', '-max_socket', '500'] : ['-t', 'u1']),
    ...['-m', String(calls), '-l', String(run.at_once ?? calls), '-r', String(run.calls_per_second ?? 20)],
    ...['-d', String(run.hold_ms ?? 1000), '-timeout', `${limit_seconds}s`, '-timeout_error', '-nostdin'],
    ...['-trace_stat', '-stf', 'statistics.csv', '-fd', '1', '-trace_counts', '-trace_rtt', '-rtt_freq', '1'],
    ...['-trace_err', '-error_file', 'errors.log'],
    ...Object.entries({ from: run.from ?? '+15550009999', ...run.keys }).flatMap(([name, value]) => [
      '-key',
      name,
      value,
    ]),
  ]
}

/** Rejects when SIPp cannot run the scenario at all; failed calls are a result. */
export const runSipp = async (run: SippRun): Promise<SippResult> => {
  const directory = await mkdtemp(join(tmpdir(), 'patchcord-sipp-'))
  try {
    await copyFile(new URL(`${run.scenario}.xml`, SCENARIOS), join(directory, 'scenario.xml'))
    await writeFile(join(directory, 'tone.ulaw'), tone())
    const child = await runChild({
      command: 'sipp',
      args: sippArgs(run, run.local_port ?? (await freeUdpPort())),
      cwd: directory,
      // SIPp ends by itself first, with its figures written.
      time_limit_ms: (run.time_limit_ms ?? 30_000) + 5000,
    })
    const statistics = await readEnding(directory, 'statistics.csv')
    if (statistics === '') throw new Error(`sipp could not run ${run.scenario}: ${child.output.slice(0, 2000)}`)
    const table = lastRow(statistics)
    const errors = await readEnding(directory, 'errors.log')
    return {
      succeeded: column(table, 'SuccessfulCall(C)'),
      failed: column(table, 'FailedCall(C)'),
      repeated: parseRepeated(lastRow(await readEnding(directory, '_counts.csv'))),
      response_times_ms: parseResponseTimes(await readEnding(directory, '_rtt.csv')),
      errors: child.exit_code === 255 ? `${child.output.slice(0, 2000)}\n${errors}` : errors,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
