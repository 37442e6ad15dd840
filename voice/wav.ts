/** RIFF WAVE files with 16-bit PCM, mono: what flite writes, and what people give to and get from `npm run call`. */

export type Wav = { readonly rate_hz: number; readonly pcm: Int16Array }

const PCM = 1

/** The sound, or a sentence that says what is wrong with the file. Never throws; a cut-off file gives what is there. */
export const parseWav = (file: Buffer): Wav | string => {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') return 'is not a WAV file'
  let rate_hz: number | null = null
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4)
    const size = file.readUInt32LE(at + 4)
    const content = file.subarray(at + 8, at + 8 + size)
    if (id === 'fmt ' && content.length >= 16) {
      const [format, channels, bits] = [content.readUInt16LE(0), content.readUInt16LE(2), content.readUInt16LE(14)]
      if (format !== PCM || channels !== 1 || bits !== 16) {
        return `has format ${format}, ${channels} channel(s) and ${bits} bits a sample; mono 16-bit PCM is needed`
      }
      rate_hz = content.readUInt32LE(4)
    }
    if (id === 'data') {
      if (rate_hz === null) return 'has no format before its data'
      const pcm = new Int16Array(content.length >> 1)
      for (let i = 0; i < pcm.length; i++) pcm[i] = content.readInt16LE(i * 2)
      return { rate_hz, pcm }
    }
    at += 8 + size + (size % 2)
  }
  return 'has no data'
}

export const buildWav = ({ rate_hz, pcm }: Wav): Buffer => {
  const file = Buffer.alloc(44 + pcm.length * 2)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + pcm.length * 2, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(PCM, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rate_hz, 24)
  file.writeUInt32LE(rate_hz * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(pcm.length * 2, 40)
  for (let i = 0; i < pcm.length; i++) file.writeInt16LE(pcm[i] ?? 0, 44 + i * 2)
  return file
}
