/** A telephone that others call: what is done to it becomes a story, what it does the test says. */
import { createStory, HOST, TONE } from '#tests/session/live-edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import { parseSdp } from '#voice/sdp.ts'
import { describeMedia } from '#voice/session/media-description.ts'
import { listenSip } from '#voice/sip/user-agent.ts'
import type { ServerCall } from '#voice/sip/user-agent-types.ts'

export type CalledCall = {
  readonly call: ServerCall
  readonly story: ReturnType<typeof createStory<string>>
  /** Answers with a port of its own, and says something. */
  pickUp(): Promise<void>
}

export const startTelephone = async () => {
  const arrived = createStory<CalledCall>()
  const media = await openMediaPool({ host: HOST, ports: { from: 39_000, to: 39_998 }, threads: 1 })
  const user_agent = await listenSip({ host: HOST, port: 0, rate_limit_pps: 0 }, call => {
    const story = createStory<string>()
    const pickUp = async (): Promise<void> => {
      const stream = await media.open({
        dtmf: digit => story.tell(`key ${digit}`),
        played: () => {},
        activity: speaking => story.tell(speaking ? 'hears' : 'hears nothing'),
      })
      const offer = call.offer === null ? null : parseSdp(call.offer)
      const answered = offer && describeMedia(HOST, stream.port, HOST).answer(offer, null)
      if (answered === null) throw new Error('the offer has nothing in common')
      stream.configure(answered.agreement.options)
      call.answer(answered.sdp)
      stream.play(TONE)
    }
    arrived.tell({ call, story, pickUp })
    return {
      cancelled: () => story.tell('cancelled'),
      confirmed: () => story.tell('confirmed'),
      reoffer: () => ({ status: 488 }),
      dtmf: digit => story.tell(`key ${digit}`),
      ended: reason => story.tell(`ended ${reason}`),
    }
  })
  return {
    port: user_agent.local.port,
    arrived,
    close: async (): Promise<void> => {
      await user_agent.close()
      await media.close()
    },
  }
}
