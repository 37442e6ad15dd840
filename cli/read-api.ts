/** Reading from the API of a Patchcord that runs: answers that are asked for again and again, and answers that stream. */
import { type ApiAccess, headersOf, sentenceOf } from '#cli/patchcord-api.ts'

const TIMEOUT_MS = 10_000
/** A stream that is alive says something every 15 s. */
const SILENCE_MS = 40_000

export type Read =
  | { readonly body: unknown }
  /** `is_final`: it will say the same again. */
  | { readonly wrong: string; readonly is_final: boolean }

const isFinal = (status: number): boolean => status >= 400 && status <= 499 && status !== 429

/** Never rejects. */
export const getJson = async (access: ApiAccess, path: string): Promise<Read> => {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(`${access.url}${path}`, { headers: headersOf(access), signal })
    const body: unknown = JSON.parse(await answer.text())
    if (answer.ok) return { body }
    return { wrong: sentenceOf(answer.status, body), is_final: isFinal(answer.status) }
  } catch {
    return { wrong: `Patchcord does not answer at ${access.url}`, is_final: false }
  }
}

/** Pieces of a stream as they come; ends without one where there is none, rejects when it breaks or falls silent. */
export async function* openStream(access: ApiAccess, path: string): AsyncGenerator<string> {
  const over = new AbortController()
  const silence = (): NodeJS.Timeout => setTimeout(() => over.abort(), SILENCE_MS)
  let timer = silence()
  try {
    const headers = { ...headersOf(access), accept: 'text/event-stream' }
    const answer = await fetch(`${access.url}${path}`, { headers, signal: over.signal })
    const is_stream = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    if (!answer.ok || !is_stream || answer.body === null) return
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer)
      timer = silence()
      yield piece
    }
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}
