/** Organizations' own language models, one row each once one was set, and what was used of any. */
import { sql } from 'kysely'
import type { ModelUsage } from '#core/language-model.ts'
import type { Usage } from '#core/writer.ts'
import type { Db, Tx } from '#store/database.ts'

/** `base_url` null: none. `api_key` as sealed. */
export type LanguageModelRow = {
  readonly base_url: string | null
  readonly model: string | null
  readonly api_key: string | null
  readonly input_usd_per_mtok: number | null
  readonly output_usd_per_mtok: number | null
  readonly revision: number
  readonly updated_at: string
}

const COLUMNS = [
  'base_url',
  'model',
  'api_key',
  'input_usd_per_mtok',
  'output_usd_per_mtok',
  'revision',
  'updated_at',
] as const

const of = (db: Db, organization_id: string) =>
  db.selectFrom('language_models').select(COLUMNS).where('organization_id', '=', organization_id)

export const findLanguageModel = async (db: Db, organization_id: string): Promise<LanguageModelRow | undefined> =>
  of(db, organization_id).executeTakeFirst()

/** Under lock; made without a model where there was no row, at revision 0. */
export const lockLanguageModel = async (tx: Tx, organization_id: string): Promise<LanguageModelRow> => {
  await tx
    .insertInto('language_models')
    .values({ organization_id, revision: 0 })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  return of(tx, organization_id).forNoKeyUpdate().executeTakeFirstOrThrow()
}

export const updateLanguageModel = async (
  tx: Tx,
  organization_id: string,
  content: Omit<LanguageModelRow, 'revision' | 'updated_at'>,
): Promise<LanguageModelRow> =>
  tx
    .updateTable('language_models')
    .set({ ...content, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('organization_id', '=', organization_id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

/** `day`: YYYY-MM-DD, UTC. */
export const addUsage = async (db: Db, organization_id: string, day: string, usage: Usage): Promise<void> => {
  const { model, input_tokens, output_tokens, cost_usd } = usage
  await sql`insert into language_model_usage as total
      (organization_id, day, model, requests, input_tokens, output_tokens, cost_usd, unpriced_requests)
    values (${organization_id}, ${day}, ${model}, 1, ${input_tokens}, ${output_tokens}, ${cost_usd ?? 0},
      ${cost_usd === null ? 1 : 0})
    on conflict (organization_id, day, model) do update set
      requests = total.requests + 1,
      input_tokens = total.input_tokens + excluded.input_tokens,
      output_tokens = total.output_tokens + excluded.output_tokens,
      cost_usd = total.cost_usd + excluded.cost_usd,
      unpriced_requests = total.unpriced_requests + excluded.unpriced_requests`.execute(db)
}

/** From that day on, by model. */
export const sumUsage = async (db: Db, organization_id: string, from_day: string): Promise<readonly ModelUsage[]> => {
  const { rows } = await sql<ModelUsage>`
    select model, sum(requests)::bigint as requests, sum(input_tokens)::bigint as input_tokens,
      sum(output_tokens)::bigint as output_tokens,
      case when sum(unpriced_requests) = 0 then sum(cost_usd) end as cost_usd
    from language_model_usage where organization_id = ${organization_id} and day >= ${from_day}
    group by model order by model`.execute(db)
  return rows
}
