/** A person's own tokens. They reach into every organization of that person, so no organization's row-level security holds them. */
import { type ApiKeyInput, grantOf, newCredential } from '#app/api-keys.ts'
import { by } from '#app/audit.ts'
import { forgetCallers, sha256 } from '#app/authenticate.ts'
import { type App, beyondOrganization, type Caller, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { PersonalToken } from '#core/personal-token.ts'
import type { Scope } from '#core/scopes.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  insertPersonalToken,
  listPersonalTokens as listRows,
  markPersonalTokenDeleted,
} from '#store/personal-tokens.ts'

export type MadeToken = { readonly token: PersonalToken; readonly secret: string }

type Grant = { readonly name: string; readonly scopes: readonly Scope[]; readonly expires_at: string | null }

/** To be called beyond the organization. */
export const addToken = async (tx: Tx, user_id: string, grant: Grant): Promise<MadeToken> => {
  const { id, credential } = newCredential('pat')
  const token = await insertPersonalToken(tx, { id, user_id, secret_sha256: sha256(credential), ...grant })
  return { token, secret: credential }
}

/** A key belongs to an organization and speaks for nobody. */
const personOf = (caller: Caller): string => caller.user_id ?? refuse('person_required')

export const createPersonalToken = async (app: App, caller: Caller, input: ApiKeyInput): Promise<MadeToken> => {
  const user_id = personOf(caller)
  const grant = { name: input.name, ...grantOf(app, caller, input) }
  return transact(app, async tx => {
    const made = await beyondOrganization(app, tx, () => addToken(tx, user_id, grant))
    await insertAudit(tx, {
      ...by(caller),
      action: 'personal_token.create',
      subject: made.token.key_id,
      after: grant,
    })
    return made
  })
}

export const listPersonalTokens = async (app: App, caller: Caller, page: Page): Promise<Listed<PersonalToken>> =>
  listRows(app.system, personOf(caller), page)

export const deletePersonalToken = async (app: App, caller: Caller, key_id: string): Promise<void> => {
  const user_id = personOf(caller)
  await transact(app, async tx => {
    const deleted = await beyondOrganization(app, tx, () => markPersonalTokenDeleted(tx, user_id, key_id))
    if (!deleted) refuse('token_not_found', [key_id])
    await insertAudit(tx, { ...by(caller), action: 'personal_token.delete', subject: key_id })
  })
  forgetCallers(app, known => known.key_id === key_id)
}
