/** A small SIP caller: one call from INVITE to BYE, for people (`npm run call`), tests and measurements. */
import { answeredCaller, heard, nextDeed } from '#voice/caller-manners.ts'
import { reach } from '#voice/caller-reach.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import type { MediaPool, MediaStream } from '#voice/rtp/media-types.ts'
import { describeMedia } from '#voice/session/media-description.ts'
import type { Credentials } from '#voice/sip/digest-client.ts'
import type { SipHeaders } from '#voice/sip/message.ts'
import { listenSip } from '#voice/sip/user-agent.ts'
import type { ClientCallEvents, ServerCallEvents, UserAgent } from '#voice/sip/user-agent-types.ts'

export type CallerOptions = {
  readonly target: string
  readonly next_hop: { readonly host: string; readonly port: number }
  readonly transport: 'udp' | 'tcp'
  readonly from: string
  /** For a far end that asks who is calling. */
  readonly credentials: Credentials | null
  /** 8000 Hz; null: nothing to say. */
  readonly say: Int16Array | null
  readonly dtmf: string
  readonly seconds: number | null
  readonly record: boolean
}

export type CallProgress =
  | { readonly kind: 'calling'; readonly address: string }
  | { readonly kind: 'provisional'; readonly status: number; readonly reason: string }
  /** `agent` and `version` as Patchcord says them; null from anybody else. */
  | {
      readonly kind: 'answered'
      readonly agent: string | null
      readonly version: string | null
      readonly after_ms: number
    }
  | { readonly kind: 'hearing'; readonly speaking: boolean }
  | { readonly kind: 'speaking' }
  | { readonly kind: 'digit'; readonly digit: string }

export type CallResult =
  | {
      readonly kind: 'answered'
      readonly hung_up_by: 'caller' | 'callee' | 'failure'
      readonly talked_ms: number
      /** Of that, how long something was heard. */
      readonly heard_ms: number
      readonly packets_received: number
      /** 8000 Hz; empty unless recording was asked for. */
      readonly heard: Int16Array
    }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'given_up' }

const PORTS = { from: 40_000, to: 49_998 }
const RECORD_SECONDS = 3600
const LOOK_MS = 50

type Parts = { readonly user_agent: UserAgent; readonly media: MediaPool; readonly local_address: string }
type Report = (event: CallProgress) => void
type HungUpBy = (CallResult & { kind: 'answered' })['hung_up_by']

/** The caller's side of an answered call: listens, speaks in its turn, and says when to hang up. */
const createTalk = (options: CallerOptions, stream: MediaStream, report: Report, hangUp: () => void) => {
  const has_words = (options.say?.length ?? 0) > 0 || options.dtmf !== ''
  const begun_ms = performance.now()
  let state = answeredCaller(begun_ms, options.seconds === null ? null : options.seconds * 1000, has_words)
  const look = (): void => {
    const deed = nextDeed(state, performance.now())
    if (deed === 'hang_up') hangUp()
    if (deed !== 'speak') return
    state = { ...state, own_words: 'saying' }
    report({ kind: 'speaking' })
    if (options.say !== null) stream.play(options.say)
    stream.send_dtmf(options.dtmf)
  }
  const looking = setInterval(look, LOOK_MS)
  return {
    played: (): void => {
      state = { ...state, own_words: 'after', last_sound_ms: performance.now() }
    },
    activity: (speaking: boolean): void => {
      state = heard(state, speaking, performance.now())
      report({ kind: 'hearing', speaking })
    },
    stop: (): void => clearInterval(looking),
    result: async (hung_up_by: HungUpBy): Promise<CallResult> => {
      const now_ms = performance.now()
      const [{ packets_received }, sound] = await Promise.all([stream.counts(), stream.recording()])
      const { heard_ms } = heard(state, false, now_ms)
      return { kind: 'answered', hung_up_by, talked_ms: now_ms - begun_ms, heard_ms, packets_received, heard: sound }
    },
  }
}
type Talk = ReturnType<typeof createTalk>

/** One call over an open user agent and pool; ends by itself, or when `signal` says so. */
const converse = async (
  options: CallerOptions,
  parts: Parts,
  next_hop: string,
  report: Report,
  signal: AbortSignal,
): Promise<CallResult> => {
  const finished = Promise.withResolvers<HungUpBy | CallResult>()
  let talk: Talk | null = null
  const stream = await parts.media.open({
    dtmf: digit => report({ kind: 'digit', digit }),
    played: () => talk?.played(),
    activity: speaking => talk?.activity(speaking),
  })
  const description = describeMedia(parts.local_address, stream.port, parts.local_address)

  const hangUp = (): void => {
    talk?.stop()
    void call.hang_up().then(() => finished.resolve(talk === null ? { kind: 'given_up' } : 'caller'))
  }
  const answered = (sdp: string, headers: SipHeaders): void => {
    const agent = headers.get('x-patchcord-agent') ?? null
    const version = headers.get('x-patchcord-version') ?? null
    report({ kind: 'answered', agent, version, after_ms: Math.round(performance.now() - begun_ms) })
    talk = createTalk(options, stream, report, hangUp)
    const agreement = description.answered(sdp)
    if (agreement === null) hangUp()
    else stream.configure({ ...agreement.options, ...(options.record ? { record_limit_seconds: RECORD_SECONDS } : {}) })
  }
  const events: ClientCallEvents = {
    progress: (status, reason) => report({ kind: 'provisional', status, reason }),
    answered,
    failed: (status, reason) =>
      finished.resolve(signal.aborted ? { kind: 'given_up' } : { kind: 'refused', status, reason }),
    ended: reason => {
      if (reason !== 'local_bye') finished.resolve(reason === 'remote_bye' ? 'callee' : 'failure')
    },
  }
  const { target, transport, from: from_user, credentials } = options
  const begun_ms = performance.now()
  const invite = { target, next_hop, transport, from_user, offer: description.offer() }
  const call = parts.user_agent.invite({ ...invite, ...(credentials === null ? {} : { credentials }) }, events)
  signal.addEventListener('abort', hangUp)
  if (signal.aborted) hangUp()

  const outcome = await finished.promise
  signal.removeEventListener('abort', hangUp)
  // Assigned by `answered` above, which the compiler cannot see.
  const talked = talk as Talk | null
  talked?.stop()
  if (typeof outcome !== 'string') return outcome
  return talked === null ? { kind: 'given_up' } : talked.result(outcome)
}

const REFUSING: ServerCallEvents = {
  cancelled: () => {},
  confirmed: () => {},
  reoffer: () => ({ status: 488 }),
  dtmf: () => {},
  ended: () => {},
}

/** Places the call and resolves when it is over; everything it opened is closed then. Aborting hangs up. */
export const placeCall = async (options: CallerOptions, report: Report, signal: AbortSignal): Promise<CallResult> => {
  const { host, port } = options.next_hop
  const way = await reach(host, port, options.transport)
  if (typeof way === 'string') return { kind: 'unreachable', message: way }
  const { address, local_address } = way
  const media = await openMediaPool({ host: local_address, ports: PORTS, threads: 1 })
  try {
    const user_agent = await listenSip({ host: local_address, port: 0, rate_limit_pps: 0 }, call => {
      call.refuse(486)
      return REFUSING
    })
    try {
      report({ kind: 'calling', address: `${host}:${port}` })
      return await converse(options, { user_agent, media, local_address }, `${address}:${port}`, report, signal)
    } finally {
      await user_agent.close()
    }
  } finally {
    await media.close()
  }
}
