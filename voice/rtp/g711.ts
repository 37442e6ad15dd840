/** ITU-T G.711: one byte a sample at 8000 Hz, µ-law (PCMU) and A-law (PCMA), as tables over 16-bit linear PCM. */
import type { Codec } from '#core/call.ts'

type Law = {
  /** Byte → 16-bit PCM. */
  readonly decoded: Int16Array
  /** 16-bit PCM (its low 16 bits as index) → byte. */
  readonly encoded: Uint8Array
  /** What silence looks like. */
  readonly silence: number
}

/** Added before µ-law's segments are cut, so that each begins at a power of two (33 in G.711's 14-bit scale). */
const MU_BIAS = 33
const MU_CLIP = 8158

/** 14-bit magnitude in, seven bits out: three of segment, four of interval. */
const muMagnitude = (magnitude_14: number): number => {
  const biased = Math.min(magnitude_14, MU_CLIP) + MU_BIAS
  const segment = 26 - Math.clz32(biased)
  return (segment << 4) | ((biased >> (segment + 1)) & 0x0f)
}

const encodeMu = (sample: number): number =>
  // One's complement for negative values, as G.191's reference does: -32768 has a magnitude then.
  sample < 0 ? ~(0x80 | muMagnitude(~sample >> 2)) & 0xff : ~muMagnitude(sample >> 2) & 0xff

const decodeMu = (byte: number): number => {
  const code = ~byte & 0xff
  const segment = (code >> 4) & 0x07
  const magnitude = ((((code & 0x0f) << 1) + MU_BIAS) << segment) - MU_BIAS
  return (code & 0x80 ? -magnitude : magnitude) << 2
}

/** Every other bit of an A-law byte goes out inverted. */
const A_INVERSION = 0x55

/** 12-bit magnitude in, seven bits out; the two lowest segments share one step. */
const aMagnitude = (magnitude_12: number): number => {
  if (magnitude_12 < 32) return magnitude_12 >> 1
  const segment = 27 - Math.clz32(magnitude_12)
  return (segment << 4) | ((magnitude_12 >> segment) & 0x0f)
}

const encodeA = (sample: number): number =>
  (sample < 0 ? aMagnitude(~sample >> 3) : 0x80 | aMagnitude(sample >> 3)) ^ A_INVERSION

const decodeA = (byte: number): number => {
  const code = byte ^ A_INVERSION
  const segment = (code >> 4) & 0x07
  const interval = code & 0x0f
  const magnitude = segment === 0 ? (interval << 1) + 1 : ((interval << 1) + 33) << (segment - 1)
  return (code & 0x80 ? magnitude : -magnitude) << 3
}

const lawOf = (encode: (sample: number) => number, decode: (byte: number) => number): Law => {
  const encoded = new Uint8Array(65_536)
  for (let sample = -32_768; sample <= 32_767; sample++) encoded[sample & 0xffff] = encode(sample)
  return { decoded: Int16Array.from({ length: 256 }, (_, byte) => decode(byte)), encoded, silence: encode(0) }
}

const LAWS: Readonly<Record<Codec, Law>> = { PCMU: lawOf(encodeMu, decodeMu), PCMA: lawOf(encodeA, decodeA) }

/** The byte that silence is sent as. */
export const silenceByte = (codec: Codec): number => LAWS[codec].silence

/** Encodes `count` samples of `pcm` from `start` into `bytes` at `offset`. The caller keeps both ranges inside. */
export const encodeG711 = (
  codec: Codec,
  pcm: Int16Array,
  start: number,
  count: number,
  bytes: Uint8Array,
  offset: number,
): void => {
  const { encoded } = LAWS[codec]
  for (let i = 0; i < count; i++) bytes[offset + i] = encoded[(pcm[start + i] ?? 0) & 0xffff] ?? 0
}

/** Decodes all of `bytes` into `pcm` from its beginning; `pcm` must be at least as long. */
export const decodeG711 = (codec: Codec, bytes: Uint8Array, pcm: Int16Array): void => {
  const { decoded } = LAWS[codec]
  for (let i = 0; i < bytes.length; i++) pcm[i] = decoded[bytes[i] ?? 0] ?? 0
}
