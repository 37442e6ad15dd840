/** The command line of `npm run route`. Pure: argv in, options or one sentence out. */
import { parseArgs } from 'node:util'
import { CONNECTION_OPTIONS, CONNECTION_USAGE, type Connection, parseConnection } from '#cli/connection-options.ts'

export const ROUTE_USAGE = `usage: npm run route -- <number> [options]
  --from N           the caller's number (default: anonymous); with --outbound: who is called
  --at TIME          when the call comes, such as 2026-12-24T09:30:00+01:00 (default: now)
  --outbound         a call from the number
  --header H         an X- header of the call, "X-Customer-Id: 7"; may be given several times
  --call-id ID       by which a caller without a number draws
  --webhook          really ask the number's webhook (default: show what would be without it)
${CONNECTION_USAGE}
  --json             print the answer as it comes
Exit codes: 0 an agent answers or the call is forwarded, 1 nobody answers, 2 wrong arguments or Patchcord cannot be asked.`

export type RouteArguments = Connection & {
  /** E.164, or an extension. */
  readonly number: string
  readonly direction: 'inbound' | 'outbound'
  readonly caller: string | null
  /** RFC 3339; null: now. */
  readonly at: string | null
  readonly sip_headers: Readonly<Record<string, string>>
  readonly call_id: string | null
  readonly webhook: boolean
  readonly json: boolean
}

const read = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      at: { type: 'string' },
      outbound: { type: 'boolean', default: false },
      header: { type: 'string', multiple: true, default: [] },
      'call-id': { type: 'string' },
      webhook: { type: 'boolean', default: false },
      ...CONNECTION_OPTIONS,
    },
  })

/** As people write numbers: separators are taken out, `00` is `+`. Whether it exists is for the server to say. */
const parseNumber = (text: string): string | null => {
  const digits = text.replace(/[\s().-]/g, '').replace(/^00/, '+')
  return /^(\+\d{7,15}|\d{2,8})$/.test(digits) ? digits : null
}

const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

const parseHeaders = (texts: readonly string[]): Record<string, string> | string => {
  const headers: Record<string, string> = {}
  for (const text of texts) {
    const [, name, value] = /^\s*(x-[a-z0-9-]+)\s*:\s*(.*)$/i.exec(text) ?? []
    if (name === undefined || value === undefined) return `--header: "${text}" is not of the form "X-Name: value"`
    headers[name] = value
  }
  return headers
}

type Values = ReturnType<typeof read>['values']

/** What was asked for besides the number, or what is wrong with it. */
const parseOptions = (values: Values): Omit<RouteArguments, 'number'> | string => {
  const sip_headers = parseHeaders(values.header)
  if (typeof sip_headers === 'string') return sip_headers
  const { at, from } = values
  if (at !== undefined && !TIME.test(at))
    return `--at: "${at}" is not a time with its offset, such as 2026-12-24T09:30:00Z or 2026-12-24T09:30:00+01:00`
  const connection = parseConnection(values)
  if (typeof connection === 'string') return connection
  if (values.webhook && values.outbound) return '--webhook: calls from a number ask no webhook'
  return {
    direction: values.outbound ? 'outbound' : 'inbound',
    caller: from === undefined || from === '' ? null : from,
    at: at ?? null,
    sip_headers,
    call_id: values['call-id'] ?? null,
    webhook: values.webhook,
    ...connection,
    json: values.json,
  }
}

/** `help`: that is what was asked for. Else a sentence says what is wrong. */
export const parseRouteArguments = (argv: readonly string[]): RouteArguments | 'help' | { readonly wrong: string } => {
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(argv)
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : 'the arguments cannot be read' }
  }
  const { values, positionals } = parsed
  if (values.help) return 'help'
  const [text, ...more] = positionals
  if (text === undefined) return { wrong: 'say which number: one of yours, such as +15551234567' }
  if (more.length > 0) return { wrong: `one number at a time; "${more.join(' ')}" is too much` }
  const number = parseNumber(text)
  if (number === null) return { wrong: `"${text}" is neither a number such as +15551234567 nor an extension` }
  const options = parseOptions(values)
  return typeof options === 'string' ? { wrong: options } : { number, ...options }
}
