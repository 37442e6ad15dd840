/** Sound at the telephone's 8000 Hz. */

export const TELEPHONE_RATE_HZ = 8000

const TAPS = 95
/** Of 16000 Hz. The filter's skirt ends at 4 kHz: what lies above would fold back as hiss into what is heard. */
const CUT_OFF_HZ = 3700

/** A low-pass for halving 16000 Hz: windowed sinc (Blackman), unity gain at 0 Hz. */
const LOW_PASS = ((): Float64Array => {
  const middle = (TAPS - 1) / 2
  const taps = Float64Array.from({ length: TAPS }, (_, i) => {
    const x = ((2 * CUT_OFF_HZ) / 16_000) * (i - middle)
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    const phase = (2 * Math.PI * i) / (TAPS - 1)
    return sinc * (0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase))
  })
  const gain = taps.reduce((sum, tap) => sum + tap, 0)
  return taps.map(tap => tap / gain)
})()

const halve = (pcm: Int16Array, half: Int16Array): void => {
  const middle = (TAPS - 1) / 2
  for (let i = 0; i < half.length; i++) {
    let sum = 0
    for (let tap = 0; tap < TAPS; tap++) sum += (LOW_PASS[tap] ?? 0) * (pcm[i * 2 + tap - middle] ?? 0)
    half[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)))
  }
}

/** The same sound at 8000 Hz over a SharedArrayBuffer, so that every media thread reads one copy; null for a rate other than 8000 or 16000 Hz. */
export const toTelephoneRate = (pcm: Int16Array, rate_hz: number): Int16Array | null => {
  if (rate_hz !== TELEPHONE_RATE_HZ && rate_hz !== 16_000) return null
  const length = rate_hz === TELEPHONE_RATE_HZ ? pcm.length : Math.ceil(pcm.length / 2)
  const shared = new Int16Array(new SharedArrayBuffer(length * 2))
  if (rate_hz === TELEPHONE_RATE_HZ) shared.set(pcm)
  else halve(pcm, shared)
  return shared
}
