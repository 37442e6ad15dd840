/** An organization's own language model: set, shown without its key, and opened for whoever writes. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import type { Clock } from '#app/ports.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import type { ModelSettings, ModelUsage, OrganizationModel, TokenPrices } from '#core/language-model.ts'
import { refuseUrl, URL_REFUSALS } from '#core/outbound-url.ts'
import type { Usage } from '#core/writer.ts'
import { insertAudit } from '#store/audit.ts'
import type { Db } from '#store/database.ts'
import {
  addUsage,
  findLanguageModel,
  type LanguageModelRow,
  lockLanguageModel,
  sumUsage,
  updateLanguageModel,
} from '#store/language-models.ts'
import { SealedError, type SecretBox } from '#store/secret-box.ts'

const purposeOf = (organization_id: string): string => `language model ${organization_id}`

const pricesOf = ({ input_usd_per_mtok, output_usd_per_mtok }: LanguageModelRow): TokenPrices | null =>
  input_usd_per_mtok === null || output_usd_per_mtok === null ? null : { input_usd_per_mtok, output_usd_per_mtok }

const shown = (row: LanguageModelRow): OrganizationModel | null => {
  const { base_url, model, api_key, revision, updated_at } = row
  if (base_url === null || model === null) return null
  return { base_url, model, prices: pricesOf(row), has_api_key: api_key !== null, revision, updated_at }
}

/** A key that SECRET_KEY no longer opens is given again, or the model is deleted; nobody else writes in its place. */
const openKey = (secrets: SecretBox, organization_id: string, sealed: string): string => {
  try {
    return secrets.open(sealed, purposeOf(organization_id))
  } catch (error) {
    if (!(error instanceof SealedError)) throw error
    return refuse('model_refused', ['its stored key can no longer be opened: set it again'])
  }
}

/** For whoever writes, with the key; null: the organization has set none. */
export const modelSettingsOf = async (
  db: Db,
  secrets: SecretBox,
  organization_id: string,
): Promise<ModelSettings | null> => {
  const row = await findLanguageModel(db, organization_id)
  if (!row || row.base_url === null || row.model === null) return null
  const { base_url, model, api_key } = row
  const key = api_key === null ? null : openKey(secrets, organization_id, api_key)
  return { base_url, model, prices: pricesOf(row), api_key: key }
}

/** The calendar's day in UTC. */
const dayOf = (clock: Clock): string => new Date(clock.now_ms()).toISOString().slice(0, 10)

export const countUsage = (db: Db, clock: Clock, organization_id: string, usage: Usage): Promise<void> =>
  addUsage(db, organization_id, dayOf(clock), usage)

export type LanguageModelState = {
  /** null: none of its own. */
  readonly own: OrganizationModel | null
  /** The installation's, which writes where there is none of one's own; null: there is none. */
  readonly installed_model: string | null
  readonly revision: number
  /** Since the first of the month, UTC. */
  readonly usage: readonly ModelUsage[]
}

const stateOf = async (
  app: App,
  db: Db,
  organization_id: string,
  row?: LanguageModelRow,
): Promise<LanguageModelState> => ({
  own: row ? shown(row) : null,
  installed_model: app.writers.installed_model,
  revision: row?.revision ?? 0,
  usage: await sumUsage(db, organization_id, `${dayOf(app.clock).slice(0, 7)}-01`),
})

export const getLanguageModel = async (app: App, caller: Caller): Promise<LanguageModelState> => {
  const { organization_id } = caller
  return stateOf(app, app.db, organization_id, await findLanguageModel(app.db, organization_id))
}

export type LanguageModelInput = {
  readonly base_url: string
  readonly model: string
  /** null: it needs none; absent: the one that is stored, which stays with its base_url. */
  readonly api_key?: string | null
  readonly prices: TokenPrices | null
}

const requireUrl = (app: App, base_url: string): void => {
  const refusal = refuseUrl(base_url, app.outbound_allow)
  if (refusal !== null) refuse('model_url_refused', [URL_REFUSALS[refusal]])
  // What is put behind it would end up behind these.
  if (/[?#]/.test(base_url)) refuse('model_url_refused', ['It must not have a query or a fragment.'])
}

/** A key is only ever sent to where it was given for: whoever may change the URL has not for that seen the key. */
const keyFor = (app: App, organization_id: string, input: LanguageModelInput, before: LanguageModelRow) => {
  if (input.api_key === null) return null
  if (input.api_key !== undefined) return app.secrets.seal(input.api_key, purposeOf(organization_id))
  if (before.base_url !== null && before.base_url !== input.base_url && before.api_key !== null)
    return refuse('model_key_needed')
  return before.api_key
}

const audited = (row: LanguageModelRow): object => {
  const { base_url, model, input_usd_per_mtok, output_usd_per_mtok, api_key } = row
  return { base_url, model, input_usd_per_mtok, output_usd_per_mtok, has_api_key: api_key !== null }
}

export const putLanguageModel = async (
  app: App,
  caller: Caller,
  input: LanguageModelInput,
): Promise<LanguageModelState> => {
  const { organization_id } = caller
  requireUrl(app, input.base_url)
  return transact(app, async tx => {
    const before = await lockLanguageModel(tx, organization_id)
    requireMatch(caller, { id: organization_id, revision: before.revision })
    const after = await updateLanguageModel(tx, organization_id, {
      base_url: input.base_url,
      model: input.model,
      api_key: keyFor(app, organization_id, input, before),
      input_usd_per_mtok: input.prices?.input_usd_per_mtok ?? null,
      output_usd_per_mtok: input.prices?.output_usd_per_mtok ?? null,
    })
    await insertAudit(tx, {
      ...by(caller),
      action: 'language_model.update',
      subject: organization_id,
      before: audited(before),
      after: audited(after),
    })
    return stateOf(app, tx, organization_id, after)
  })
}

/** From then on the installation's model writes, or the offline writer. */
export const deleteLanguageModel = async (app: App, caller: Caller): Promise<void> => {
  const { organization_id } = caller
  await transact(app, async tx => {
    const before = await lockLanguageModel(tx, organization_id)
    requireMatch(caller, { id: organization_id, revision: before.revision })
    if (before.base_url === null) refuse('model_not_set')
    const nothing = { base_url: null, model: null, api_key: null, input_usd_per_mtok: null, output_usd_per_mtok: null }
    await updateLanguageModel(tx, organization_id, nothing)
    await insertAudit(tx, {
      ...by(caller),
      action: 'language_model.delete',
      subject: organization_id,
      before: audited(before),
    })
  })
}
