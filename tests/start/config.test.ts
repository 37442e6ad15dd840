import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Config, describeConfig, type Environment, maskUrl, modelFrom, readConfig } from '#server/config.ts'

const KEY = Buffer.alloc(32, 'key')
const machine = { is_root: false, working_dir: '/home/ann/patchcord' }

function config(env: Environment, where = machine): Config {
  const result = readConfig(env, where)
  assert.ok(result.ok, JSON.stringify(result))
  return result.config
}

function faults(env: Environment): readonly string[] {
  const result = readConfig(env, machine)
  assert.ok(!result.ok, 'no fault was found')
  return result.faults
}

test('an empty environment means the documented defaults', () => {
  assert.deepEqual(config({}), {
    http_host: '127.0.0.1',
    http_port: 8080,
    sip_host: '127.0.0.1',
    sip_port: 5060,
    sip_public_host: null,
    rtp_ports: { first: 20_000, last: 29_999 },
    media_public_host: '127.0.0.1',
    sip_rate_limit_pps: 500,
    sip_digest_algorithms: ['MD5'],
    rate_limit_rps: 100,
    outbound_allow: [],
    webhook_timeout_ms: 2_000,
    llm_base_url: null,
    llm_api_key: null,
    llm_model: null,
    llm_input_usd_per_mtok: null,
    llm_output_usd_per_mtok: null,
    database_url: null,
    data_dir: '/home/ann/patchcord/.patchcord',
    bootstrap_key: null,
    secret_key: null,
    demo: true,
    roles: ['api', 'worker', 'voice'],
    log_level: 'info',
    under_npm: false,
  })
  assert.equal(config({}, { ...machine, is_root: true }).data_dir, '/var/lib/patchcord')
})

const READ: readonly (readonly [Environment, Partial<Config>])[] = [
  [
    { HOST: '::1', PORT: '0' },
    { http_host: '::1', http_port: 0 },
  ],
  [{ HOST: 'patchcord.example' }, { http_host: 'patchcord.example' }],
  [{ PORT: '' }, { http_port: 8080 }],
  [{ PORT: ' 9000 ' }, { http_port: 9000 }],
  [{ SIP_HOST: '10.0.0.5' }, { sip_host: '10.0.0.5', media_public_host: '10.0.0.5' }],
  [{ SIP_PUBLIC_HOST: 'sip.example.com:5070' }, { sip_public_host: 'sip.example.com:5070' }],
  [{ RTP_PORTS: '30000-30001' }, { rtp_ports: { first: 30_000, last: 30_001 } }],
  [{ SIP_DIGEST_ALGORITHMS: 'md5, SHA-256' }, { sip_digest_algorithms: ['SHA-256', 'MD5'] }],
  [{ SIP_RATE_LIMIT_PPS: '0' }, { sip_rate_limit_pps: 0 }],
  [{ RATE_LIMIT_RPS: '0' }, { rate_limit_rps: 0 }],
  [{ OUTBOUND_ALLOW: '127.0.0.0/8, ::1,10.0.0.7' }, { outbound_allow: ['127.0.0.0/8', '::1', '10.0.0.7'] }],
  [{ WEBHOOK_TIMEOUT_MS: '250' }, { webhook_timeout_ms: 250 }],
  [{ WEBHOOK_TIMEOUT_MS: '10000' }, { webhook_timeout_ms: 10_000 }],
  [{ SECRET_KEY: KEY.toString('base64') }, { secret_key: KEY }],
  [{ DATABASE_URL: 'postgresql://db/x', SECRET_KEY: KEY.toString('hex') }, { database_url: 'postgresql://db/x' }],
  [{ DATA_DIR: 'data' }, { data_dir: '/home/ann/patchcord/data' }],
  [{ DATA_DIR: '/srv/patchcord' }, { data_dir: '/srv/patchcord' }],
  [
    { DEMO: '0', LOG_LEVEL: 'debug' },
    { demo: false, log_level: 'debug' },
  ],
  [{ ROLES: 'voice, api' }, { roles: ['api', 'voice'] }],
  [{ npm_lifecycle_event: 'start' }, { under_npm: true }],
  [
    { SIP_HOST: '0.0.0.0', SIP_PUBLIC_HOST: 'sip.example.com', MEDIA_PUBLIC_HOST: '203.0.113.7' },
    { sip_public_host: 'sip.example.com', media_public_host: '203.0.113.7' },
  ],
  [{ SIP_HOST: '0.0.0.0', ROLES: 'api' }, { roles: ['api'] }],
]

for (const [env, expected] of READ) {
  test(`${JSON.stringify(env)} is read`, () => {
    const read: Record<string, unknown> = { ...config(env) }
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(read[name], value, name)
  })
}

const REFUSED: readonly Environment[] = [
  { HOST: 'not a host' },
  { HOST: '-x' },
  { PORT: '65536' },
  { PORT: '-1' },
  { PORT: '80a' },
  { PORT: '1e3' },
  { SIP_HOST: '::1' },
  { SIP_HOST: 'example.com' },
  { SIP_PORT: '99999999999999' },
  { SIP_PUBLIC_HOST: 'a:b' },
  { SIP_PUBLIC_HOST: 'sip:host' },
  { SIP_PUBLIC_HOST: ':5060' },
  { RTP_PORTS: '20000' },
  { RTP_PORTS: '20000-20000' },
  { RTP_PORTS: '30000-20000' },
  { RTP_PORTS: '100-200' },
  { MEDIA_PUBLIC_HOST: 'media.example.com' },
  { SIP_RATE_LIMIT_PPS: 'many' },
  { SIP_DIGEST_ALGORITHMS: 'SHA-1' },
  { SIP_DIGEST_ALGORITHMS: 'MD5,MD5' },
  { OUTBOUND_ALLOW: 'localhost' },
  { OUTBOUND_ALLOW: '10.0.0.0/33' },
  { OUTBOUND_ALLOW: '10.0.0.5/8' },
  { OUTBOUND_ALLOW: '10.0.0.0/8,' },
  { OUTBOUND_ALLOW: 'fe80::1%eth0' },
  { WEBHOOK_TIMEOUT_MS: '249' },
  { WEBHOOK_TIMEOUT_MS: '10001' },
  { WEBHOOK_TIMEOUT_MS: '2s' },
  { LLM_BASE_URL: 'llm.example.com/v1' },
  { LLM_BASE_URL: 'ftp://llm.example.com' },
  { LLM_BASE_URL: 'https://llm.example.com/v1#x' },
  { LLM_MODEL: 'a b' },
  { LLM_API_KEY: 'hunter two' },
  { LLM_INPUT_USD_PER_MTOK: 'free' },
  { LLM_OUTPUT_USD_PER_MTOK: '-1' },
  { DATABASE_URL: 'mysql://db/x' },
  { DATABASE_URL: 'db' },
  { BOOTSTRAP_KEY: 'ak_short' },
  { BOOTSTRAP_KEY: 'pat_12345678.0123456789abcdef' },
  { SECRET_KEY: 'hunter2' },
  { SECRET_KEY: 'ab'.repeat(31) },
  { DEMO: 'yes' },
  { ROLES: 'api,api' },
  { ROLES: 'api,phone' },
  { LOG_LEVEL: 'loud' },
]

/** Values of those that may be, or contain, a secret. */
const SECRET = [
  'ak_short',
  'pat_12345678.0123456789abcdef',
  'db',
  'hunter2',
  'hunter two',
  'ab'.repeat(31),
  'llm.example.com/v1',
]

for (const env of REFUSED) {
  test(`${JSON.stringify(env)} is refused in one sentence that names it`, () => {
    const [fault = '', ...more] = faults(env)
    const [name = '', given = ''] = Object.entries(env)[0] ?? []
    assert.deepEqual(more, [])
    assert.ok(fault.startsWith(`${name} is `) && fault.includes(' must be ') && fault.endsWith('.'), fault)
    assert.equal(fault.includes(given ?? ''), !SECRET.includes(given ?? ''), fault)
  })
}

test('listening on every address needs to be told what to call itself', () => {
  const found = faults({ SIP_HOST: '0.0.0.0' })
  assert.match(found.join('\n'), /SIP_PUBLIC_HOST must name[\s\S]*MEDIA_PUBLIC_HOST must name/)
})

test('a database of its own needs the key that its secrets are sealed with', () => {
  assert.match(faults({ DATABASE_URL: 'postgres://db/x' }).join(), /SECRET_KEY must be given.*openssl rand -hex 32/)
})

test('a language model is given whole, or not at all', () => {
  const whole = { LLM_BASE_URL: 'http://127.0.0.1:11434/v1', LLM_MODEL: 'llama3.2:3b' }
  const settings = { base_url: whole.LLM_BASE_URL, model: whole.LLM_MODEL }
  assert.deepEqual(modelFrom(config(whole)), { ...settings, api_key: null, prices: null })
  const priced = { ...whole, LLM_API_KEY: 'sk-x', LLM_INPUT_USD_PER_MTOK: '0.4', LLM_OUTPUT_USD_PER_MTOK: '1.6' }
  const prices = { input_usd_per_mtok: 0.4, output_usd_per_mtok: 1.6 }
  assert.deepEqual(modelFrom(config(priced)), { ...settings, api_key: 'sk-x', prices })
  assert.equal(modelFrom(config({})), null)
  for (const [name, pattern] of [
    ['LLM_BASE_URL', /belong together.*LLM_API_KEY is set/],
    ['LLM_MODEL', /belong together/],
    ['LLM_INPUT_USD_PER_MTOK', /both prices/],
  ] as const)
    assert.match(faults({ ...priced, [name]: '' }).join(), pattern)
  assert.ok(!JSON.stringify(describeConfig(config(priced))).includes('sk-x'))
})

test('HTTP and SIP cannot share a port where they share an address', () => {
  const both = { PORT: '5060', SIP_PORT: '5060' }
  for (const env of [both, { ...both, HOST: '0.0.0.0' }, { ...both, HOST: '::' }])
    assert.match(faults(env).join(), /^PORT and SIP_PORT are both 5060/)
  for (const env of [
    { ...both, HOST: '127.0.0.2' },
    { ...both, ROLES: 'api' },
    { PORT: '0', SIP_PORT: '0' },
  ])
    config(env)
})

test('all faults are reported at once', () => {
  const found = faults({ PORT: 'x', DEMO: 'y', LOG_LEVEL: 'z' })
  assert.deepEqual(
    found.map(fault => fault.split(' ')[0]),
    ['PORT', 'DEMO', 'LOG_LEVEL'],
  )
})

test('no secret is printed, nor told in a fault', () => {
  const secret = 'hunter2hunter2hunter2'
  const env = {
    DATABASE_URL: `postgres://ann:${secret}@db/x?sslpassword=${secret}`,
    BOOTSTRAP_KEY: `ak_12345678.${secret}`,
    SECRET_KEY: KEY.toString('hex'),
  }
  const shown = describeConfig(config(env))
  assert.ok(!JSON.stringify(shown).includes(secret))
  assert.ok(!JSON.stringify(shown).includes(KEY.toString('hex')))
  assert.equal(shown.DATABASE_URL, 'postgres://ann:***@db/x?sslpassword=***')
  const wrong = faults({ DATABASE_URL: `mysql://ann:${secret}@db/x`, BOOTSTRAP_KEY: `key-${secret}` })
  assert.ok(!wrong.join().includes(secret))
  for (const odd of [`ann:${secret}@db`, `postgres://ann:x@${secret}/y@db/x`, `postgres://ann:12?${secret}@db/x`])
    assert.equal(maskUrl(odd), '***')
})
