/** `npm run call`: a person's telephone on the command line. Prints what happens, a line each; exit codes in CALL_USAGE. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type CallProgress, type CallResult, placeCall } from '#voice/caller.ts'
import { CALL_USAGE, parseCallerArguments } from '#voice/caller-arguments.ts'
import { TELEPHONE_RATE_HZ, toTelephoneRate } from '#voice/telephone-rate.ts'
import { buildWav, parseWav } from '#voice/wav.ts'

/** What to do about a refusal, by SIP status. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'the trunk asks for other credentials; give --user and --password',
  403: 'no trunk accepts calls from this address; see the trunks at GET /core/trunks',
  404: 'nobody has this number or agent; register a number with POST /core/phone-numbers, or deploy the agent as a SIP endpoint',
  408: 'no answer came; is this the right host, port and transport?',
  480: 'no version can answer there now; publish one onto the number',
  486: 'the far end is busy',
  488: 'there is no codec in common',
  503: 'the far end takes no calls now; try again in a moment',
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1)

const describe = (event: CallProgress): string | null => {
  switch (event.kind) {
    case 'calling':
      return `calling ${event.address}`
    case 'provisional':
      return `${event.status} ${event.reason}`
    case 'answered':
      return event.agent === null
        ? `answered after ${event.after_ms} ms`
        : `answered after ${event.after_ms} ms by agent ${event.agent}, version ${event.version ?? '?'}`
    case 'hearing':
      return event.speaking ? 'hearing speech' : null
    case 'speaking':
      return 'speaking'
    case 'digit':
      return `heard the key ${event.digit}`
  }
}

const ENDINGS: Readonly<Record<(CallResult & { kind: 'answered' })['hung_up_by'], string>> = {
  caller: 'hung up',
  callee: 'the far end hung up',
  failure: 'the connection broke',
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const fail = (line: string, exit_code: 1 | 2): number => {
  process.stderr.write(`${line}\n`)
  return exit_code
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The sound to say at 8000 Hz; or a sentence that says what is wrong with the file. */
const readSound = (path: string): Int16Array | string => {
  try {
    const wav = parseWav(readFileSync(path))
    if (typeof wav === 'string') return `${path} ${wav}`
    return toTelephoneRate(wav.pcm, wav.rate_hz) ?? `${path} has ${wav.rate_hz} Hz; 8000 or 16000 Hz is needed`
  } catch (error) {
    return `${path} cannot be read: ${errorText(error)}`
  }
}

/** One signal may come twice within milliseconds, from the terminal and from npm; only a later one means "at once". */
const hangUpOnSignals = (): AbortSignal => {
  const hanging_up = new AbortController()
  let first_ms: number | null = null
  const onSignal = (): void => {
    const now_ms = performance.now()
    if (first_ms !== null && now_ms - first_ms > 1000) process.exit(130)
    first_ms ??= now_ms
    hanging_up.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return hanging_up.signal
}

const conclude = (result: CallResult, record: string | null): number => {
  switch (result.kind) {
    case 'unreachable':
      return fail(result.message, 1)
    case 'given_up':
      return fail('hung up before an answer', 1)
    case 'refused': {
      const advice = ADVICE[result.status]
      return fail(`${result.status} ${result.reason}${advice === undefined ? '' : `: ${advice}`}`, 1)
    }
    case 'answered':
      print(
        `${ENDINGS[result.hung_up_by]} after ${seconds(result.talked_ms)} s; heard ${seconds(result.heard_ms)} s of speech`,
      )
      if (record === null) return 0
      try {
        writeFileSync(record, buildWav({ rate_hz: TELEPHONE_RATE_HZ, pcm: result.heard }))
      } catch (error) {
        return fail(`${record} cannot be written: ${errorText(error)}`, 2)
      }
      print(`saved ${record} (${seconds((result.heard.length / TELEPHONE_RATE_HZ) * 1000)} s)`)
      return 0
  }
}

const main = async (argv: readonly string[]): Promise<number> => {
  const wanted = parseCallerArguments(argv)
  if (typeof wanted === 'string') return fail(`${wanted}\n\n${CALL_USAGE}`, 2)
  const say = wanted.say === null ? null : readSound(wanted.say)
  if (typeof say === 'string') return fail(say, 2)
  const report = (event: CallProgress): void => {
    const line = describe(event)
    if (line !== null) print(line)
  }
  try {
    const result = await placeCall({ ...wanted, say, record: wanted.record !== null }, report, hangUpOnSignals())
    return conclude(result, wanted.record)
  } catch (error) {
    return fail(`the call could not be placed: ${errorText(error)}`, 1)
  }
}

process.exitCode = await main(process.argv.slice(2))
