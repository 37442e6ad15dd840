/**
 * A case by a real call: an INVITE over UDP to an edge whose table follows the database, and the conversation that it leaves
 * there. The edge's clock, its health and whether it drains are the case's.
 */
import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { sql } from 'kysely'
import { createCallDesk } from '#app/call-desk.ts'
import { openCallSpool } from '#app/call-spool.ts'
import { followRouting, type TableFollower } from '#app/follow-routing.ts'
import type { AskingCall, CallDesk, RoutedCall } from '#app/ports.ts'
import { createCallRecorder } from '#app/record-calls.ts'
import type { RouteDecision } from '#core/route-decision.ts'
import { emptyRoutingTable } from '#core/routing-table.ts'
import type { Health } from '#core/serve.ts'
import { beatVoiceEdge } from '#store/conversations.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { openRawCaller, rawOffer, rawRequest } from '#tests/peers/raw-sip.ts'
import type { Case, CaseCall } from '#tests/route/case.ts'
import type { Seen } from '#tests/route/expect.ts'
import type { RouteWorld } from '#tests/route/route-world.ts'
import { challenges, HOST, synthesizer } from '#tests/session/live-edge.ts'
import { createVoiceEdge } from '#voice/edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import { timerWheel } from '#voice/sip/timers.ts'
import { listenSip } from '#voice/sip/user-agent.ts'

export type LiveWay = {
  readonly follower: TableFollower
  place(each: Case, call: CaseCall): Promise<Seen>
  close(): Promise<void>
}

/** What a case may change of the edge. */
type Mood = { now_ms: number; draining: boolean; health: Health }

const DEFAULT_NOW = Date.parse('2026-11-23T12:00:00Z')

const moodFor = async (made: RouteWorld, call: CaseCall): Promise<Mood> => {
  const { failing } = call
  const ids = new Set<string>()
  if (failing) {
    const [who, version] = failing
    const { rows } = await sql<{ id: string }>`select id from agent_versions
      where agent_id = ${made.idOf(who)} and version = ${version}`.execute(made.world.app.db)
    for (const { id } of rows) ids.add(id)
  }
  return {
    now_ms: call.at === undefined ? DEFAULT_NOW : Date.parse(call.at),
    draining: call.draining === true,
    health: { engine_up: call.engine_down !== true, failing: ids },
  }
}

/** The desk, with what it decided last and under which id. */
const watched = (desk: CallDesk) => {
  const last: { id: string; decision: RouteDecision | null } = { id: '', decision: null }
  const keep = (routed: RoutedCall): RoutedCall => {
    last.decision = routed.decision
    return routed
  }
  const keepLater = ({ routed, ...asking }: AskingCall): AskingCall => ({ ...asking, routed: routed.then(keep) })
  const watching: CallDesk = {
    ...desk,
    route: call => {
      const step = desk.route(call)
      return step.kind === 'routed' ? keep(step) : keepLater(step)
    },
    new_id: () => {
      last.id = desk.new_id()
      return last.id
    },
  }
  return { last, desk: watching }
}

const openEdge = async (
  made: RouteWorld,
  follower: TableFollower,
  table: Parameters<typeof createCallDesk>[0]['table'],
) => {
  const { app, log } = made.world
  const edge_id = randomUUID()
  const root = makeTempDir('route-spool')
  const spool = await openCallSpool({ root, edge_id, secrets: app.secrets, log })
  const recorder = createCallRecorder({ db: app.db, log, edge_id, spool })
  await beatVoiceEdge(app.db, edge_id)
  const mood: Mood = { now_ms: DEFAULT_NOW, draining: false, health: { engine_up: true, failing: new Set() } }
  const clock = { now_ms: () => mood.now_ms, now_us: () => performance.now() * 1000 }
  const { last, desk } = watched(
    createCallDesk({
      table,
      recorder,
      clock,
      health: { now: () => mood.health, taken: () => {}, began: () => {} },
      webhook: made.webhook,
      remember: async (organization_id, agent_id, version) => {
        await follower.remember(organization_id, agent_id, version)
      },
      draining: () => mood.draining,
      authenticate: () => ({ kind: 'refused', reason: 'credentials_missing' }),
    }),
  )
  const edge = createVoiceEdge({
    listen_sip: listenSip,
    open_media: openMediaPool,
    synthesizer,
    desk,
    challenges,
    log,
    clock,
    may_forward_to: async () => null,
    timers: timerWheel(),
    sip: { host: HOST, port: 0, rate_limit_pps: 0 },
    media: { host: HOST, public_address: HOST, ports: { from: 33_000, to: 34_998 }, threads: 1 },
  })
  const { port } = await edge.start()
  const close = async () => {
    await edge.stop()
    await recorder.flush(5000)
    await spool.close()
    rmSync(root, { recursive: true, force: true })
  }
  return { port, mood, last, recorder, close }
}

const OTHER_CODECS = [
  'v=0',
  'o=raw 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 9',
  '',
].join('\r\n')

const dialled = (made: RouteWorld, each: Case, { dials }: CaseCall): string =>
  dials === undefined ? made.numberOf(each) : typeof dials === 'string' ? dials : made.idOf(dials.who)

const offerOf = ({ offer }: CaseCall): string | undefined =>
  offer === 'none' ? undefined : offer === 'other codecs' ? OTHER_CODECS : rawOffer(HOST, 9)

type Final = { readonly status: number; readonly contact: string | null }

/** Placed, and over as soon as it was answered. */
const invite = async (port: number, user: string, call: CaseCall): Promise<Final> => {
  const { from = '+4930123456', call_id = randomUUID(), headers = {}, source } = call
  const caller = await openRawCaller(port, source)
  try {
    const from_user = encodeURIComponent(from ?? 'anonymous')
    const dialog = { uri: `sip:${user}@${HOST}:${port}`, call_id, from_user }
    const branch = randomUUID()
    // A second call with this Call-ID and the same CSeq would be taken for the first, come by another way (RFC 3261 8.2.2.2).
    const cseq = randomInt(1, 1_000_000)
    const sdp = offerOf(call)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const request = { method: 'INVITE', ...dialog, branch, cseq, headers: lines } as const
    caller.send(rawRequest(caller, sdp === undefined ? request : { ...request, sdp }))
    const { status, to_tag, text } = await caller.response(each => each.method === 'INVITE' && each.status >= 200)
    const contact = /^Contact:\s*<(.*?)>/im.exec(text)?.[1] ?? null
    if (status >= 300) {
      caller.send(rawRequest(caller, { method: 'ACK', ...dialog, branch, cseq, to_tag }))
      return { status, contact }
    }
    const answer = sdp === undefined ? { sdp: rawOffer(HOST, 9) } : {}
    caller.send(rawRequest(caller, { method: 'ACK', ...dialog, branch: randomUUID(), cseq, to_tag, ...answer }))
    caller.send(rawRequest(caller, { method: 'BYE', ...dialog, branch: randomUUID(), cseq: cseq + 1, to_tag }))
    await caller.response(each => each.method === 'BYE' && each.status === 200)
    return { status, contact }
  } finally {
    caller.close()
  }
}

type StoredRouting = {
  readonly agent_id: string | null
  readonly version: number | null
  readonly arm: string | null
  readonly trace: Seen['trace']
}

/** What was decided, as the call's conversation has it; a call that is nobody's leaves none. */
const recalled = async (
  made: RouteWorld,
  id: string,
  { outcome, trace, variables }: RouteDecision,
  kept: boolean,
): Promise<Seen> => {
  const target = outcome.kind === 'forward' ? outcome.target : null
  const text = outcome.kind === 'message' ? outcome.text : null
  const sip_status = outcome.kind === 'refuse' ? outcome.sip_status : null
  const said = { kind: outcome.kind, target, text, sip_status }
  const { rows } = await sql<{ routing: StoredRouting; initial_context: Record<string, string> | null }>`
    select routing, initial_context from conversations where id = ${id}`.execute(made.world.app.db)
  const [row] = rows
  assert.equal(row !== undefined, kept, 'a conversation is kept of every call to somebody’s number')
  if (!row) return { ...said, agent_id: null, version: null, arm: null, variables, trace }
  const { routing } = row
  return { ...said, ...routing, variables: row.initial_context ?? {}, trace: routing.trace }
}

const STATUS = { answer: 200, message: 200, forward: 302 } as const

export const startLiveWay = async (made: RouteWorld): Promise<LiveWay> => {
  const { app, log } = made.world
  const table = emptyRoutingTable()
  const { db, secrets, webhook_timeout_ms } = app
  const follower = followRouting({ db, table, log, secrets, webhook_timeout_ms, clock: { now_ms: () => DEFAULT_NOW } })
  await follower.load()
  const edge = await openEdge(made, follower, table)
  return {
    follower,
    place: async (each, call) => {
      made.says(call.webhook)
      Object.assign(edge.mood, await moodFor(made, call))
      const { status, contact } = await invite(edge.port, dialled(made, each, call), call)
      await edge.recorder.flush(5000)
      const { id, decision } = edge.last
      assert.ok(decision)
      const seen = await recalled(made, id, decision, decision.organization_id !== null)
      assert.equal(
        status,
        decision.outcome.kind === 'refuse' ? decision.outcome.sip_status : STATUS[decision.outcome.kind],
      )
      if (seen.target?.startsWith('sip:')) assert.equal(contact, seen.target)
      return seen
    },
    close: edge.close,
  }
}
