/** The sound of one call: its stream, and what is said about it in SDP. Tells the call's state machine what happens. */
import type { MediaCounts } from '#app/ports.ts'
import type { Codec } from '#core/call.ts'
import type { MediaPool, MediaStream } from '#voice/rtp/media-types.ts'
import { parseSdp, type Sdp } from '#voice/sdp.ts'
import type { CallEvent } from '#voice/session/call-state.ts'
import { type Agreement, describeMedia } from '#voice/session/media-description.ts'

export type CallMediaOptions = {
  /** The INVITE's; null when it had none. */
  readonly offer: Sdp | null
  readonly codec: Codec | null
  /** The address in our SDP. */
  readonly local_address: string
  readonly signalling_address: string
}

export type CallMedia = {
  /** The SDP of the 200: the answer, or our offer where there was none. */
  answer(): string
  /** The ACK's body, which answers an offer of ours. */
  confirmed(sdp: string | null): void
  /** A re-INVITE: the 200's SDP, or the status to refuse it with. */
  reoffer(sdp: string | null): string | { readonly status: number }
  play(pcm: Int16Array): void
  close(): Promise<MediaCounts>
}

/** Rejects when no port is free. */
export const openCallMedia = async (
  pool: MediaPool,
  options: CallMediaOptions,
  tell: (event: CallEvent) => void,
): Promise<CallMedia> => {
  const stream: MediaStream = await pool.open({
    dtmf: digit => tell({ kind: 'dtmf', digit }),
    played: () => tell({ kind: 'played' }),
    activity: speaking => tell({ kind: 'activity', speaking }),
    lost: () => tell({ kind: 'media_lost' }),
  })
  const description = describeMedia(options.local_address, stream.port, options.signalling_address)
  /** Our offer is out; the next ACK carries the answer. */
  let offering = false

  const apply = ({ options: agreed, sending }: Agreement): void => {
    stream.configure(agreed)
    stream.set_sending(sending)
    tell({ kind: 'held', held: !sending })
  }
  const offer = (): string => {
    offering = true
    return description.offer()
  }
  const answer = (theirs: Sdp | null): string | null => {
    const answered = theirs === null ? null : description.answer(theirs, options.codec)
    if (answered !== null) apply(answered.agreement)
    return answered?.sdp ?? null
  }

  return {
    answer: () => answer(options.offer) ?? offer(),
    confirmed: sdp => {
      const answered = offering && sdp !== null ? description.answered(sdp) : null
      if (answered !== null) apply(answered)
      else if (offering) tell({ kind: 'media_refused' })
      offering = false
      tell({ kind: 'confirmed' })
    },
    reoffer: sdp => (sdp === null ? offer() : (answer(parseSdp(sdp)) ?? { status: 488 })),
    play: pcm => stream.play(pcm),
    close: () => stream.close(),
  }
}
