/** An organization's keys: made, listed, deleted. The secret is shown once and kept only as a hash. */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { by } from '#app/audit.ts'
import { forgetCallers, sha256 } from '#app/authenticate.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { ApiKey } from '#core/api-key.ts'
import { holds, READ_SCOPES, type Scope } from '#core/scopes.ts'
import { insertApiKey, listApiKeys as listRows, markApiKeyDeleted, type NewApiKey } from '#store/api-keys.ts'
import { insertAudit } from '#store/audit.ts'
import type { Listed, Page } from '#store/keyset.ts'

/** 256 random bits and a CRC-32 over them, by which a secret scanner tells a real key from a lookalike. */
const newSecret = (): string => {
  const random = randomBytes(32)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(random))
  return Buffer.concat([random, checksum]).toString('base64url')
}

/** `ak_<id>.<secret>`, or a person's `pat_<id>.<secret>`, and its id. */
export const newCredential = (kind: 'ak' | 'pat' = 'ak'): { readonly id: string; readonly credential: string } => {
  const id = randomBytes(9).toString('hex')
  return { id, credential: `${kind}_${id}.${newSecret()}` }
}

export const keyRow = (
  credential: string,
  row: Pick<NewApiKey, 'id' | 'organization_id' | 'name' | 'scopes' | 'created_by' | 'expires_at'>,
): NewApiKey => ({ ...row, secret_sha256: sha256(credential) })

export type ApiKeyInput = {
  readonly name: string
  /** Milliseconds since 1970; null: never. */
  readonly expires_at_ms: number | null
  /** Default: every read its creator holds. */
  readonly scopes?: readonly Scope[]
}

/** What a new credential may do and until when: never more, and never longer, than the one it is made with. */
export const grantOf = (app: App, caller: Caller, input: ApiKeyInput) => {
  const scopes = input.scopes ?? READ_SCOPES.filter(scope => holds(caller.scopes, scope))
  const beyond = scopes.filter(scope => !holds(caller.scopes, scope))
  if (beyond.length > 0) refuse('scopes_exceed_creator', beyond)
  if (input.expires_at_ms !== null && input.expires_at_ms <= app.clock.now_ms()) refuse('expiry_in_past')
  const limits_ms = [input.expires_at_ms, caller.expires_at === undefined ? null : Date.parse(caller.expires_at)]
  const expires_at_ms = Math.min(...limits_ms.map(limit_ms => limit_ms ?? Number.POSITIVE_INFINITY))
  return { scopes, expires_at: Number.isFinite(expires_at_ms) ? new Date(expires_at_ms).toISOString() : null }
}

export const createApiKey = async (
  app: App,
  caller: Caller,
  input: ApiKeyInput,
): Promise<{ readonly key: ApiKey; readonly secret: string }> => {
  const { scopes, expires_at } = grantOf(app, caller, input)
  const { id, credential } = newCredential()
  const row = keyRow(credential, {
    id,
    organization_id: caller.organization_id,
    name: input.name,
    scopes,
    created_by: caller.key_id,
    expires_at,
  })
  const key = await transact(app, async tx => {
    await insertAudit(tx, {
      ...by(caller),
      action: 'api_key.create',
      subject: id,
      after: { name: input.name, scopes, expires_at },
    })
    return insertApiKey(tx, row)
  })
  return { key, secret: credential }
}

export const listApiKeys = async (app: App, caller: Caller, page: Page): Promise<Listed<ApiKey>> =>
  listRows(app.db, caller.organization_id, page)

export const deleteApiKey = async (app: App, caller: Caller, key_id: string): Promise<void> => {
  const { organization_id } = caller
  await transact(app, async tx => {
    if (!(await markApiKeyDeleted(tx, organization_id, key_id))) refuse('key_not_found', [key_id])
    await insertAudit(tx, { ...by(caller), action: 'api_key.delete', subject: key_id })
  })
  forgetCallers(app, known => known.key_id === key_id)
}
