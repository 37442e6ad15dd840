/** Row-level security by itself: what the role that requests run as sees and writes, whatever the query says. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createAgent } from '#app/agents.ts'
import { beyondOrganization, boundTo, transact } from '#app/context.ts'
import { putInboundRouting } from '#app/inbound-routing.ts'
import { makeKnowledgeBase } from '#app/knowledge.ts'
import { addSource } from '#app/knowledge-sources.ts'
import { countUsage, putLanguageModel } from '#app/language-model.ts'
import { addMember } from '#app/members.ts'
import { registerNumber } from '#app/phone-numbers.ts'
import { publish } from '#app/publish.ts'
import { createSchedule } from '#app/schedules.ts'
import { deployAsSip } from '#app/sip-endpoints.ts'
import { createVersion } from '#app/versions.ts'
import { type Db, errorCode } from '#store/database.ts'
import { TENANT_ROLE } from '#store/tenant-role.ts'
import { openTenants } from '#store/tenants.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
let other: Awaited<ReturnType<TestApp['organization']>>
let agent_id: string
let theirs: Db

const NO_NUMBERS = { unassign_phone_numbers: [], direction: 'both' } as const
const PRIVILEGE = '42501'
const FOREIGN_KEY = '23503'

before(async () => {
  t = await startTestApp()
  other = await t.organization('Other')
  theirs = t.app.tenants.of(other.caller.organization_id)
  const input = { name: 'Ours', description: null, active: true, is_demo: false, metadata: {} }
  agent_id = (await createAgent(t.app, t.caller, input)).id
  await createVersion(t.app, t.caller, agent_id, { config: t.app.default_config, brings_instructions: true })
  await registerNumber(t.app, t.caller, { phone_number: '+15551230001', base_number: null, trunk_id: null })
  await publish(t.app, t.caller, agent_id, 1, { phone_numbers: ['+15551230001'], ...NO_NUMBERS })
  await deployAsSip(t.app, t.caller, agent_id, { version: null })
  await addMember(t.app, t.caller, { email: 'ann@example.test', name: 'Ann' }, 'admin')
  const rules = { timezone: 'UTC', weekly: [], dates: [], after_hours: null }
  await createSchedule(t.app, t.caller, { name: 'Ours', ...rules })
  await putInboundRouting(t.app, t.caller, { enabled: true, fallback_agent_id: agent_id })
  await putLanguageModel(t.app, t.caller, { base_url: 'https://a.example', model: 'm', prices: null })
  const usage = { model: 'm', input_tokens: 1, output_tokens: 1, cost_usd: null }
  await countUsage(t.app.db, t.app.clock, t.caller.organization_id, usage)
  const { id } = await makeKnowledgeBase(t.app, t.caller, { name: 'Ours', description: null, language: 'en' })
  await addSource(t.app, t.caller, id, { kind: 'text', title: null, media_type: 'text/plain', text: 'Our hours.' })
  await addSource(t.app, t.caller, id, { kind: 'url', title: null, url: 'https://a.example/' })
  const { organization_id } = t.caller
  await sql`insert into conversations (id, organization_id, direction, channel, status, agent_id, routing, created_at, updated_at)
    values (${agent_id}, ${organization_id}, 'inbound', 'telephone', 'completed', ${agent_id}, '{}', now(), now())`.execute(
    t.app.db,
  )
  await sql`insert into conversation_items (conversation_id, position, who, kind, text, created_at)
    values (${agent_id}, 0, 'agent', 'speech', 'Hello.', now())`.execute(t.app.db)
  await sql`insert into conversation_turns values (${agent_id}, ${organization_id}, ${agent_id}, now())`.execute(
    t.app.db,
  )
  await sql`insert into idempotency_keys (organization_id, credential_id, key, request_sha256, request_id, status, headers)
    values (${organization_id}, 'x', 'x', sha256('x'), ${agent_id}, 200, '{}')`.execute(t.app.db)
})
after(() => t.close())

type Table = {
  readonly name: string
  readonly has_organization: boolean
  readonly forced: boolean
  readonly bound: boolean
}

const tables = async (): Promise<readonly Table[]> => {
  const { rows } = await sql<Table>`
    select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
      exists (select from pg_attribute where attrelid = c.oid and attname = 'organization_id' and not attisdropped)
        as has_organization,
      exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive
        and ${TENANT_ROLE}::regrole = any(p.polroles)
        and pg_get_expr(p.polqual, p.polrelid) like '%app.organization_id%') as bound
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`.execute(t.app.db)
  return rows
}

test('every table that names an organization has a policy for it, forced on its owner too', async () => {
  const named = (await tables()).filter(table => table.has_organization)
  assert.ok(named.length > 10)
  for (const { name, forced, bound } of named)
    assert.deepEqual({ name, forced, bound }, { name, forced: true, bound: true })
})

test('of the others, requests reach only those that hang under one, and the trail, which they cannot read', async () => {
  const { rows } = await sql<{ name: string; privileges: string }>`
    select table_name as name, string_agg(privilege_type, ' ' order by privilege_type) as privileges
    from information_schema.role_table_grants where grantee = ${TENANT_ROLE} group by table_name`.execute(t.app.db)
  const all = await tables()
  const unnamed = rows.filter(({ name }) => !all.some(table => table.name === name && table.has_organization))
  assert.deepEqual(Object.fromEntries(unnamed.map(row => [row.name, row.privileges])), {
    conversation_items: 'DELETE INSERT SELECT',
    organizations: 'SELECT UPDATE',
    routing_changes: 'INSERT',
    users: 'SELECT',
  })
  for (const { name } of unnamed.filter(row => row.name !== 'routing_changes'))
    assert.equal(all.find(table => table.name === name)?.forced, true, name)
})

test('the role owns nothing and passes by nothing', async () => {
  const { rows } = await sql`select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
    (select count(*) from pg_class where relowner = r.oid) as owns
    from pg_roles r where rolname = ${TENANT_ROLE}`.execute(t.app.db)
  const no = { rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false, rolcreatedb: false }
  assert.deepEqual(rows, [{ ...no, owns: 0 }])
})

const failure = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', errorCode)

test('without any predicate another organization sees none of our rows, changes none, deletes none', async () => {
  const { rows: readable } = await sql<{ name: string }>`select distinct table_name as name
    from information_schema.role_table_grants where grantee = ${TENANT_ROLE} and privilege_type = 'SELECT'`.execute(
    t.app.db,
  )
  for (const { name } of readable) {
    const count = async (db: Db, text: string) => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)} t
        where t::text like ${`%${text}%`}`.execute(db)
      return rows[0]?.n ?? 0
    }
    const ours = await sql<{ all: string }>`select md5(string_agg(t::text, '' order by t::text)) as all
      from ${sql.table(name)} t`.execute(t.app.db)
    const marks = [t.caller.organization_id, agent_id, 'ann@example.test']
    const seen_by_system = await Promise.all(marks.map(mark => count(t.app.db, mark)))
    assert.ok(
      seen_by_system.some(n => n > 0),
      `${name} holds something of ours`,
    )
    for (const mark of marks) assert.equal(await count(theirs, mark), 0, `${name} shows ${mark}`)
    const column =
      name === 'conversation_items'
        ? 'position'
        : name === 'organizations' || name === 'users'
          ? 'name'
          : 'organization_id'
    const written = sql`update ${sql.table(name)} set ${sql.ref(column)} = ${sql.ref(column)}
      where ctid in (select ctid from ${sql.table(name)})`
    assert.ok(['done', PRIVILEGE].includes(await failure(written.execute(theirs))), name)
    await failure(
      theirs.transaction().execute(async tx => {
        await sql`delete from ${sql.table(name)}`.execute(tx)
        throw new Error('what was theirs stays')
      }),
    )
    const now = await sql<{ all: string }>`select md5(string_agg(t::text, '' order by t::text)) as all
      from ${sql.table(name)} t`.execute(t.app.db)
    assert.deepEqual(now.rows, ours.rows, `${name} is as it was`)
  }
})

test('nothing is written in our name, nor beneath what is ours', async () => {
  const us = t.caller.organization_id
  const them = other.caller.organization_id
  const writes = [
    sql`insert into trunks (id, organization_id, name, inbound_config, outbound_config) values (gen_random_uuid(), ${us}, 'x', '{}', '{}')`,
    sql`insert into audit_log (id, organization_id, actor, action, subject) values (gen_random_uuid(), ${us}, 'x', 'x', 'x')`,
    sql`insert into memberships (organization_id, user_id, role) select ${us}, gen_random_uuid(), 'admin'`,
    sql`insert into organizations (id, name, slug) values (gen_random_uuid(), 'x', 'x')`,
    sql`update trunks set organization_id = ${us}`,
    sql`insert into agent_versions (id, organization_id, agent_id, version, config, digest)
      values (gen_random_uuid(), ${them}, ${agent_id}, 1, '{}', 'x')`,
    sql`insert into sip_endpoints (organization_id, agent_id) values (${them}, ${agent_id})`,
    sql`insert into conversation_items (conversation_id, position, who, kind, text, created_at)
      values (${agent_id}, 1, 'agent', 'speech', 'x', now())`,
    sql`select * from personal_tokens`,
    sql`select * from routing_changes`,
    sql`insert into users (id, email, name) values (gen_random_uuid(), 'x', 'x')`,
    sql`update audit_log set actor = 'x'`,
  ]
  for (const write of writes) assert.equal(await failure(write.execute(theirs)), PRIVILEGE, write.compile(theirs).sql)
  const key = sql`with made as (insert into assignments (id, organization_id, key) values (gen_random_uuid(), ${them}, 'x') returning id)
    insert into slot_entries (organization_id, assignment_id, position, agent_id, weight_bp, arm)
    select ${them}, id, 0, ${agent_id}, 10000, 'x' from made`
  assert.equal(await failure(key.execute(theirs)), PRIVILEGE)
  // Foreign keys are checked past the policies, so these carry the organization.
  const fallback = sql`insert into inbound_routing (organization_id, enabled, fallback_agent_id) values (${them}, true, ${agent_id})`
  assert.equal(await failure(fallback.execute(theirs)), FOREIGN_KEY)
})

test('few connections, many organizations at once: each sees its own, on every connection', async () => {
  const tenants = openTenants(t.address, { max_connections: 2 })
  const organizations = [t.caller.organization_id, other.caller.organization_id]
  const seen = await Promise.all(
    Array.from({ length: 300 }, async (_, n) => {
      const id = organizations[n % 7 === 0 ? 0 : n % 2] ?? ''
      const { rows } = await sql<{ id: string }>`select id from organizations`.execute(tenants.of(id))
      return rows.length === 1 && rows[0]?.id === id
    }),
  )
  assert.ok(seen.every(Boolean))
  await tenants.close()
})

test('a connection that names no organization sees nothing', async () => {
  const tenants = openTenants(t.address, { max_connections: 1 })
  const db = tenants.of(t.caller.organization_id)
  const agents = async () => (await sql`select id from agents`.execute(db)).rows.length
  assert.equal(await agents(), 1)
  await sql`reset app.organization_id`.execute(db)
  assert.equal(await agents(), 0)
  await tenants.close()
})

test('beyond the organization is as far as it is said, and not after a failure either', async () => {
  const bound = boundTo(t.app, other.caller.organization_id)
  const count = async (db: Db) =>
    (await sql<{ n: number }>`select count(*) as n from organizations`.execute(db)).rows[0]?.n
  await transact(bound, async tx => {
    assert.equal(await count(tx), 1)
    assert.equal(await beyondOrganization(bound, tx, () => count(tx)), 2)
    assert.equal(await count(tx), 1)
  })
  const one = openTenants(t.address, { max_connections: 1 })
  const single = { ...t.app, db: one.of(other.caller.organization_id) }
  await assert.rejects(
    transact(single, tx =>
      beyondOrganization(single, tx, async () => {
        throw new Error('in the middle')
      }),
    ),
  )
  assert.equal(await count(single.db), 1)
  await one.close()
})
