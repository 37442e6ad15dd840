/**
 * What the environment says, checked once, before anything is opened. This is the only file that knows the variables'
 * names; the rest of the program is handed a `Config`.
 */
import { isIP, isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import { isAligned, parseRange } from '#core/ip.ts'
import type { ModelSettings } from '#core/language-model.ts'

export const ROLES = ['api', 'worker', 'voice'] as const
export type Role = (typeof ROLES)[number]

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const SIP_DIGEST_ALGORITHMS = ['SHA-256', 'MD5'] as const
export type SipDigestAlgorithm = (typeof SIP_DIGEST_ALGORITHMS)[number]

export type Config = {
  readonly http_host: string
  /** 0: one that the operating system picks, for HTTP and SIP alike. */
  readonly http_port: number
  /** An IPv4 address. */
  readonly sip_host: string
  readonly sip_port: number
  /** `host` or `host:port`, as written in SIP addresses; null: where SIP listens. */
  readonly sip_public_host: string | null
  /** Inclusive. */
  readonly rtp_ports: { readonly first: number; readonly last: number }
  /** The IPv4 address that SDP names. */
  readonly media_public_host: string
  /** Per source; 0: no limit. */
  readonly sip_rate_limit_pps: number
  /** What callers may prove a trunk's credentials by, in the order of preference. */
  readonly sip_digest_algorithms: readonly SipDigestAlgorithm[]
  /** HTTP requests, per credential; 0: no limit. */
  readonly rate_limit_rps: number
  /** Addresses and CIDR ranges that webhooks may reach besides public ones. */
  readonly outbound_allow: readonly string[]
  /** An inbound webhook's whole budget, where a number names none. */
  readonly webhook_timeout_ms: number
  /** Where language models are asked, for all organizations that have none of their own; null: by nobody. */
  readonly llm_base_url: string | null
  readonly llm_api_key: string | null
  readonly llm_model: string | null
  readonly llm_input_usd_per_mtok: number | null
  readonly llm_output_usd_per_mtok: number | null
  /** null: the embedded database. */
  readonly database_url: string | null
  /** An absolute path. */
  readonly data_dir: string
  readonly bootstrap_key: string | null
  /** 32 bytes; null: made and kept in DATA_DIR. Never null with a database of its own. */
  readonly secret_key: Uint8Array | null
  readonly demo: boolean
  readonly roles: readonly Role[]
  readonly log_level: LogLevel
  /** npm started this process: when npm is gone, nobody can stop it by its terminal any more. */
  readonly under_npm: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What a default may depend on. */
export type Machine = { readonly is_root: boolean; readonly working_dir: string }

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  /** One sentence a fault: which variable, what was given, what is expected. */
  | { readonly ok: false; readonly faults: readonly string[] }

/** What a value means, or (undefined) that it means nothing. */
type Parse<T> = (text: string) => T | undefined

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i
/** A key as `BOOTSTRAP_KEY` gives it. */
export const KEY = /^ak_[A-Za-z0-9-]{8,64}\.[A-Za-z0-9_-]{16,128}$/
/** Each call takes an even port for RTP and leaves the odd one after it to RTCP. */
const RTP_PORTS_MIN = 2

const parseInteger =
  (min: number, max: number): Parse<number> =>
  text => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
    return value >= min && value <= max ? value : undefined
  }

const parseHost: Parse<string> = text => (isIP(text) !== 0 || HOST_NAME.test(text) ? text : undefined)
const parseIPv4: Parse<string> = text => (isIPv4(text) ? text : undefined)

const parseHostAndPort: Parse<string> = text => {
  const [, host = '', port] = /^([^:]*)(?::(.*))?$/.exec(text) ?? []
  const port_is_fine = port === undefined || parseInteger(1, 65535)(port) !== undefined
  return port_is_fine && (isIPv4(host) || HOST_NAME.test(host)) ? text : undefined
}

const parsePortRange: Parse<Config['rtp_ports']> = text => {
  const [, from = '', to = ''] = /^(\d+)-(\d+)$/.exec(text) ?? []
  const first = parseInteger(1024, 65535)(from)
  const last = parseInteger(1024, 65535)(to)
  return first !== undefined && last !== undefined && last - first + 1 >= RTP_PORTS_MIN ? { first, last } : undefined
}

const parseDatabaseUrl: Parse<string> = text => {
  if (!URL.canParse(text)) return undefined
  const { protocol } = new URL(text)
  return protocol === 'postgres:' || protocol === 'postgresql:' ? text : undefined
}

const parseHttpUrl: Parse<string> = text => {
  const url = URL.parse(text)
  const is_plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return is_plain && /^https?:$/.test(url.protocol) ? text : undefined
}

const parseVisible: Parse<string> = text => (/^[\x21-\x7e]{1,1000}$/.test(text) ? text : undefined)

const parsePrice: Parse<number> = text => {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

const parseRoles: Parse<readonly Role[]> = text => {
  const names = text.split(',').map(name => name.trim())
  const known = ROLES.filter(role => names.includes(role))
  return names.length === known.length ? known : undefined
}

/** The strongest first, as RFC 8760 2.4 wants challenges ordered. */
const parseAlgorithms: Parse<readonly SipDigestAlgorithm[]> = text => {
  const names = text
    .toUpperCase()
    .split(',')
    .map(name => name.trim())
  const known = SIP_DIGEST_ALGORITHMS.filter(algorithm => names.includes(algorithm))
  return names.length === known.length ? known : undefined
}

const parseRanges: Parse<readonly string[]> = text => {
  const ranges = text.split(',').map(range => range.trim())
  const are_fine = ranges.every(written => {
    // No zones (fe80::1%eth0): they are names of this machine's, not part of an address.
    const range = written.includes('%') ? null : parseRange(written)
    return range !== null && isAligned(range)
  })
  return are_fine ? ranges : undefined
}

const parseLevel: Parse<LogLevel> = text => LOG_LEVELS.find(level => level === text)
const parseSwitch: Parse<boolean> = text => (text === '1' ? true : text === '0' ? false : undefined)
const parseKey: Parse<string> = text => (KEY.test(text) ? text : undefined)

/** 32 bytes in hex or Base64. */
export const parseSecretKey: Parse<Uint8Array> = text =>
  /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[\w+/-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64url')
      : undefined

/** `postgres://user:***@host/database`. What does not look like a URL, or hides an `@` behind its host, is not shown at all. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return '***'
  const url = new URL(text)
  const is_database = /^postgres(ql)?:$/.test(url.protocol)
  if ((url.host === '' && !is_database) || `${url.pathname}${url.search}${url.hash}`.includes('@')) return '***'
  if (url.password !== '') url.password = '***'
  for (const name of url.searchParams.keys()) if (/pass|secret|key/i.test(name)) url.searchParams.set(name, '***')
  return url.href
}

/** An empty variable counts as one that is not set: `FOO= npm start` is how shells unset one. */
function makeReader(env: Environment, faults: string[]) {
  return function read<T>(
    name: string,
    fallback: T,
    parse: Parse<T>,
    expected: string,
    mask?: (text: string) => string,
  ): T {
    const text = env[name]?.trim() ?? ''
    if (text === '') return fallback
    const value = parse(text)
    if (value !== undefined) return value
    faults.push(`${name} is ${JSON.stringify(mask === undefined ? text : mask(text))}, but must be ${expected}.`)
    return fallback
  }
}

const PORT_EXPECTED = 'a port number from 0 to 65535 (0: any free one)'

const EVERY_ADDRESS = ['0.0.0.0', '::']

/** What belongs together of the language model. */
function findModelFaults(config: Config): string[] {
  const faults: string[] = []
  const { llm_base_url, llm_model, llm_api_key, llm_input_usd_per_mtok, llm_output_usd_per_mtok } = config
  if ((llm_base_url === null) !== (llm_model === null))
    faults.push('LLM_BASE_URL and LLM_MODEL belong together: where a language model is asked, and its name there.')
  if (llm_base_url === null && llm_api_key !== null)
    faults.push('LLM_API_KEY is set, so LLM_BASE_URL must say where it is good for.')
  if ((llm_input_usd_per_mtok === null) !== (llm_output_usd_per_mtok === null))
    faults.push('LLM_INPUT_USD_PER_MTOK and LLM_OUTPUT_USD_PER_MTOK belong together: give both prices, or neither.')
  return faults
}

function findContradictions(config: Config): string[] {
  const faults: string[] = []
  if (config.database_url !== null && config.secret_key === null)
    faults.push(
      'DATABASE_URL is set, so SECRET_KEY must be given: 32 bytes in hex (openssl rand -hex 32), the same for every process on that database.',
    )
  faults.push(...findModelFaults(config))
  if (!config.roles.includes('voice')) return faults
  const hosts = [config.http_host, config.sip_host]
  const share_host = config.http_host === config.sip_host || hosts.some(host => EVERY_ADDRESS.includes(host))
  if (config.http_port === config.sip_port && config.http_port !== 0 && share_host)
    faults.push(`PORT and SIP_PORT are both ${config.sip_port}, but HTTP and SIP each need a port of their own.`)
  if (config.sip_host !== '0.0.0.0') return faults
  if (config.sip_public_host === null)
    faults.push('SIP_HOST is 0.0.0.0 (every address), so SIP_PUBLIC_HOST must name the host that callers dial.')
  if (config.media_public_host === '0.0.0.0')
    faults.push(
      'SIP_HOST is 0.0.0.0 (every address), so MEDIA_PUBLIC_HOST must name the address that callers send audio to.',
    )
  return faults
}

/** How much is asked of this process, and how far it may reach out itself. */
const readLimits = (read: ReturnType<typeof makeReader>) => ({
  sip_rate_limit_pps: read(
    'SIP_RATE_LIMIT_PPS',
    500,
    parseInteger(0, 1_000_000),
    'datagrams per second and source, 0 (no limit) to 1000000',
  ),
  rate_limit_rps: read(
    'RATE_LIMIT_RPS',
    100,
    parseInteger(0, 1_000_000),
    'requests per second and credential, 0 (no limit) to 1000000',
  ),
  outbound_allow: read(
    'OUTBOUND_ALLOW',
    [],
    parseRanges,
    'addresses or CIDR ranges with nothing set behind the prefix, such as 127.0.0.1 or 10.0.0.0/8, separated by commas',
  ),
  webhook_timeout_ms: read(
    'WEBHOOK_TIMEOUT_MS',
    2_000,
    parseInteger(250, 10_000),
    'the budget of an inbound webhook in milliseconds, 250 to 10000',
  ),
})

const PRICE_EXPECTED = 'US dollars for a million tokens, such as 0.4'

const readModel = (read: ReturnType<typeof makeReader>) => ({
  llm_base_url: read(
    'LLM_BASE_URL',
    null,
    parseHttpUrl,
    'a URL such as https://api.openai.com/v1, without user, query and fragment',
    maskUrl,
  ),
  llm_api_key: read('LLM_API_KEY', null, parseVisible, 'a key without spaces', () => '***'),
  llm_model: read('LLM_MODEL', null, parseVisible, 'a model’s name, without spaces'),
  llm_input_usd_per_mtok: read('LLM_INPUT_USD_PER_MTOK', null, parsePrice, PRICE_EXPECTED),
  llm_output_usd_per_mtok: read('LLM_OUTPUT_USD_PER_MTOK', null, parsePrice, PRICE_EXPECTED),
})

/** The language model of the installation; null: none is configured. */
export function modelFrom(config: Config): ModelSettings | null {
  const { llm_base_url, llm_model, llm_api_key, llm_input_usd_per_mtok, llm_output_usd_per_mtok } = config
  if (llm_base_url === null || llm_model === null) return null
  const prices =
    llm_input_usd_per_mtok === null || llm_output_usd_per_mtok === null
      ? null
      : { input_usd_per_mtok: llm_input_usd_per_mtok, output_usd_per_mtok: llm_output_usd_per_mtok }
  return { base_url: llm_base_url, model: llm_model, api_key: llm_api_key, prices }
}

/** All faults at once, so that they can be mended at once. */
export function readConfig(env: Environment, machine: Machine): ConfigResult {
  const faults: string[] = []
  const read = makeReader(env, faults)
  const sip_host = read(
    'SIP_HOST',
    '127.0.0.1',
    parseIPv4,
    'an IPv4 address of this machine, or 0.0.0.0 for all of them',
  )
  const data_dir = read('DATA_DIR', machine.is_root ? '/var/lib/patchcord' : '.patchcord', text => text, 'a directory')
  const config: Config = {
    http_host: read('HOST', '127.0.0.1', parseHost, 'an address of this machine or a host name'),
    http_port: read('PORT', 8080, parseInteger(0, 65535), PORT_EXPECTED),
    sip_host,
    sip_port: read('SIP_PORT', 5060, parseInteger(0, 65535), PORT_EXPECTED),
    sip_public_host: read(
      'SIP_PUBLIC_HOST',
      null,
      parseHostAndPort,
      'a host name or IPv4 address, with or without :port',
    ),
    rtp_ports: read(
      'RTP_PORTS',
      { first: 20_000, last: 29_999 },
      parsePortRange,
      'a range of at least two ports between 1024 and 65535, such as 20000-29999',
    ),
    media_public_host: read('MEDIA_PUBLIC_HOST', sip_host, parseIPv4, 'the IPv4 address that callers send audio to'),
    ...readLimits(read),
    ...readModel(read),
    // MD5 alone, since SIPp 3.6 and baresip 1.0 give up at a challenge that offers anything else beside it.
    sip_digest_algorithms: read(
      'SIP_DIGEST_ALGORITHMS',
      ['MD5'],
      parseAlgorithms,
      'one or both of SHA-256 and MD5, separated by a comma',
    ),
    database_url: read(
      'DATABASE_URL',
      null,
      parseDatabaseUrl,
      'a URL such as postgres://user:password@host:5432/database',
      maskUrl,
    ),
    data_dir: resolve(machine.working_dir, data_dir),
    bootstrap_key: read(
      'BOOTSTRAP_KEY',
      null,
      parseKey,
      'a key of the form ak_<id>.<secret>, the secret at least 16 characters',
      () => '***',
    ),
    secret_key: read('SECRET_KEY', null, parseSecretKey, '32 bytes, as 64 hex digits or in Base64', () => '***'),
    demo: read('DEMO', true, parseSwitch, '0 or 1'),
    roles: read('ROLES', ROLES, parseRoles, `one or more of ${ROLES.join(', ')}, separated by commas, each once`),
    log_level: read('LOG_LEVEL', 'info', parseLevel, `one of ${LOG_LEVELS.join(', ')}`),
    under_npm: env.npm_lifecycle_event !== undefined,
  }
  faults.push(...findContradictions(config))
  return faults.length === 0 ? { ok: true, config } : { ok: false, faults }
}

/** The configuration as it is printed at start, under the variables' names, secrets masked. */
export function describeConfig(config: Config): Record<string, string | number> {
  return {
    HOST: config.http_host,
    PORT: config.http_port,
    SIP_HOST: config.sip_host,
    SIP_PORT: config.sip_port,
    SIP_PUBLIC_HOST: config.sip_public_host ?? '(where SIP listens)',
    RTP_PORTS: `${config.rtp_ports.first}-${config.rtp_ports.last}`,
    MEDIA_PUBLIC_HOST: config.media_public_host,
    SIP_RATE_LIMIT_PPS: config.sip_rate_limit_pps,
    RATE_LIMIT_RPS: config.rate_limit_rps,
    SIP_DIGEST_ALGORITHMS: config.sip_digest_algorithms.join(','),
    OUTBOUND_ALLOW: config.outbound_allow.join(',') || '(public addresses only)',
    WEBHOOK_TIMEOUT_MS: config.webhook_timeout_ms,
    LLM_BASE_URL: config.llm_base_url === null ? '(none: written offline)' : maskUrl(config.llm_base_url),
    LLM_API_KEY: config.llm_api_key === null ? '(none)' : '***',
    LLM_MODEL: config.llm_model ?? '(none)',
    LLM_INPUT_USD_PER_MTOK: config.llm_input_usd_per_mtok ?? '(not known)',
    LLM_OUTPUT_USD_PER_MTOK: config.llm_output_usd_per_mtok ?? '(not known)',
    DATABASE_URL: config.database_url === null ? '(embedded)' : maskUrl(config.database_url),
    DATA_DIR: config.data_dir,
    BOOTSTRAP_KEY: config.bootstrap_key === null ? '(made)' : '***',
    SECRET_KEY: config.secret_key === null ? '(made)' : '***',
    DEMO: config.demo ? 1 : 0,
    ROLES: config.roles.join(','),
    LOG_LEVEL: config.log_level,
  }
}
