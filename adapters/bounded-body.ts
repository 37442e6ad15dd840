/** A body, unpacked, and never more of it than the limit: a bomb is left where it was found. */
import { pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Dispatcher } from 'undici'
import { ReadFault } from '#adapters/read-fault.ts'

/** What is asked for; servers that send something else send what nobody wanted. */
export const ACCEPT_ENCODING = 'gzip, deflate, br'

const unpackerFor = (encoding: string): Transform | null => {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return null
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new ReadFault('unreadable')
  }
}

/** Pieces of the body as they come, unpacked. Throws a `ReadFault` at the limit, packed or not, and when it cannot be unpacked. */
export async function* unpacked(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  encoding: string,
  limit_bytes: number,
): AsyncGenerator<Buffer> {
  const unpacker = unpackerFor(encoding)
  let left_bytes = limit_bytes
  const source = unpacker === null ? body : pipeline(body, unpacker, () => undefined)
  try {
    for await (const chunk of source) {
      left_bytes -= chunk.length
      if (left_bytes < 0) throw new ReadFault('too_large')
      yield chunk
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw code.startsWith('Z_') || code.startsWith('ERR_') ? new ReadFault('unreadable') : error
  } finally {
    unpacker?.destroy()
    body.destroy()
  }
}

/** Lets go of a body that is not read. */
export const discard = (body: Dispatcher.ResponseData['body']): void => {
  body.on('error', () => undefined).destroy()
}

/** Everything, in one piece. A length that is too great is believed at once. */
export const readBytes = async (response: Dispatcher.ResponseData, limit_bytes: number): Promise<Buffer> => {
  const { headers, body } = response
  if (Number(headers['content-length'] ?? 0) > limit_bytes) {
    discard(body)
    throw new ReadFault('too_large')
  }
  const chunks: Buffer[] = []
  for await (const chunk of unpacked(body, String(headers['content-encoding'] ?? ''), limit_bytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
