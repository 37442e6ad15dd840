/** Bytes of the web as text, in the character set that they claim; never throws. */
const charsetOf = (content_type: string, bytes: Uint8Array): string => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  const said = /charset=["']?([\w-]{2,40})/i.exec(content_type)?.[1]
  // HTML 13.2.3.2: within the first 1024 bytes.
  const head = () => new TextDecoder('latin1').decode(bytes.subarray(0, 1024))
  return said ?? /<meta[^>]{0,200}charset=["']?([\w-]{2,40})/i.exec(head())?.[1] ?? 'utf-8'
}

export const decodeText = (bytes: Uint8Array, content_type: string): string => {
  const charset = charsetOf(content_type, bytes)
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
