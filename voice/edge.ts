/** The telephone side of a process: SIP in front, media behind, calls between. Composed by server/services.ts. */
import type { CallDesk, Clock, Log, VoiceEdge } from '#app/ports.ts'
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
  /** Closed with the edge. */
  readonly timers: Timers
  readonly sip: SipListenOptions
  readonly media: Parameters<OpenMediaPool>[0] & {
    /** IPv4 address that goes into SDP. */
    readonly public_address: string
  }
}

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
    const media = await options.open_media(options.media)
    const { desk, challenges, synthesizer, timers, clock, log } = options
    const media_address = options.media.public_address
    const services: CallServices = { desk, challenges, media, synthesizer, timers, clock, log, media_address }
    try {
      const user_agent = await options.listen_sip(options.sip, call => {
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
      await stopping?.user_agent.close()
      await stopping?.media.close()
      await options.synthesizer.close()
      options.timers.close()
    },
    calls_in_flight: () => calls.size,
  }
}
