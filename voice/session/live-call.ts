/** A call that is being answered: does what voice/session/call-state.ts says, and tells it what happens. */
import type { CallDesk, Clock, ForwardGuard, Log } from '#app/ports.ts'
import type { Codec } from '#core/call.ts'
import type { RouteAnswer } from '#core/route-decision.ts'
import type { VersionScript } from '#core/routing-table.ts'
import type { MediaPool, Synthesizer } from '#voice/rtp/media-types.ts'
import type { Sdp } from '#voice/sdp.ts'
import { type CallMedia, openCallMedia } from '#voice/session/call-media.ts'
import { advance, type CallEvent, type CallOutput, type CallTimer, newCall } from '#voice/session/call-state.ts'
import { namedTimers } from '#voice/session/named-timers.ts'
import type { Challenges } from '#voice/sip/digest-server.ts'
import type { Timers } from '#voice/sip/timers.ts'
import type { ServerCall, ServerCallEvents, UserAgent } from '#voice/sip/user-agent-types.ts'

export type CallServices = {
  readonly desk: CallDesk
  readonly media: MediaPool
  readonly synthesizer: Synthesizer
  readonly timers: Pick<Timers, 'set' | 'clear'>
  readonly clock: Clock
  readonly log: Log
  /** Sent with a 401. */
  readonly challenges: Challenges
  /** IPv4 address that goes into our SDP. */
  readonly media_address: string
  /** Calls out, for those that are forwarded. */
  readonly invite: UserAgent['invite']
  readonly may_forward_to: ForwardGuard
}

export type LiveCall = {
  readonly events: ServerCallEvents
  /** Ends the call now. */
  shut_down(): void
  /** Resolves when the record is closed. */
  readonly recorded: Promise<void>
  /** Resolves when the record is closed and the far end knows. */
  readonly over: Promise<void>
}

export type StartingCall = {
  readonly call: ServerCall
  readonly id: string
  readonly offer: Sdp | null
  readonly codec: Codec | null
  readonly script: VersionScript
  /** Whose call it is; null: a message that no version speaks, and that ends when it was said. */
  readonly answer: RouteAnswer | null
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Told to the caller, for whoever traces a call from the far end. */
const answeredBy = (answer: RouteAnswer | null): readonly (readonly [string, string])[] =>
  answer === null
    ? []
    : [
        ['X-Patchcord-Agent', answer.agent_id],
        ['X-Patchcord-Version', String(answer.version)],
      ]

/** The machine with its hands: runs until `close`, which is the last thing it does. */
const runCall = ({ call, id, answer, script }: StartingCall, services: CallServices) => {
  const { desk, clock, log } = services
  let state = newCall(script, answer === null)
  let media: CallMedia | null = null
  let greeting: Int16Array | null = null
  const recorded = Promise.withResolvers<void>()
  const refused = Promise.withResolvers<void>()

  const tell = (event: CallEvent): void => {
    const step = advance(state, event, clock.now_ms())
    state = step.state
    for (const output of step.outputs) carryOut(output)
  }
  const timers = namedTimers<CallTimer>(services.timers, timer => tell({ kind: 'timer', timer }))

  const close = async ({ status, reason }: CallOutput & { kind: 'close' }): Promise<void> => {
    const counts = (await media?.close()) ?? null
    desk.record({ kind: 'closed', id, at_ms: clock.now_ms(), status, reason, media: counts })
    log.info({ call: id, status, reason, ...counts }, 'call ended')
    recorded.resolve()
  }

  const carryOut = (output: CallOutput): void => {
    switch (output.kind) {
      case 'answer':
        if (media !== null) call.answer(media.answer(), answeredBy(answer))
        return
      case 'refuse':
        call.refuse(output.sip_status)
        refused.resolve()
        return
      case 'play_greeting':
        if (greeting !== null) media?.play(greeting)
        return
      case 'hang_up':
        call.hang_up()
        return
      case 'set_timer':
        timers.set(output.timer, output.after_ms)
        return
      case 'clear_timer':
        timers.clear(output.timer)
        return
      case 'report_answered':
        desk.record({ kind: 'answered', id, at_ms: clock.now_ms() })
        return
      case 'report_item':
        desk.record({ kind: 'item', id, item: output.item })
        return
      case 'close':
        void close(output)
        return
    }
  }

  return {
    tell,
    media: () => media,
    /** Takes the stream; one that comes after the call is over (cancelled meanwhile) is not wanted any more. */
    media_opened: async (opened: CallMedia): Promise<boolean> => {
      if (state.phase === 'over') {
        await opened.close()
        return true
      }
      media = opened
      tell({ kind: 'media_opened' })
      return true
    },
    greeting_made: (pcm: Int16Array): void => {
      greeting = pcm
      tell({ kind: pcm.length > 0 ? 'greeting_ready' : 'greeting_failed' })
    },
    recorded: recorded.promise,
    refused: refused.promise,
  }
}

export const startCall = (starting: StartingCall, services: CallServices): LiveCall => {
  const { call, id, offer, codec, answer, script } = starting
  const { log, media: pool, synthesizer } = services
  const running = runCall(starting, services)
  const { tell } = running
  const ended = Promise.withResolvers<void>()

  const options = { offer, codec, local_address: services.media_address, signalling_address: call.source.address }
  const opening = openCallMedia(pool, options, tell)
    .then(running.media_opened)
    .catch(error => {
      log.error({ call: id, error: errorText(error) }, 'call refused: no media')
      tell({ kind: 'media_failed' })
      return false
    })
  // Beside the answering: a greeting that is not ready is said later, one that fails is not said.
  const greet = async (): Promise<boolean> => {
    if (script.starting_message === null) return true
    try {
      running.greeting_made(await synthesizer.say(script.starting_message, script.voice))
      return true
    } catch (error) {
      log.error({ call: id, error: errorText(error) }, 'the starting message was not said')
      tell({ kind: 'greeting_failed' })
      return false
    }
  }
  void Promise.all([opening, greet()]).then(done => {
    if (answer !== null) services.desk.began(answer.agent_version_id, !done.includes(false))
  })

  return {
    events: {
      cancelled: () => {
        ended.resolve()
        tell({ kind: 'cancelled' })
      },
      confirmed: sdp => running.media()?.confirmed(sdp),
      reoffer: sdp => running.media()?.reoffer(sdp) ?? { status: 491 },
      dtmf: digit => tell({ kind: 'dtmf', digit }),
      ended: reason => {
        ended.resolve()
        tell({ kind: 'ended', reason })
      },
    },
    shut_down: () => tell({ kind: 'shut_down' }),
    recorded: running.recorded,
    over: Promise.all([running.recorded, Promise.race([ended.promise, running.refused])]).then(() => {}),
  }
}
