/** Text to sound: Debian's flite where it is installed, else the WebAssembly build from npm. */
import type { Synthesizer } from '#voice/rtp/media-types.ts'
import { DEFAULT_VOICE, FLITE_VOICES, type SpeechEngine } from '#voice/speech/engine.ts'
import { findFlite } from '#voice/speech/flite-program.ts'
import { loadFliteWasi } from '#voice/speech/flite-wasi.ts'
import { createSoundCache } from '#voice/speech/sound-cache.ts'
import { toTelephoneRate } from '#voice/telephone-rate.ts'
import { parseWav } from '#voice/wav.ts'

export type SynthesizerLimits = {
  readonly text_length: number
  /** Of one synthesis, once it runs. */
  readonly time_ms: number
  readonly cache_bytes: number
  /** Syntheses at once; the others wait. */
  readonly at_once: number
  /** More than these waiting are refused. */
  readonly waiting: number
}

/** An agent's starting message is at most 5000 characters (about 5 minutes, 3 s of work in WebAssembly). */
export const SYNTHESIZER_LIMITS: SynthesizerLimits = {
  text_length: 10_000,
  time_ms: 20_000,
  cache_bytes: 64 * 1024 * 1024,
  at_once: 2,
  waiting: 1000,
}

/** C0 controls are nothing to be said, and a NUL would end the argument. */
const speakable = (text: string): string => text.replace(/[\x00-\x1f\x7f]+/g, ' ').trim()

const synthesize = async (engine: SpeechEngine, text: string, voice: string, signal: AbortSignal) => {
  const wav = parseWav(await engine.speak(text, voice, signal))
  if (typeof wav === 'string') throw new Error(`what ${engine.name} wrote ${wav}`)
  const sound = toTelephoneRate(wav.pcm, wav.rate_hz)
  if (sound === null) throw new Error(`${engine.name} speaks at ${wav.rate_hz} Hz`)
  return sound
}

/** A voice that flite has not speaks as slt. Requests for the same text and voice at the same time share one synthesis. */
export const createSynthesizer = (engine: SpeechEngine, limits = SYNTHESIZER_LIMITS): Synthesizer => {
  const cache = createSoundCache(limits.cache_bytes)
  const making = new Map<string, Promise<Int16Array>>()
  const waiting: (() => void)[] = []
  const closing = new AbortController()
  let running = 0

  const turn = async (): Promise<void> => {
    if (running < limits.at_once) running++
    else await new Promise<void>(resolve => waiting.push(resolve))
  }
  const next = (): void => {
    const waiter = waiting.shift()
    if (waiter === undefined) running--
    else waiter()
  }

  const make = async (key: string, text: string, voice: string): Promise<Int16Array> => {
    await turn()
    try {
      closing.signal.throwIfAborted()
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(limits.time_ms)])
      const sound = await synthesize(engine, text, voice, signal)
      cache.set(key, sound)
      return sound
    } finally {
      making.delete(key)
      next()
    }
  }

  return {
    engine: engine.name,
    say: async (text, voice) => {
      const clean = speakable(text)
      if (clean.length > limits.text_length) throw new Error(`a text of ${clean.length} characters is too long to say`)
      if (clean === '') return new Int16Array(new SharedArrayBuffer(0))
      const known = FLITE_VOICES.includes(voice) ? voice : DEFAULT_VOICE
      const key = `${known} ${clean}`
      const cached = cache.get(key) ?? making.get(key)
      if (cached !== undefined) return cached
      if (waiting.length >= limits.waiting) throw new Error('too many texts are waiting to be synthesized')
      const promise = make(key, clean, known)
      making.set(key, promise)
      return promise
    },
    close: async () => {
      closing.abort(new Error('the synthesizer was closed'))
      await Promise.allSettled(making.values())
    },
  }
}

/** The best engine of this machine. */
export const openSynthesizer = async (): Promise<Synthesizer> =>
  createSynthesizer((await findFlite()) ?? (await loadFliteWasi()))
