/** Is somebody speaking? Energy of 20 ms frames with hysteresis. Pure. */

/** -41 dBFS; speech on a telephone line is about -26, the noise of a good line below -50. */
const LOUD_RMS = 300
const QUIET_RMS = 200
/** 60 ms: a click is not speech. */
const FRAMES_TO_START = 3
/** 500 ms: a pause between words is not the end. */
const FRAMES_TO_STOP = 25

export type Activity = {
  readonly speaking: boolean
  /** Frames in a row that speak for the other state. */
  readonly frames: number
}

export const SILENT: Activity = { speaking: false, frames: 0 }

/** The next state after a frame of this energy (0 where no frame came). Returns the same object when nothing changed. */
export const hear = (state: Activity, rms: number): Activity => {
  const against = state.speaking ? rms < QUIET_RMS : rms > LOUD_RMS
  if (!against) return state.frames === 0 ? state : { speaking: state.speaking, frames: 0 }
  const frames = state.frames + 1
  const enough = state.speaking ? FRAMES_TO_STOP : FRAMES_TO_START
  return frames >= enough ? { speaking: !state.speaking, frames: 0 } : { speaking: state.speaking, frames }
}

/** Root mean square of the first `count` samples, 0–32767. */
export const rmsOf = (pcm: Int16Array, count: number): number => {
  if (count === 0) return 0
  let sum = 0
  for (let i = 0; i < count; i++) {
    const sample = pcm[i] ?? 0
    sum += sample * sample
  }
  return Math.sqrt(sum / count)
}
