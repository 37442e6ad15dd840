/** The telephone side of a process: SIP in front, media behind, calls between. Composed by server/services.ts. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallDesk, Clock, ForwardGuard, Log, VoiceEdge } from '#app/ports.ts'
import type { MediaPool, OpenMediaPool, Synthesizer } from '#voice/rtp/media-types.ts'
import type { CallServices, LiveCall } from '#voice/session/live-call.ts'
import { takeCall } from '#voice/session/take-call.ts'
import type { Challenges } from '#voice/sip/digest-server.ts'
import type { Timers } from '#voice/sip/timers.ts'
import type { ListenSip, SipListenOptions, UserAgent } from '#voice/sip/user-agent-types.ts'

export type VoiceEdgeOptions = {
  readonly listen_sip: ListenSip
  readonly open_media: OpenMediaPool
  /** Closed with the edge. */
  readonly synthesizer: Synthesizer
  /** Says whether the process is draining by what it routes: drain it before the edge. */
  readonly desk: CallDesk
  /** Of the digest server that the desk asks. */
  readonly challenges: Challenges
  readonly log: Log
  readonly clock: Clock
  readonly may_forward_to: ForwardGuard
  /** Closed with the edge. */
  readonly timers: Timers
  readonly sip: SipListenOptions
  readonly media: Parameters<OpenMediaPool>[0] & {
    /** IPv4 address that goes into SDP. */
    readonly public_address: string
  }
}

/** How long the far ends are given to hear that their calls are over: a BYE may have to wait for its ACK (RFC 3261 15). */
const GOODBYE_MS = 1000

export const createVoiceEdge = (options: VoiceEdgeOptions): VoiceEdge => {
  const calls = new Set<LiveCall>()
  let running: { readonly user_agent: UserAgent; readonly media: MediaPool } | null = null

  const track = (live: LiveCall): void => {
    calls.add(live)
    void live.over.then(() => calls.delete(live))
  }

  const allOver = async (): Promise<void> => {
    // Calls that begin while others are waited for are waited for as well.
    while (calls.size > 0) await Promise.all([...calls].map(live => live.over))
  }

  const start = async (): Promise<UserAgent['local']> => {
    const media = await options.open_media({
      on_fault: error => options.log.error({ err: String(error) }, 'a media thread died, and its calls with it'),
      ...options.media,
    })
    const { desk, challenges, synthesizer, timers, clock, log, may_forward_to } = options
    const media_address = options.media.public_address
    const shared = { desk, challenges, media, synthesizer, timers, clock, log, media_address, may_forward_to }
    let user_agent: UserAgent | null = null
    const services: CallServices = {
      ...shared,
      invite: (invite, events) => {
        if (user_agent === null) throw new Error('SIP is not listening')
        return user_agent.invite(invite, events)
      },
    }
    try {
      user_agent = await options.listen_sip(options.sip, call => {
        const taken = takeCall(call, services)
        if (taken.live !== null) track(taken.live)
        return taken.events
      })
      running = { user_agent, media }
      return user_agent.local
    } catch (error) {
      await media.close()
      throw error
    }
  }

  return {
    start,
    drain: allOver,
    stop: async () => {
      const stopping = running
      running = null
      for (const live of calls) live.shut_down()
      await Promise.all([...calls].map(live => live.recorded))
      await Promise.race([allOver(), sleep(GOODBYE_MS, undefined, { ref: false })])
      await stopping?.user_agent.close()
      await stopping?.media.close()
      await options.synthesizer.close()
      options.timers.close()
    },
    calls_in_flight: () => calls.size,
    engine_up: () => running?.media.alive() ?? false,
  }
}
