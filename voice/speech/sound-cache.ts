/** Sounds by key, the least recently used given up when they hold more than `limit_bytes` together. */
export type SoundCache = {
  get(key: string): Int16Array | undefined
  set(key: string, sound: Int16Array): void
}

export const createSoundCache = (limit_bytes: number): SoundCache => {
  // A Map iterates in order of insertion: what was used moves to the end, the oldest is the first.
  const sounds = new Map<string, Int16Array>()
  let bytes = 0
  const drop = (key: string): void => {
    bytes -= sounds.get(key)?.byteLength ?? 0
    sounds.delete(key)
  }
  return {
    get: key => {
      const sound = sounds.get(key)
      if (sound === undefined) return undefined
      sounds.delete(key)
      sounds.set(key, sound)
      return sound
    },
    set: (key, sound) => {
      drop(key)
      if (sound.byteLength > limit_bytes) return
      sounds.set(key, sound)
      bytes += sound.byteLength
      for (const oldest of sounds.keys()) {
        if (bytes <= limit_bytes) return
        drop(oldest)
      }
    },
  }
}
