/** One RTP stream, both ways, over one UDP socket. Lives in a media worker; the worker's pacer calls `beat`. */
import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { MediaCounts } from '#app/ports.ts'
import type { Codec } from '#core/call.ts'
import { hear, rmsOf, SILENT } from '#voice/rtp/activity.ts'
import { decodeG711 } from '#voice/rtp/g711.ts'
import { admit, destination, type Latch, newLatch } from '#voice/rtp/latch.ts'
import type { StreamEvents, StreamOptions } from '#voice/rtp/media-types.ts'
import { parseRtp, RTP_PACKET_LIMIT_BYTES } from '#voice/rtp/packet.ts'
import { NOTHING_RECEIVED, receive } from '#voice/rtp/reception.ts'
import { createRecording, type Recording } from '#voice/rtp/recording.ts'
import { createSender, FRAME_SAMPLES, type Sender } from '#voice/rtp/sender.ts'
import { type DtmfReceiver, parseTelephoneEvent, receiveTelephoneEvent } from '#voice/rtp/telephone-event.ts'

export type RtpStream = {
  configure(options: StreamOptions): void
  play: Sender['play']
  send_dtmf: Sender['send_dtmf']
  set_sending(sending: boolean): void
  /** Sends this beat's packet; true when one left. */
  beat(): boolean
  counts(): MediaCounts
  recording(): Int16Array
  close(): void
}

/** SDP gave an address, never a name: no resolver, and no turn of the event loop, for each packet. */
const noLookup = (
  address: string,
  _options: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void => done(null, address, 4)

/** Binds the port; rejects with the system's error. */
export const bindRtp = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', lookup: noLookup })
    socket.once('error', reject)
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', reject)
      // ICMP errors and full buffers are lost packets to RTP, no more.
      socket.on('error', () => {})
      resolve(socket)
    })
  })

const randomStart = (): { ssrc: number; sequence: number; timestamp: number } => {
  const bytes = randomBytes(10)
  return { ssrc: bytes.readUInt32BE(0), sequence: bytes.readUInt16BE(4), timestamp: bytes.readUInt32BE(6) }
}

/** 200 ms. */
const BEATS_OF_JITTER = 10
const NO_SOUND = new Int16Array(0)

/** The receiving half: from datagram to digits, activity, recording and counts. */
const createReceiver = (events: StreamEvents) => {
  const pcm = new Int16Array(RTP_PACKET_LIMIT_BYTES)
  let reception = NOTHING_RECEIVED
  let dtmf: DtmfReceiver = null
  let activity = SILENT
  let beats_without_sound = 0
  let recording: Recording | null = null

  const judge = (rms: number): void => {
    const before = activity.speaking
    activity = hear(activity, rms)
    if (activity.speaking !== before) events.activity(activity.speaking)
  }

  return {
    record: (limit_seconds: number): void => {
      recording ??= createRecording(limit_seconds * 8000)
    },
    /** Takes a packet whose source was admitted. */
    take: (packet: NonNullable<ReturnType<typeof parseRtp>>, codec: Codec | null): void => {
      const { state, verdict } = receive(reception, packet)
      reception = state
      if (verdict === 'dropped') return
      // Another source's clock (a transfer, a failover): its presses are not to be compared with the last one's.
      if (verdict === 'restarted') dtmf = null
      if (codec === null) {
        const event = parseTelephoneEvent(packet.payload)
        if (event === null) return
        const press = receiveTelephoneEvent(dtmf, packet.timestamp, event)
        dtmf = press.state
        if (press.digit !== null) events.dtmf(press.digit)
        return
      }
      decodeG711(codec, packet.payload, pcm)
      const count = packet.payload.length
      recording?.write(packet.timestamp, pcm, count)
      if (verdict === 'late') return
      beats_without_sound = 0
      for (let start = 0; start < count; start += FRAME_SAMPLES) {
        judge(rmsOf(start === 0 ? pcm : pcm.subarray(start), Math.min(FRAME_SAMPLES, count - start)))
      }
    },
    /** A caller who stops sending (silence suppression, a broken network) stops speaking; jitter does not. */
    beat: (): void => {
      beats_without_sound++
      if (beats_without_sound > BEATS_OF_JITTER && activity !== SILENT) judge(0)
    },
    reception: () => reception,
    recording: (): Int16Array => recording?.samples() ?? NO_SOUND,
  }
}

export const createStream = (socket: Socket, events: StreamEvents): RtpStream => {
  const sender = createSender(randomStart())
  const receiver = createReceiver(events)
  let options: StreamOptions | null = null
  let latch: Latch = newLatch(null, '')
  let sending = true
  let packets_sent = 0

  /** The codec of this payload type, null for telephone-event, undefined for what was not agreed. */
  const meaning = (payload_type: number): Codec | null | undefined => {
    if (options === null) return undefined
    if (payload_type === options.payload_type) return options.codec
    if (payload_type === options.dtmf_payload_type) return null
    return payload_type === 0 ? 'PCMU' : payload_type === 8 ? 'PCMA' : undefined
  }

  socket.on('message', (datagram: Uint8Array, from: RemoteInfo) => {
    const packet = parseRtp(datagram)
    const codec = packet === null ? undefined : meaning(packet.payload_type)
    if (packet === null || codec === undefined) return
    const admitted = admit(latch, from.address, from.port)
    if (admitted === null) return
    latch = admitted
    receiver.take(packet, codec)
  })

  return {
    configure: next => {
      const moved =
        next.remote?.address !== latch.signalled?.address ||
        next.remote?.port !== latch.signalled?.port ||
        next.signalling_address !== latch.signalling_address
      if (moved) latch = newLatch(next.remote, next.signalling_address)
      options = next
      if (next.record_limit_seconds !== undefined) receiver.record(next.record_limit_seconds)
    },
    play: sender.play,
    send_dtmf: sender.send_dtmf,
    set_sending: next => {
      sending = next
    },
    beat: () => {
      receiver.beat()
      const to = destination(latch)
      if (!sending || options === null || to === null) {
        sender.skip()
        return false
      }
      socket.send(sender.next(options), to.port, to.address)
      packets_sent++
      if (sender.take_played()) events.played()
      return true
    },
    counts: () => {
      const { received, lost, late } = receiver.reception()
      return { packets_received: received, packets_sent, packets_lost: lost, packets_late: late }
    },
    recording: receiver.recording,
    close: () => socket.close(),
  }
}
