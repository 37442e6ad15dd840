/** The API of a Patchcord that runs, as a command asks it: where it is, with which credential, and what went wrong in a sentence. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type ApiAccess = {
  /** `http://127.0.0.1:8080`. */
  readonly url: string
  readonly key: string
  /** For a personal token. */
  readonly organization_id: string | null
}

export type Environment = Readonly<Record<string, string | undefined>>

const given = (env: Environment, name: string): string | null => env[name]?.trim() || null

/** What to listen on may be every address; what to ask is one. */
const defaultUrl = (env: Environment): string => {
  const host = given(env, 'HOST') ?? '127.0.0.1'
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${given(env, 'PORT') ?? '8080'}`
}

/** As the server does (docs/self-hosting.md). */
const keyFile = (env: Environment, is_root: boolean): string =>
  join(given(env, 'DATA_DIR') ?? (is_root ? '/var/lib/patchcord' : '.patchcord'), 'bootstrap-key')

const readKey = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8').trim() || null
  } catch {
    return null
  }
}

/** Where and how to ask, or a sentence that says what is missing. */
export const findAccess = (
  wanted: { readonly host: string | null; readonly key: string | null; readonly organization_id: string | null },
  env: Environment,
  is_root: boolean,
): ApiAccess | string => {
  const file = keyFile(env, is_root)
  const key = wanted.key ?? given(env, 'PATCHCORD_KEY') ?? readKey(file)
  if (key === null) return `no key is given: use --key, or PATCHCORD_KEY; there is none in ${file} either`
  if (!/^[\x21-\x7e]+$/.test(key)) return 'the key has characters that no key has'
  return { url: wanted.host ?? defaultUrl(env), key, organization_id: wanted.organization_id }
}

/** Longer than any webhook is waited for. */
const TIMEOUT_MS = 30_000

/** Who asks, for every request. */
export const headersOf = ({ key, organization_id }: ApiAccess): Record<string, string> => ({
  authorization: `Bearer ${key}`,
  ...(organization_id === null ? {} : { 'x-patchcord-org': organization_id }),
})

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** What an error's body says: a sentence, or a list of faults. */
export const sentenceOf = (status: number, body: unknown): string => {
  const { detail } = (body ?? {}) as { readonly detail?: unknown }
  if (Array.isArray(detail))
    return detail
      .map(
        ({ loc, msg }: { readonly loc?: unknown[]; readonly msg?: string }) =>
          `${(loc ?? []).slice(1).join('.')}: ${msg}`,
      )
      .join('; ')
  return detail === undefined ? `Patchcord answers ${status}` : asText(detail)
}

const causeOf = (error: unknown): string => {
  const { cause, name } = error as { readonly cause?: { readonly code?: string }; readonly name?: string }
  return name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : (cause?.code ?? String(error))
}

/** Never rejects. */
export const postJson = async (
  access: ApiAccess,
  path: string,
  body: unknown,
): Promise<{ readonly body: unknown } | { readonly wrong: string }> => {
  const { url } = access
  const headers = { ...headersOf(access), 'content-type': 'application/json' }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal })
    const text = await answer.text()
    const json: unknown = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null
    if (answer.ok && json !== null) return { body: json }
    return { wrong: answer.ok ? `${url} answers, but is no Patchcord` : sentenceOf(answer.status, json) }
  } catch (error) {
    return { wrong: `Patchcord cannot be reached at ${url} (${causeOf(error)}); is it running? npm start, or --host` }
  }
}
