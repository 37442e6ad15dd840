/** Requests out of the OpenAPI document: as it says they should be, or with one thing about them changed. */
import type { CallerHeaders } from '#tests/fuzz/callers.ts'
import type { Parameter, Row, Schema } from '#tests/fuzz/document.ts'
import { mutate, mutateBytes, NASTY_TEXTS, pick, type Random } from '#tests/fuzz/mutate.ts'
import type { Memory, Samples } from '#tests/fuzz/samples.ts'
import type { Request } from '#tests/harness/http.ts'

/** What is different about the request; `none`: nothing. */
const DAMAGES = ['none', 'body', 'bytes', 'path', 'query', 'header', 'credential'] as const
type Damage = (typeof DAMAGES)[number]

export type FuzzedRequest = Request & { readonly damage: Damage; readonly headers: Readonly<Record<string, string>> }

type Source = {
  readonly random: Random
  readonly samples: Samples
  readonly memory: Memory
  readonly caller: CallerHeaders
}

const asText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** A few thousand numbers that exist on paper, so that some are registered and some are not. */
const somePhoneNumber = (random: Random): string => `+1555${String(1_230_000 + Math.floor(random() * 3000))}`

const isNamed = (name: string, ending: string): boolean => name === ending || name.endsWith(`_${ending}`)

const WEBHOOKS = ['https://example.com/inbound', 'http://127.0.0.1/', 'https://[::1]/']

/** What a schema cannot say, or only at such length that a guess never fits. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  timezone: ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Mars/Olympus'],
  from: ['1', '2', '2026-01-01T00:00:00Z', '2026-10-25T00:00:00+02:00'],
  // A place where no language model is.
  base_url: ['http://127.0.0.1:9/v1'],
  to: ['1', '2', '2026-02-01T00:00:00Z', '2026-11-01T00:00:00Z'],
  webhook_url: WEBHOOKS,
  inboundWebhookUrl: WEBHOOKS,
  forward: ['sip:desk@example.com', '+15557654321', 'sip:a@b:99999'],
}

/** Values that are right by the schema, and nearly all of them by the rules too: ids that exist. */
const knownFor = ({ random, memory }: Source, name: string): unknown => {
  if (isNamed(name, 'phone_number') || name === 'base_number')
    return random() < 0.6 ? (memory.recall('phone_number') ?? somePhoneNumber(random)) : somePhoneNumber(random)
  if (isNamed(name, 'version')) return 1 + Math.floor(random() * 3)
  const fitting = FITTING[name]
  return fitting ? pick(random, fitting) : memory.recall(name)
}

/** The fields of an assignment exclude each other: with all of them it is never served. */
const thinned = ({ random }: Source, value: object): [string, unknown][] =>
  Object.entries(value).filter(
    ([name]) => !('accountSid' in value) || ['accountSid', 'workspaceId'].includes(name) || random() < 0.4,
  )

const withKnown = (source: Source, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(item => withKnown(source, item))
  if (typeof value !== 'object' || value === null) return value
  const entries = thinned(source, value).map(([name, item]) => {
    if (Array.isArray(item) && name.endsWith('phone_numbers'))
      return [name, item.map(() => knownFor(source, 'phone_number'))]
    if (/agents$/i.test(name) && Array.isArray(item)) return [name, item.map(each => withKnown(source, each))]
    if (name === 'after_hours') return [name, withKnown(source, item)]
    if (name === 'dates' && source.random() < 0.7) return [name, [{ date: '2026-12-25', closed: true }]]
    if ((typeof item === 'object' && item !== null) || source.random() < 0.2) return [name, item]
    return [name, knownFor(source, name) ?? item]
  })
  return Object.fromEntries(entries)
}

const queryOf = (source: Source, parameters: readonly Parameter[], damaged: boolean): string => {
  const { random, samples } = source
  const query = new URLSearchParams()
  for (const { name, schema, required } of parameters) {
    if (random() < (required ? 0.1 : 0.7)) continue
    const known = required || random() < 0.5 ? knownFor(source, name) : undefined
    query.append(name, asText(known ?? samples.of(schema)))
  }
  if (damaged) {
    const names = [...parameters.map(({ name }) => name), ...NASTY_TEXTS]
    for (let times = 1 + Math.floor(random() * 3); times > 0; times--)
      query.append(
        pick(random, names).slice(0, 500).toWellFormed(),
        pick(random, NASTY_TEXTS).slice(0, 2000).toWellFormed(),
      )
  }
  const text = query.toString()
  return damaged && random() < 0.1 ? `?${text}&%ZZ&a[b]=1&=` : text === '' ? '' : `?${text}`
}

/** Where something is, as far as anybody has seen; else a place that could be. */
const pathOf = ({ random, samples, memory }: Source, row: Row, damaged: boolean): string => {
  const parameters = (row.operation.parameters ?? []).filter(each => each.in === 'path')
  const end = row.path.lastIndexOf('}') + 1
  const known = random() < 0.95 ? memory.recallPath(row.path.slice(0, end)) : undefined
  if (known !== undefined && !damaged) return known + row.path.slice(end)
  const isWorkflow = row.path.startsWith('/core/workflows/')
  const worst = damaged ? Math.floor(random() * parameters.length) : -1
  return row.path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const index = parameters.findIndex(each => each.name === name)
    const schema = parameters[index]?.schema
    if (index !== worst && schema !== undefined)
      return encodeURIComponent(asText(memory.recall(isWorkflow ? 'workflow_id' : name) ?? samples.of(schema)))
    const text = pick(random, NASTY_TEXTS).slice(0, 3000)
    return random() < 0.1 ? '%ZZ' : encodeURIComponent(text.toWellFormed())
  })
}

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['if-match', ['*', '"1"', 'W/"1"', '"', 'x', '""', '"1", "2"']],
  ['if-none-match', ['*', '"1"', 'x']],
  ['idempotency-key', ['a', 'b', 'c', 'x'.repeat(255), 'x'.repeat(256), ' ', 'é']],
  ['x-anyreach-org', ['', 'x', '00000000-0000-0000-0000-000000000000']],
  ['x-patchcord-org', ['x']],
  ['content-type', ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'x']],
  ['accept', ['text/html', '*/*;q=0']],
  ['x-request-id', ['mine', '']],
  ['expect', ['x']],
]

const headersOf = ({ random, caller }: Source, row: Row, damage: Damage): Record<string, string> => {
  const headers: Record<string, string> = { ...caller }
  if (row.method === 'POST' && random() < 0.15) headers['idempotency-key'] = `key-${Math.floor(random() * 300)}`
  if (damage === 'header') {
    const [name, values] = pick(random, HEADERS)
    headers[name] = pick(random, values)
  }
  if (damage === 'credential') {
    const { authorization = '' } = caller
    const others = [
      '',
      'Bearer',
      `${authorization}x`,
      authorization.replace('Bearer', 'Basic'),
      authorization.slice(0, -3),
    ]
    headers.authorization = pick(random, [...others, 'Bearer pat_a.b', 'Bearer ak_a.b', `Bearer ${'x'.repeat(600)}`])
  }
  return headers
}

const bodyOf = (source: Source, schema: Schema, damage: Damage): string | Buffer => {
  const good = withKnown(source, source.samples.of(schema))
  const sent = damage === 'body' ? mutate(source.random, good) : good
  const text = JSON.stringify(sent) ?? 'null'
  return damage === 'bytes' ? mutateBytes(source.random, Buffer.from(text)) : text
}

/** Nearly half of the requests are as the document says. */
export const makeRequest = (source: Source, row: Row): FuzzedRequest => {
  const { random } = source
  const damage = random() < 0.4 ? 'none' : pick(random, DAMAGES)
  const parameters = row.operation.parameters ?? []
  const schema = row.operation.requestBody?.content['application/json']?.schema
  const headers = headersOf(source, row, damage)
  const query = queryOf(
    source,
    parameters.filter(each => each.in === 'query'),
    damage === 'query',
  )
  const left_out = row.operation.requestBody?.required === false || damage === 'body' ? 0.2 : 0
  const raw = schema === undefined || random() < left_out ? undefined : bodyOf(source, schema, damage)
  return {
    method: row.method,
    path: `${pathOf(source, row, damage === 'path')}${query}`,
    headers: raw === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(raw === undefined ? {} : { raw }),
    damage,
  }
}
