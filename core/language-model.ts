/** The language model that an organization, or this installation, has things written by. */

/** What tokens cost. */
export type TokenPrices = { readonly input_usd_per_mtok: number; readonly output_usd_per_mtok: number }

export type ModelSettings = {
  /** What `/chat/completions` is put behind: an OpenAI-compatible endpoint. */
  readonly base_url: string
  readonly api_key: string | null
  /** By the endpoint's name for it. */
  readonly model: string
  /** null: costs are not known. */
  readonly prices: TokenPrices | null
}

/** An organization's own, as it is shown: without its key. */
export type OrganizationModel = Omit<ModelSettings, 'api_key'> & {
  readonly has_api_key: boolean
  readonly revision: number
  readonly updated_at: string
}

/** What was asked of models since a day, by name of the model. */
export type ModelUsage = {
  readonly model: string
  readonly requests: number
  readonly input_tokens: number
  readonly output_tokens: number
  /** null: of some of it the costs are not known. */
  readonly cost_usd: number | null
}

export const costOf = (prices: TokenPrices | null, input_tokens: number, output_tokens: number): number | null =>
  prices === null
    ? null
    : (input_tokens * prices.input_usd_per_mtok + output_tokens * prices.output_usd_per_mtok) / 1_000_000
