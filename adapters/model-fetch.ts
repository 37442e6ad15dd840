/** How a language model's server is asked over HTTP: again when it is busy, and never for more than it should answer. */
import type { ReadableStream as WebStream } from 'node:stream/web'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Dispatcher, fetch as undiciFetch } from 'undici'
import { modelFault, toUnreachable } from '#adapters/model-fault.ts'
import type { Log } from '#app/ports.ts'

export type ModelFetchOptions = {
  readonly dispatcher: Dispatcher
  readonly log: Log
  /** For tests; else the timers'. Rejects when the signal is aborted. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

const ATTEMPTS_LIMIT = 3
const BACKOFF_MS = 500
/** Whoever asks to be left alone for longer is not waited for: the time for the first word is over by then. */
const RETRY_AFTER_LIMIT_MS = 20_000
/** After decoding. A whole answer of 32,000 tokens streamed one by one is about 8 MB. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024

const isBusy = (status: number): boolean => status === 408 || status === 429 || status >= 500

/** RFC 9110 10.2.3, seconds or a date; null: nothing is said. */
const retryAfterMs = (headers: { get(name: string): string | null }): number | null => {
  const text = headers.get('retry-after')
  if (text === null) return null
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

/** Between half and one and a half of it, so that those refused at once do not come back at once. */
const jittered = (ms: number): number => ms * (0.5 + Math.random())

const bounded = (body: WebStream<Uint8Array>): ReadableStream<Uint8Array> => {
  let left_bytes = BODY_LIMIT_BYTES
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      left_bytes -= chunk.length
      if (left_bytes < 0) controller.error(modelFault('model_broken_stream', ['the answer is too large']))
      else controller.enqueue(chunk)
    },
  })
  return (body as unknown as ReadableStream<Uint8Array>).pipeThrough(limit)
}

const waitFor = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, undefined, { signal })

/** Throws `model_unreachable` as a refusal, or the signal's reason; every answer of the server is an answer. */
export const createModelFetch = ({ dispatcher, log, wait = waitFor }: ModelFetchOptions): typeof fetch => {
  const attempt = async (url: string, init: RequestInit, signal: AbortSignal) => {
    try {
      const { method, headers, body } = init
      return await undiciFetch(url, {
        ...{ dispatcher, signal, redirect: 'manual' },
        ...{ method: method ?? 'GET', headers: headers as Record<string, string>, body: String(body) },
      })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      return toUnreachable(error)
    }
  }
  return async (input, init = {}) => {
    const url = String(input)
    const signal = init.signal ?? new AbortController().signal
    for (let attempts = 1; ; attempts++) {
      const response = await attempt(url, init, signal)
      const failed = response instanceof Error
      if (!failed && !isBusy(response.status)) return answer(response)
      const asked_ms = failed ? null : retryAfterMs(response.headers)
      const delay_ms = asked_ms ?? jittered(BACKOFF_MS * 2 ** (attempts - 1))
      const reason = failed ? (response.refusal.detail ?? '') : `HTTP ${response.status}`
      log.warn({ host: new URL(url).host, reason, attempts }, 'a language model did not take a request')
      if (attempts === ATTEMPTS_LIMIT || delay_ms > RETRY_AFTER_LIMIT_MS) {
        if (failed) throw response
        return answer(response)
      }
      if (!failed) await response.body?.cancel()
      await wait(delay_ms, signal)
    }
  }
}

const answer = (response: Awaited<ReturnType<typeof undiciFetch>>): Response =>
  new Response(response.body === null ? null : bounded(response.body as WebStream<Uint8Array>), {
    // A response of status 0 to 199 cannot be made; a redirect that is not followed keeps its own.
    status: response.status,
    headers: [...response.headers],
  })
