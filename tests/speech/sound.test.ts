import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSoundCache } from '#voice/speech/sound-cache.ts'
import { toTelephoneRate } from '#voice/telephone-rate.ts'
import { buildWav, parseWav } from '#voice/wav.ts'

test('a WAV that is written is the one that is read', () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 300 }), fc.constantFrom(8000, 16_000), (pcm, rate_hz) => {
      assert.deepEqual(parseWav(buildWav({ rate_hz, pcm })), { rate_hz, pcm })
    }),
  )
})

test('no bytes make the WAV reader throw', () => {
  const good = buildWav({ rate_hz: 8000, pcm: Int16Array.of(1, 2, 3) })
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
      const bad = Buffer.from(good.subarray(0, length))
      if (at < bad.length) bad[at] = byte
      parseWav(bad)
    }),
  )
  assert.equal(parseWav(Buffer.from('hello')), 'is not a WAV file')
  assert.equal(parseWav(good.subarray(0, 36)), 'has no data')
  const stereo = Buffer.from(good)
  stereo.writeUInt16LE(2, 22)
  assert.match(String(parseWav(stereo)), /2 channel\(s\)/)
})

test('chunks before the sound are passed over, odd ones with their padding', () => {
  const good = buildWav({ rate_hz: 8000, pcm: Int16Array.of(1, 2, 3) })
  const list = Buffer.from([...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0])
  const longer = Buffer.concat([good.subarray(0, 36), list, good.subarray(36)])
  assert.deepEqual(parseWav(longer), { rate_hz: 8000, pcm: Int16Array.of(1, 2, 3) })
})

const sine = (hz: number, rate_hz: number): Int16Array =>
  Int16Array.from({ length: rate_hz }, (_, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / rate_hz)))
/** Peak in the middle, away from the filter's edges. */
const level = (pcm: Int16Array): number => Math.max(...pcm.slice(1000, 7000).map(Math.abs))

test('halving 16 kHz keeps the voice and lets nothing above 4 kHz fold back', () => {
  for (const hz of [300, 1000, 3000]) {
    const heard = level(toTelephoneRate(sine(hz, 16_000), 16_000) ?? new Int16Array())
    assert.ok(heard > 9700 && heard <= 10_100, `${hz} Hz: ${heard}`)
  }
  // 40 dB down; without the filter they would be as loud as the voice.
  for (const hz of [4600, 5000, 7000]) {
    const folded = level(toTelephoneRate(sine(hz, 16_000), 16_000) ?? new Int16Array().fill(1e4))
    assert.ok(folded < 100, `${hz} Hz: ${folded}`)
  }
})

test('8 kHz stays as it is, loud sound does not wrap, other rates are refused, and the memory is shared', () => {
  const pcm = sine(1000, 8000)
  const same = toTelephoneRate(pcm, 8000)
  assert.deepEqual([...(same ?? [])], [...pcm])
  assert.ok(same?.buffer instanceof SharedArrayBuffer)
  const square = Int16Array.from({ length: 4000 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768))
  const halved = toTelephoneRate(square, 16_000) ?? new Int16Array()
  assert.ok(
    halved.every(
      (sample, i) => i < 60 || i > 1900 || Math.sign(sample) === (i % 20 < 10 ? 1 : -1) || Math.abs(sample) < 20_000,
    ),
  )
  assert.equal(toTelephoneRate(pcm, 44_100), null)
})

test('the cache gives up what was used longest ago, and never holds more than its limit', () => {
  const cache = createSoundCache(100)
  const sound = (samples: number): Int16Array => new Int16Array(samples)
  cache.set('a', sound(20))
  cache.set('b', sound(20))
  assert.ok(cache.get('a'))
  cache.set('c', sound(20))
  assert.deepEqual(
    ['a', 'b', 'c'].map(key => cache.get(key) !== undefined),
    [true, false, true],
  )
  cache.set('huge', sound(51))
  assert.equal(cache.get('huge'), undefined)
  assert.ok(cache.get('a'))
  cache.set('a', sound(1))
  cache.set('d', sound(29))
  assert.deepEqual(
    ['a', 'c', 'd'].map(key => cache.get(key) !== undefined),
    [true, true, true],
  )
})
