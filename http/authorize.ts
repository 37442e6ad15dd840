/** Who is asking, and whether they may (contract: missing or unusable credential 401, usable but not for this 403). */
import { authenticate } from '#app/authenticate.ts'
import type { App, Caller } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import { holds, type Scope } from '#core/scopes.ts'

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

const ORGANIZATION_HEADERS = ['x-anyreach-org', 'x-patchcord-org'] as const
/** RFC 6750 b64token; the scheme's case does not matter (RFC 9110 11.1). */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]{1,512}=*) *$/i

const credentialOf = (headers: Headers): string => {
  const header = headers.authorization
  if (header === undefined || header === '') return refuse('credential_missing')
  return (typeof header === 'string' ? BEARER.exec(header)?.[1] : undefined) ?? refuse('credential_invalid')
}

/** A key carries its organization; naming another one beside it is a mistake worth stopping. */
const namesAnother = (headers: Headers, organization_id: string): boolean =>
  ORGANIZATION_HEADERS.some(name => {
    const value = headers[name]
    return value !== undefined && String(value).trim().toLowerCase() !== organization_id
  })

/** The caller, or a refusal. */
export const authorize = async (app: App, headers: Headers, scope: Scope): Promise<Caller> => {
  const caller = (await authenticate(app, credentialOf(headers))) ?? refuse('credential_invalid')
  if (namesAnother(headers, caller.organization_id)) refuse('organization_mismatch')
  if (!holds(caller.scopes, scope)) refuse('scope_missing', [scope])
  return caller
}
