/** What was heard, laid out by RTP timestamp: lost packets and pauses are silence of the right length. */
import { timestampDistance } from '#voice/rtp/packet.ts'

const FIRST_SAMPLES = 80_000
/** A sender whose clock jumps further (10 s) has started over: what follows is appended. */
const JUMP_SAMPLES = 80_000

export type Recording = {
  /** Keeps the first `count` samples of `pcm` at this timestamp; past the limit nothing more is kept. */
  write(timestamp: number, pcm: Int16Array, count: number): void
  samples(): Int16Array
}

export const createRecording = (limit_samples: number): Recording => {
  let kept = new Int16Array(Math.min(FIRST_SAMPLES, limit_samples))
  let length = 0
  /** Timestamp of the sample that would come at `length`; null before the first packet. */
  let expected: number | null = null

  const grow = (to: number): void => {
    if (to <= kept.length) return
    const bigger = new Int16Array(Math.min(limit_samples, Math.max(to, kept.length * 2)))
    bigger.set(kept.subarray(0, length))
    kept = bigger
  }

  return {
    write: (timestamp, pcm, count) => {
      const ahead = expected === null ? 0 : timestampDistance(expected, timestamp)
      const start = Math.abs(ahead) > JUMP_SAMPLES ? length : length + ahead
      const end = Math.min(start + count, limit_samples)
      if (start < 0 || end <= start) return
      grow(end)
      kept.set(pcm.subarray(0, end - start), start)
      if (start + count < length) return
      length = end
      expected = (timestamp + count) >>> 0
    },
    samples: () => kept.slice(0, length),
  }
}
