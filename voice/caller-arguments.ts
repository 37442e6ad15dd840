/** The command line of `npm run call`. Pure: argv in, options or one sentence out. */
import { parseArgs } from 'node:util'

export const CALL_USAGE = `usage: npm run call -- <number or sip:uri> [options]
  --from N            the caller's number (default: anonymous)
  --user NAME         the name for a trunk that asks for credentials, with
  --password WORD     its password
  --say FILE          play this WAV (mono, 16-bit, 8 or 16 kHz) after the greeting
  --dtmf 12#          press these keys after the greeting and what is said
  --record FILE       save what is heard as a WAV
  --seconds N         hang up N seconds after the answer (default: when the line has been quiet for 2 s)
  --host HOST[:PORT]  where to send the call (default: the uri's host, or 127.0.0.1:5060)
  --transport udp|tcp (default: udp)
Exit codes: 0 answered, 1 not answered, 2 wrong arguments or files.`

export type CallerArguments = {
  /** Request-URI. */
  readonly target: string
  readonly next_hop: { readonly host: string; readonly port: number }
  readonly transport: 'udp' | 'tcp'
  readonly from: string
  readonly credentials: { readonly username: string; readonly password: string } | null
  readonly say: string | null
  readonly record: string | null
  readonly dtmf: string
  readonly seconds: number | null
}

const SIP_PORT = 5060
const DEFAULT_HOST = '127.0.0.1'
const LONGEST_SECONDS = 3600

/** `host` or `host:port`; null when it is neither. */
const parseHost = (text: string): { readonly host: string; readonly port: number } | null => {
  const match = /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[2] ?? SIP_PORT)
  return match?.[1] === undefined || port < 1 || port > 65_535 ? null : { host: match[1], port }
}

/** `sip:…` as it is, with the place it names; a number with null, for it names none. */
const parseTarget = (text: string) => {
  const uri = /^sip:(?:[^@\s<>]+@)?([^@\s<>;?]+)(?:[;?][^\s<>]*)?$/i.exec(text)
  if (uri !== null) {
    const place = parseHost(uri[1] ?? '')
    return place === null ? null : { user: null, place }
  }
  const digits = text.replace(/[\s().-]/g, '')
  return /^\+?[\d*#]{1,32}$/.test(digits) ? { user: digits.replaceAll('#', '%23'), place: null } : null
}

const read = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      from: { type: 'string', default: 'anonymous' },
      user: { type: 'string' },
      password: { type: 'string' },
      say: { type: 'string' },
      record: { type: 'string' },
      dtmf: { type: 'string', default: '' },
      seconds: { type: 'string' },
      host: { type: 'string' },
      transport: { type: 'string', default: 'udp' },
    },
  })

/** What was asked for, or what is wrong with it. */
export const parseCallerArguments = (argv: readonly string[]): CallerArguments | string => {
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(argv)
  } catch (error) {
    return error instanceof Error ? error.message : 'the arguments cannot be read'
  }
  const { values, positionals } = parsed
  const [text, ...more] = positionals
  if (text === undefined) return 'say whom to call: a number or a sip: uri'
  if (more.length > 0) return `one number or sip: uri at a time; "${more.join(' ')}" is too much`
  const target = parseTarget(text)
  if (target === null) return `"${text}" is neither a number nor a sip: uri`
  const host = values.host === undefined ? null : parseHost(values.host)
  if (values.host !== undefined && host === null) return `--host: "${values.host}" is not host or host:port`
  const next_hop = host ?? target.place ?? { host: DEFAULT_HOST, port: SIP_PORT }
  const { transport, from, dtmf } = values
  if (transport !== 'udp' && transport !== 'tcp') return `--transport: "${transport}" is neither udp nor tcp`
  if (!/^[\dA-Da-d*#]{0,64}$/.test(dtmf)) return `--dtmf: "${dtmf}" has other keys than 0-9 * # A-D, or more than 64`
  if (!/^[\w+.*-]{1,64}$/.test(from)) return `--from: "${from}" is not a number or a name`
  const { user: username, password } = values
  if ((username === undefined) !== (password === undefined)) return '--user and --password are given together'
  const seconds = values.seconds === undefined ? null : Number(values.seconds)
  if (seconds !== null && !(seconds > 0 && seconds <= LONGEST_SECONDS)) {
    return `--seconds: "${values.seconds}" is not a number above 0 and up to ${LONGEST_SECONDS}`
  }
  return {
    target: target.user === null ? text : `sip:${target.user}@${next_hop.host}:${next_hop.port}`,
    next_hop,
    transport,
    from,
    credentials: username === undefined || password === undefined ? null : { username, password },
    say: values.say ?? null,
    record: values.record ?? null,
    dtmf,
    seconds,
  }
}
