/** Bodies are JSON in UTF-8, or absent. */
import type { FastifyInstance } from 'fastify'
import { refuse } from '#app/refused.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Buffer): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    // Bytes that are no UTF-8 would be stored as U+FFFD without a word.
    return refuse('malformed_json')
  }
}

/** `{"__proto__": …}` and `{"constructor": {"prototype": …}}` are refused like bad syntax. An empty body is no body. */
export const acceptJson = (server: FastifyInstance): void => {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      const text = decode(bytes as Buffer)
      if (text === '') done(null, undefined)
      else parse(request, text, done)
    } catch (error) {
      done(error as Error)
    }
  })
}
