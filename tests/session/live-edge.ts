/** A real voice edge on loopback for tests: real SIP, real RTP; the desk, the words and the call's clock are the test's. */
import type { AskingCall, CallDesk, ConversationEvent, ForwardGuard, Log } from '#app/ports.ts'
import type { IncomingCall } from '#core/call.ts'
import type { RouteDecision, RouteRefusal } from '#core/route-decision.ts'
import type { OutboundTrunk, VersionScript } from '#core/routing-table.ts'
import { createVoiceEdge } from '#voice/edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import type { MediaStream, Synthesizer } from '#voice/rtp/media-types.ts'
import { describeMedia } from '#voice/session/media-description.ts'
import type { Challenges } from '#voice/sip/digest-server.ts'
import type { SipHeaders } from '#voice/sip/message.ts'
import type { Timers } from '#voice/sip/timers.ts'
import { listenSip } from '#voice/sip/user-agent.ts'
import type { ClientCall, InviteOptions, ServerCallEvents } from '#voice/sip/user-agent-types.ts'

export const HOST = '127.0.0.1'
export const SCRIPT: VersionScript = {
  starting_message: 'Hello',
  variables: {},
  voice: 'slt',
  silence_timeout_seconds: 30,
  max_duration_seconds: 600,
}

/** Things that happened, in order, and a way to wait for one of them. */
export const createStory = <T>() => {
  const told: T[] = []
  let look = (): void => {}
  return {
    told,
    tell: (what: T): void => {
      told.push(what)
      look()
    },
    /** Resolves with the first that matches, now or later. */
    first: (matches: (what: T) => boolean): Promise<T> =>
      new Promise(resolve => {
        const before = look
        look = () => {
          before()
          const found = told.find(matches)
          if (found !== undefined) resolve(found)
        }
        look()
      }),
  }
}

/** Timers that fire when the test says so. */
export const heldTimers = () => {
  const set = new Map<{ cancelled: boolean }, { readonly delay_ms: number; readonly callback: () => void }>()
  const sets = createStory<number>()
  const timers: Timers = {
    now_ms: () => 0,
    set: (delay_ms, callback) => {
      const handle = { cancelled: false }
      set.set(handle, { delay_ms, callback })
      sets.tell(delay_ms)
      return handle
    },
    clear: handle => {
      set.delete(handle as { cancelled: boolean })
    },
    close: () => set.clear(),
  }
  return {
    timers,
    /** Every delay that was ever set. */
    sets,
    delays: () => [...set.values()].map(({ delay_ms }) => delay_ms),
    /** Fires the timer of this length; false when none is set. */
    fire: (delay_ms: number): boolean => {
      for (const [handle, timer] of set) {
        if (timer.delay_ms !== delay_ms) continue
        set.delete(handle)
        timer.callback()
        return true
      }
      return false
    },
  }
}

/** 300 ms of a tone, which is what every text sounds like here. */
export const TONE = Int16Array.from({ length: 2400 }, (_, i) =>
  Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / 8000)),
)
export const synthesizer: Synthesizer = {
  engine: 'flite',
  say: async text => {
    if (text === 'unspeakable') throw new Error('the engine has no words')
    return TONE
  },
  close: async () => {},
}

export const answering = (call: IncomingCall): RouteDecision => ({
  kind: 'decided',
  outcome: {
    kind: 'answer',
    agent_id: 'agent-1',
    agent_version_id: 'version-3',
    version: 3,
    arm: 'a',
    codec: call.codecs?.[0] ?? null,
  },
  organization_id: 'organization-1',
  direction: 'inbound',
  rule: 'number',
  number: call.user,
  caller: call.from_user,
  trunk_id: 'trunk-1',
  candidates: null,
  fallback: null,
  webhook: null,
  open: null,
  variables: {},
  trace: [],
})

export const refusing = (
  sip_status: RouteRefusal['sip_status'],
  reason: RouteRefusal['reason'],
  organization_id: string | null,
): ((call: IncomingCall) => RouteDecision) => {
  return call => ({ ...answering(call), outcome: { kind: 'refuse', sip_status, reason }, organization_id })
}

export type Route = (call: IncomingCall) => RouteDecision

type Settings = {
  route: Route
  script: VersionScript | null
  outbound: OutboundTrunk | null
  /** Whether a webhook is asked first; then calls wait for `questions`. */
  asks: boolean
  /** Stands for DNS and the operator's ranges. */
  guard: ForwardGuard
}

/** A call that waits for its webhook's word. */
export type Question = { decide(route: Route): void; readonly given_up: () => boolean }

/** `settings` may be changed between calls. */
export const createDesk = () => {
  const records = createStory<ConversationEvent>()
  const questions = createStory<Question>()
  const began = createStory<readonly [version: string, well: boolean]>()
  const calls: IncomingCall[] = []
  const logged: string[] = []
  const log = (fields: Record<string, unknown>, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`)
  }
  const guard: ForwardGuard = async host => host
  const settings: Settings = { route: answering, script: SCRIPT, outbound: null, asks: false, guard }
  let last_id = 0
  const routed = (decision: RouteDecision) => {
    const script = decision.outcome.kind === 'answer' ? settings.script : null
    return { kind: 'routed', decision, decided_in_us: 1, script } as const
  }
  const ask = (call: IncomingCall): AskingCall => {
    const { promise, resolve } = Promise.withResolvers<Awaited<AskingCall['routed']>>()
    let given_up = false
    questions.tell({ decide: route => resolve(routed(route(call))), given_up: () => given_up })
    const give_up = () => {
      given_up = true
      return routed(settings.route(call))
    }
    return { kind: 'asking', routed: promise, give_up }
  }
  const desk: CallDesk = {
    route: call => {
      calls.push(call)
      return settings.asks ? ask(call) : routed(settings.route(call))
    },
    outbound: () => settings.outbound,
    began: (version, well) => began.tell([version, well]),
    record: records.tell,
    new_id: () => `call-${++last_id}`,
  }
  const logs: Log = { info: log, warn: log, error: log }
  return { desk, settings, records, questions, began, calls, logged, log: logs }
}

export const challenges: Challenges = (source, stale) => [
  `Digest nonce="${source.address}"${stale ? ', stale=true' : ''}`,
]

export const startEdge = async () => {
  const desk = createDesk()
  const clock = heldTimers()
  const edge = createVoiceEdge({
    listen_sip: listenSip,
    open_media: openMediaPool,
    synthesizer,
    desk: desk.desk,
    challenges,
    log: desk.log,
    clock: { now_ms: () => 1000 },
    may_forward_to: host => desk.settings.guard(host),
    timers: clock.timers,
    sip: { host: HOST, port: 0, rate_limit_pps: 0 },
    media: { host: HOST, public_address: HOST, ports: { from: 35_000, to: 36_998 }, threads: 1 },
  })
  const { port } = await edge.start()
  return { edge, port, clock, ...desk }
}

const IGNORING: ServerCallEvents = {
  cancelled: () => {},
  confirmed: () => {},
  reoffer: () => ({ status: 488 }),
  dtmf: () => {},
  ended: () => {},
}

export type Heard =
  | { readonly kind: 'status'; readonly status: number; readonly headers: SipHeaders | null }
  | { readonly kind: 'ended'; readonly reason: string }
  | { readonly kind: 'speaking' | 'quiet' }

/** The record as short words. */
export const wordsOf = (events: readonly ConversationEvent[]): string[] =>
  events.map(event => {
    if (event.kind === 'opened') return `opened ${event.status}`
    if (event.kind === 'item') return `${event.item.who} ${event.item.kind} ${event.item.text}`
    return event.kind === 'closed' ? `${event.status} ${event.reason}` : event.kind
  })

/** Telephones that call it. */
export const startCallers = async () => {
  const media = await openMediaPool({ host: HOST, ports: { from: 37_000, to: 38_998 }, threads: 1 })
  const user_agent = await listenSip({ host: HOST, port: 0, rate_limit_pps: 0 }, call => {
    call.refuse(486)
    return IGNORING
  })
  return {
    place: async (
      port: number,
      user: string,
      transport: 'udp' | 'tcp' = 'udp',
      more: Pick<InviteOptions, 'max_forwards' | 'headers'> = {},
    ) => {
      const story = createStory<Heard>()
      const stream: MediaStream = await media.open({
        dtmf: () => {},
        played: () => {},
        activity: speaking => story.tell({ kind: speaking ? 'speaking' : 'quiet' }),
      })
      const description = describeMedia(HOST, stream.port, HOST)
      const call: ClientCall = user_agent.invite(
        {
          target: `sip:${user}@${HOST}:${port}`,
          next_hop: `${HOST}:${port}`,
          transport,
          from_user: '+15550001111',
          offer: description.offer(),
          headers: [['X-Shoe-Size', '44']],
          ...more,
        },
        {
          progress: status => story.tell({ kind: 'status', status, headers: null }),
          answered: (sdp, headers) => {
            const agreement = description.answered(sdp)
            if (agreement !== null) stream.configure(agreement.options)
            story.tell({ kind: 'status', status: 200, headers })
          },
          failed: (status, _reason, headers) => story.tell({ kind: 'status', status, headers }),
          ended: reason => story.tell({ kind: 'ended', reason }),
        },
      )
      return { story, stream, call }
    },
    close: async (): Promise<void> => {
      await user_agent.close()
      await media.close()
    },
  }
}
