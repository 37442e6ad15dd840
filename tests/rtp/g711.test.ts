import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Codec } from '#core/call.ts'
import { decodeG711, encodeG711, silenceByte } from '#voice/rtp/g711.ts'

const encode = (codec: Codec, sample: number): number => {
  const bytes = new Uint8Array(1)
  encodeG711(codec, Int16Array.of(sample), 0, 1, bytes, 0)
  return bytes[0] ?? -1
}
const decode = (codec: Codec, byte: number): number => {
  const pcm = new Int16Array(1)
  decodeG711(codec, Uint8Array.of(byte), pcm)
  return pcm[0] ?? Number.NaN
}

/**
 * G.711 tables 1a and 2a, positive half: from each segment's first decision value, 16 intervals (A-law's first segment 32,
 * µ-law's very first interval half as wide) of this width, in the 13- and 14-bit scales.
 */
const A_LAW = { bits: 13, first: [0, 64, 128, 256, 512, 1024, 2048], widths: [2, 4, 8, 16, 32, 64, 128] }
const MU_LAW = { bits: 14, first: [-1, 31, 95, 223, 479, 991, 2015, 4063], widths: [2, 4, 8, 16, 32, 64, 128, 256] }

/** [lowest magnitude, first magnitude beyond, value] of each interval in order, by the tables. */
const intervals = (law: typeof A_LAW): readonly (readonly [number, number, number])[] =>
  law.first.flatMap((start, segment) => {
    const width = law.widths[segment] ?? 0
    const count = law.bits === 13 && segment === 0 ? 32 : 16
    return Array.from({ length: count }, (_, i) => {
      const low = start + i * width
      return [Math.max(0, low), low + width, low + width / 2] as const
    })
  })

/** With the 16-bit steps that one of the table's values is worth. */
const LAWS: readonly [Codec, typeof A_LAW, number][] = [
  ['PCMA', A_LAW, 8],
  ['PCMU', MU_LAW, 4],
]

for (const [codec, law, scale] of LAWS) {
  test(`${codec}: every 16-bit sample falls into the interval that G.711's table gives it`, () => {
    const table = intervals(law)
    assert.equal(table.length, 128)
    for (let sample = 0; sample <= 32_767; sample++) {
      const magnitude = Math.floor(sample / scale)
      const found = table.find(([, beyond]) => magnitude < beyond) ?? table.at(-1)
      assert.equal(decode(codec, encode(codec, sample)), (found?.[2] ?? 0) * scale, `sample ${sample}`)
      // The lower half is its mirror image, shifted by the one value that has no opposite.
      const mirrored = decode(codec, encode(codec, ~sample))
      assert.ok(mirrored === 0 - decode(codec, encode(codec, sample)), `sample ${~sample} gives ${mirrored}`)
    }
  })

  test(`${codec}: every byte survives decoding and encoding`, () => {
    for (let byte = 0; byte < 256; byte++) {
      const back = encode(codec, decode(codec, byte))
      // µ-law has two zeros; the negative one comes back as the positive.
      assert.equal(back, codec === 'PCMU' && byte === 0x7f ? 0xff : byte)
    }
  })
}

test('the values that everybody knows', () => {
  assert.equal(silenceByte('PCMU'), 0xff)
  assert.equal(silenceByte('PCMA'), 0xd5)
  assert.equal(decode('PCMU', 0x00), -32_124)
  assert.equal(decode('PCMU', 0x80), 32_124)
  assert.equal(decode('PCMA', 0xaa), 32_256)
  assert.equal(decode('PCMA', 0x2a), -32_256)
})
