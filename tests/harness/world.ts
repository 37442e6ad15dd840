/** The real server on a database of its own, with two organizations and keys of every kind; time stands where it is put. */
import type { FastifyInstance } from 'fastify'
import { createApiKey, deleteApiKey } from '#app/api-keys.ts'
import type { Caller } from '#app/context.ts'
import { addMember } from '#app/members.ts'
import type { InboundWebhook, RoutingChange, RoutingFollower } from '#app/ports.ts'
import type { MemberRole } from '#core/member.ts'
import { READ_SCOPES, type Scope } from '#core/scopes.ts'
import { buildHttpServer } from '#http/server.ts'
import type { Probe } from '#http/while-database-answers.ts'
import { openProbe } from '#store/probe.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import type { WritersSetting } from '#tests/harness/writers.ts'

export const ACTORS = [
  'nobody',
  'malformed',
  'expired',
  'revoked',
  'scopeless',
  'reader',
  'listener',
  'keeper',
  'admin',
  'other',
  'person',
  'viewer',
  'stranger',
] as const
/**
 * `admin` may do everything in its organization, `other` in another one; `reader` holds every read, `listener` also
 * conversations:read_sensitive, `keeper` keeps the keys, `scopeless` holds nothing; the next are no credentials.
 * `person` and `viewer` are people in admin's organization, in these roles, `stranger` an admin in the other's; they ask
 * with their tokens and their organization's header.
 */
export type Actor = (typeof ACTORS)[number]

export type World = Pick<TestApp, 'app' | 'clock' | 'log' | 'address'> & {
  readonly server: FastifyInstance
  readonly admin: Caller
  readonly other: Caller
  readonly person: Caller
  /** What follows `Bearer`; null for nobody. */
  readonly credentials: Readonly<Record<Actor, string | null>>
  /** What people name beside their credential. */
  readonly organizations: Partial<Record<Actor, string>>
  /** Every change that routing was told of, in order. */
  readonly routed: readonly RoutingChange[]
  close(): Promise<void>
}

const keysOf = async ({ app, caller, clock }: TestApp) => {
  const make = async (name: string, scopes: readonly Scope[], expires_at_ms: number | null = null) =>
    createApiKey(app, caller, { name, scopes, expires_at_ms })
  const reader = await make('reader', READ_SCOPES)
  const listener = await make('listener', [...READ_SCOPES, 'conversations:read_sensitive'])
  const keeper = await make('keeper', ['members:manage', 'agents:read'])
  const scopeless = await make('scopeless', [])
  const revoked = await make('revoked', caller.scopes)
  await deleteApiKey(app, caller, revoked.key.key_id)
  const expired = await make('expired', caller.scopes, clock.now_ms() + 1000)
  clock.advance(2000)
  return {
    reader: reader.secret,
    listener: listener.secret,
    keeper: keeper.secret,
    scopeless: scopeless.secret,
    revoked: revoked.secret,
    expired: expired.secret,
  }
}

const peopleOf = async ({ app }: TestApp, ours: Caller, theirs: Caller) => {
  const add = async (caller: Caller, name: string, role: MemberRole) => {
    const { first_token } = await addMember(app, caller, { email: `${name}@example.test`, name }, role)
    if (!first_token) throw new Error('somebody new has a first token')
    return first_token
  }
  const person = await add(ours, 'person', 'admin')
  const viewer = await add(ours, 'viewer', 'viewer')
  const stranger = await add(theirs, 'stranger', 'admin')
  const { key_id, user_id } = person.token
  return {
    person: { ...ours, key_id, user_id },
    credentials: { person: person.secret, viewer: viewer.secret, stranger: stranger.secret },
    organizations: {
      person: ours.organization_id,
      viewer: ours.organization_id,
      stranger: theirs.organization_id,
    },
  }
}

export type WorldOptions = WritersSetting & {
  readonly inbound_webhook?: InboundWebhook
  /** Told of each change as well. */
  readonly follower?: RoutingFollower
  /** In place of a probe that a busy machine can delay. */
  readonly database_answers?: Probe
}

export const startWorld = async ({ follower, database_answers, ...options }: WorldOptions = {}): Promise<World> => {
  const routed: RoutingChange[] = []
  const changed = async (change: RoutingChange) => {
    routed.push(change)
    await follower?.changed(change)
  }
  const ours = await startTestApp({ ...options, routing: { changed } })
  const { app, address, clock, log, caller, credential } = ours
  const theirs = await ours.organization('Other')
  const keys = await keysOf(ours)
  const people = await peopleOf(ours, caller, theirs.caller)
  const probe = openProbe(address, 900)
  const server = await buildHttpServer({
    app,
    database_answers: database_answers ?? probe.answers,
    rate_limit_rps: 0,
    log,
    ready: () => ({ ready: true, roles: { api: { ready: true, detail: 'serves' } } }),
  })
  return {
    app,
    address,
    clock,
    log,
    server,
    admin: caller,
    other: theirs.caller,
    person: people.person,
    organizations: people.organizations,
    credentials: {
      ...keys,
      ...people.credentials,
      nobody: null,
      malformed: 'not-a-key',
      admin: credential,
      other: theirs.credential,
    },
    routed,
    close: async () => {
      await server.close()
      await probe.close()
      await ours.close()
    },
  }
}
