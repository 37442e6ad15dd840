/** One call's side of the offer/answer exchange (RFC 3264): what was agreed, and what we say next. */
import { randomInt } from 'node:crypto'
import type { Codec } from '#core/call.ts'
import type { StreamOptions } from '#voice/rtp/media-types.ts'
import { answeringDirection, buildAnswer, buildOffer, type OfferedCodec, parseSdp, type Sdp } from '#voice/sdp.ts'

/** What the stream is to do after an exchange. */
export type Agreement = { readonly options: StreamOptions; readonly sending: boolean }

export type MediaDescription = {
  /** Our offer, for an INVITE or re-INVITE without one. */
  offer(): string
  /** Answers theirs, with the codec that was decided or else the first of theirs; null when there is nothing in common. */
  answer(offer: Sdp, codec: Codec | null): { readonly sdp: string; readonly agreement: Agreement } | null
  /** Takes the answer to our offer; null when there is nothing in common. */
  answered(sdp: string): Agreement | null
}

export const describeMedia = (address: string, port: number, signalling_address: string): MediaDescription => {
  const session_id = randomInt(1, 2 ** 47)
  let version = 0
  const local = () => ({ session_id, version: ++version, address, port })

  const agree = ({ audio }: Sdp, { codec, payload_type }: OfferedCodec): Agreement => {
    const direction = answeringDirection(audio)
    return {
      options: {
        codec,
        payload_type,
        dtmf_payload_type: audio.dtmf_payload_type,
        remote: audio.remote,
        signalling_address,
      },
      sending: direction === 'sendrecv' || direction === 'sendonly',
    }
  }

  return {
    offer: () => buildOffer(local()),
    answer: (offer, codec) => {
      const chosen = offer.audio.codecs.find(offered => offered.codec === codec) ?? offer.audio.codecs[0]
      return chosen === undefined ? null : { sdp: buildAnswer(offer, chosen, local()), agreement: agree(offer, chosen) }
    },
    answered: sdp => {
      const answer = parseSdp(sdp)
      const chosen = answer?.audio.codecs[0]
      return answer === null || chosen === undefined ? null : agree(answer, chosen)
    },
  }
}
