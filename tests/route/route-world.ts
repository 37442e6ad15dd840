/** The people and numbers of the routing cases, made through the API; and a webhook that says what a case wants it to. */
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { InboundWebhook, RoutingFollower } from '#app/ports.ts'
import type { WebhookOutcome, WebhookReply } from '#core/webhook.ts'
import { ask, type Request } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import type { Case, Person, Setup, Share, WebhookWord } from '#tests/route/case.ts'

type Actor = 'admin' | 'other'

export type RouteWorld = {
  readonly world: World
  readonly idOf: (person: Person) => string
  readonly numberOf: (each: Case) => string
  /** What the webhook says from now on; undefined: nobody may ask it. */
  says(word: WebhookWord | undefined): void
  /** The URLs that were asked since `says`. */
  readonly asked: readonly string[]
  readonly webhook: InboundWebhook
  /** The organization's inbound routing is as the case wants it while the work lasts. */
  withInboundRouting<T>(each: Case, work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export const WEBHOOKS = { number: 'https://example.com/number', organization: 'https://example.com/organization' }
const NOBODY = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'

const actorOf = ({ setup }: Case): Actor => setup.in ?? 'admin'

type Api = (actor: Actor, request: Request) => Promise<Record<string, unknown>>

const apiOf =
  (world: World): Api =>
  async (actor, request) => {
    const answer = await ask(world, actor, request)
    assert.ok(answer.status < 300, `${request.method} ${request.path}: ${JSON.stringify(answer.body)}`)
    return (answer.body ?? {}) as Record<string, unknown>
  }

/** Makes an agent with so many published versions. */
const makeAgent = async (api: Api, actor: Actor, name: string, published: number): Promise<string> => {
  const { id } = await api(actor, { method: 'POST', path: '/core/agents', body: { name } })
  const versions = `/core/agents/${id}/versions`
  for (let version = 1; version <= published; version++) {
    const config = { starting_message: `I am ${name}, version ${version}.` }
    await api(actor, { method: 'POST', path: versions, body: { config } })
    await api(actor, { method: 'POST', path: `${versions}/${version}/publish` })
  }
  return String(id)
}

const makePeople = async (api: Api): Promise<ReadonlyMap<string, string>> => {
  const ids = new Map<string, string>([['nobody', NOBODY]])
  const published = { anna: 2, bert: 1, solo: 1, idle: 1, stub: 0, gone: 1, dora: 1, doris: 2, dormant: 1 }
  for (const [name, count] of Object.entries(published)) ids.set(name, await makeAgent(api, 'admin', name, count))
  ids.set('foreign', await makeAgent(api, 'other', 'foreign', 1))
  const path = (name: string) => `/core/agents/${ids.get(name)}`
  await api('admin', { method: 'POST', path: `${path('anna')}/versions`, body: { config: {} } })
  await api('admin', { method: 'POST', path: `${path('dora')}/deploy-as-sip` })
  await api('admin', { method: 'POST', path: `${path('doris')}/deploy-as-sip`, body: { version: 1 } })
  await api('admin', { method: 'POST', path: `${path('dormant')}/deploy-as-sip` })
  for (const name of ['idle', 'dormant'])
    await api('admin', { method: 'PUT', path: path(name), body: { active: false } })
  return ids
}

/** Calls come from 127.0.0.1; a trunk at 127.0.0.3 asks for a password. The other organization's trunk bridges. */
const makeTrunks = async (api: Api): Promise<void> => {
  for (const [actor, forwarding] of [
    ['admin', 'redirect'],
    ['other', 'bridge'],
  ] as const) {
    const [trunk] = Object.values(await api(actor, { method: 'GET', path: '/core/trunks' })) as { id: string }[]
    const inbound_config = { allowed_addresses: ['127.0.0.1/32'], forwarding }
    await api(actor, { method: 'PUT', path: `/core/trunks/${trunk?.id}`, body: { inbound_config } })
  }
  const inbound_config = { allowed_addresses: ['127.0.0.3/32'], auth_username: 'kim', auth_password: 'a password' }
  await api('admin', { method: 'POST', path: '/core/trunks', body: { name: 'asking', inbound_config } })
}

type Making = { readonly api: Api; readonly idOf: (person: Person) => string; readonly world: World }

const sharesOf = ({ idOf }: Making, shares: readonly Share[]) =>
  shares.map(({ who, ...share }) => ({ agent_id: idOf(who), ...share }))

const makeSchedule = async (making: Making, actor: Actor, wanted: NonNullable<Setup['schedule']>): Promise<string> => {
  const { timezone = 'Europe/Berlin', weekly = [], dates = [], after_hours } = wanted
  const target = after_hours && 'agents' in after_hours ? { agents: sharesOf(making, after_hours.agents) } : after_hours
  const body = { name: 'hours', timezone, weekly, dates, after_hours: target ?? null }
  return String((await making.api(actor, { method: 'POST', path: '/core/schedules', body })).id)
}

/** Everything about the number that is not a slot. */
const routingOf = async (making: Making, { setup, ...each }: Case) => {
  const { schedule, stickiness, webhook, default_agent, forward, message } = setup
  const schedule_id = schedule ? await makeSchedule(making, actorOf({ setup, ...each }), schedule) : null
  return {
    ...(schedule_id === null ? {} : { time_routing: { enabled: schedule?.off !== true, schedule_id } }),
    ...(stickiness ? { stickiness } : {}),
    ...(webhook ? { webhook_url: WEBHOOKS.number } : {}),
    ...(default_agent ? { default_agent_id: making.idOf(default_agent) } : {}),
    ...(forward ? { forward } : {}),
    ...(message ? { message } : {}),
  }
}

const makeNumber = async (making: Making, each: Case, index: number): Promise<string> => {
  const { api } = making
  const { setup } = each
  const actor = actorOf(each)
  const base_number = `+15553${actor === 'admin' ? 0 : 1}0${String(index).padStart(4, '0')}`
  await api(actor, { method: 'POST', path: '/core/phone-numbers', body: { phone_number: base_number } })
  const extension = String(3000 + index)
  if (setup.extension)
    await api(actor, { method: 'POST', path: '/core/phone-numbers', body: { extension, base_number } })
  const number = setup.extension ? extension : base_number
  const path = `/core/phone-numbers/${number}`
  for (const direction of ['inbound', 'outbound'] as const) {
    const agents = sharesOf(making, setup[direction] ?? [])
    if (agents.length > 0) await api(actor, { method: 'PUT', path: `${path}/slots/${direction}`, body: { agents } })
  }
  const routing = await routingOf(making, each)
  if (Object.keys(routing).length > 0) await api(actor, { method: 'PATCH', path: `${path}/routing`, body: routing })
  return number
}

/** What no request can do: an agent deleted under a slot's hand, a zone that a new time zone database does not have. */
const spoil = async ({ world, idOf }: Making, cases: readonly Case[], follower: RoutingFollower): Promise<void> => {
  const { db } = world.app
  await sql`update agents set deleted_at = now() where id = ${idOf('gone')}`.execute(db)
  const lost = cases.some(each => each.setup.schedule?.zone_is_gone)
  assert.ok(lost)
  const { rows } = await sql<{ id: string }>`update schedules set timezone = 'Europe/Bielefeld'
    where id in (select schedule_id from phone_numbers where label = 'the zone is gone') returning id`.execute(db)
  const schedule_ids = rows.map(row => row.id)
  await follower.changed({
    number_ids: [],
    agent_ids: [idOf('gone')],
    trunk_ids: [],
    organization_ids: [],
    schedule_ids,
  })
}

const outcomeOf = (word: WebhookWord, idOf: (person: Person) => string): WebhookOutcome => {
  if ('fails' in word) return { kind: 'failed', failure: word.fails, took_ms: 3, attempts: 1 }
  const { agent, version, variables = {}, reject = false } = word
  const override_agent =
    agent === undefined ? null : agent === 'malformed' ? ('malformed' as const) : { agent_id: idOf(agent) }
  const override_version = version ?? null
  const reply: WebhookReply = { override_agent, override_version, dynamic_variables: variables, metadata: {}, reject }
  return { kind: 'replied', reply, took_ms: 3, attempts: 1 }
}

const inboundRoutingBody = (
  { enabled, fallback, webhook }: NonNullable<Setup['inbound_routing']>,
  idOf: (person: Person) => string,
) => ({
  enabled: enabled ?? true,
  webhook_url: webhook ? WEBHOOKS.organization : null,
  fallback_agent_id: fallback ? idOf(fallback) : null,
})

export const startRouteWorld = async (cases: readonly Case[], follower: RoutingFollower): Promise<RouteWorld> => {
  let word: WebhookWord | undefined
  const asked: string[] = []
  const ids = new Map<string, string>()
  const idOf = (person: Person): string => ids.get(person) ?? assert.fail(`nobody is called ${person}`)
  const webhook: InboundWebhook = {
    ask: async question => {
      asked.push(question.url)
      return outcomeOf(word ?? assert.fail('a webhook that nobody speaks of was asked'), idOf)
    },
  }
  const world = await startWorld({ inbound_webhook: webhook, follower })
  const api = apiOf(world)
  for (const [name, id] of await makePeople(api)) ids.set(name, id)
  await makeTrunks(api)
  const making = { api, idOf, world }
  const numbers = new Map<Case, string>()
  for (const [index, each] of cases.entries()) {
    const number = await makeNumber(making, each, index)
    numbers.set(each, number)
    const label = each.setup.schedule?.zone_is_gone ? 'the zone is gone' : each.name.slice(0, 200)
    await api(actorOf(each), { method: 'PATCH', path: `/core/phone-numbers/${number}`, body: { label } })
  }
  await spoil(making, cases, follower)
  return {
    world,
    idOf,
    numberOf: each => numbers.get(each) ?? assert.fail(`${each.name} has no number`),
    says: next => {
      word = next
      asked.length = 0
    },
    asked,
    webhook,
    withInboundRouting: async (each, work) => {
      const wanted = each.setup.inbound_routing
      if (!wanted) return work()
      const put = (body: object) => api(actorOf(each), { method: 'PUT', path: '/core/inbound-routing', body })
      await put(inboundRoutingBody(wanted, idOf))
      try {
        return await work()
      } finally {
        await put({ enabled: false, webhook_url: null, fallback_agent_id: null })
      }
    },
    close: world.close,
  }
}
