/** 16-bit mono PCM in a RIFF file. */

export const encodeWav = (pcm: Int16Array, sample_rate_hz: number): Buffer => {
  const file = Buffer.alloc(44 + pcm.length * 2)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + pcm.length * 2, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(sample_rate_hz, 24)
  file.writeUInt32LE(sample_rate_hz * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(pcm.length * 2, 40)
  for (const [index, sample] of pcm.entries()) file.writeInt16LE(sample, 44 + index * 2)
  return file
}
