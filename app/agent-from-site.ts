/** An agent out of a website: begun here, read and written in the background (workflows/), and made in one transaction. */
import { createAgent } from '#app/agents.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { createKnowledgeBase, getKnowledgeBase } from '#app/knowledge.ts'
import { addPages } from '#app/knowledge-content.ts'
import { publish } from '#app/publish.ts'
import { refuse } from '#app/refused.ts'
import { createVersion } from '#app/versions.ts'
import { startWorkflow } from '#app/workflows.ts'
import { refuseUrl, URL_REFUSALS } from '#core/outbound-url.ts'
import type { SitePage } from '#core/site.ts'
import { parseSiteAddress } from '#core/site-address.ts'
import type { SiteFacts } from '#core/site-facts.ts'
import { factsOnPage } from '#core/site-inputs.ts'
import { type AgentConfig, type JsonObject, withGenerated } from '#core/version.ts'
import type { WorkflowResult } from '#core/workflow.ts'
import type { WrittenBy, WrittenInstructions } from '#core/writer.ts'
import { findAgent, lockAgent } from '#store/agents.ts'
import type { Tx } from '#store/database.ts'
import { lockKnowledgeBase } from '#store/knowledge-bases.ts'
import { hasFreeNumber, lockFreeNumber } from '#store/numbers.ts'
import { findVersion } from '#store/versions.ts'

/** What somebody asks for. */
export type SiteOrder = {
  /** null: as the website calls itself. */
  readonly company_name: string | null
  /** A URL, or a host. */
  readonly company_website: string
  readonly company_overview: string | null
  /** What the customer wants of the agent. */
  readonly instructions: string | null
  readonly is_demo: boolean
  readonly demo_type: string | null
  /** The version stays a draft. */
  readonly skip_deployment: boolean
  readonly include_phone_number: boolean
  /** By its provider's name. */
  readonly voice_id: string | null
  readonly avatar_url: string | null
  /** A new draft of it, in place of a new agent. */
  readonly existing_agent_id: string | null
  /** Pages are added to it, in place of a new one. */
  readonly existing_collection_id: string | null
}

/** Refused while somebody waits for the answer, not when the website is read; names are looked up only then. */
const readAddress = (app: App, text: string): string => {
  const url = parseSiteAddress(text)
  const refusal = url === null ? 'url_malformed' : refuseUrl(url.href, app.outbound_allow)
  if (url === null || refusal !== null) return refuse('website_refused', [URL_REFUSALS[refusal ?? 'url_malformed']])
  return url.href
}

/** Returns the workflow's id. What is named must exist; it is looked for again when the agent is made. */
export const startAgentFromSite = async (
  app: App,
  caller: Caller,
  type: 'create_from_website' | 'create_demo',
  order: SiteOrder,
): Promise<string> => {
  const { organization_id } = caller
  const { existing_agent_id, existing_collection_id, include_phone_number } = order
  const company_website = readAddress(app, order.company_website)
  if (existing_agent_id !== null && !(await findAgent(app.db, organization_id, existing_agent_id)))
    refuse('agent_not_found', [existing_agent_id])
  if (existing_collection_id !== null) await getKnowledgeBase(app, caller, existing_collection_id)
  if (include_phone_number && !(await hasFreeNumber(app.db, organization_id))) refuse('number_none_free')
  return transact(app, tx => startWorkflow(app, tx, caller, type, { ...order, company_website }))
}

/** All that the agent is made from. */
export type SiteAgent = {
  readonly order: SiteOrder
  readonly company_name: string
  readonly language: string
  readonly pages: readonly SitePage[]
  readonly facts: SiteFacts
  /** What the instructions were written from. */
  readonly inputs: JsonObject
  readonly written: WrittenInstructions
  readonly written_by: WrittenBy
}

const TOP_N = 5

const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null ? (value as JsonObject) : {}

const configOf = (base: AgentConfig, { order, language, written }: SiteAgent, collection_id: string): AgentConfig => {
  const others = [base.knowledge_bases ?? []].flat().filter(each => objectOf(each).id !== collection_id)
  const speech = objectOf(base.stt_llm_tts)
  const voice = order.voice_id === null ? {} : { voice: order.voice_id }
  return withGenerated(
    {
      ...base,
      language,
      knowledge_bases: [...others, { id: collection_id, top_n: TOP_N }],
      stt_llm_tts: { ...speech, tts: { ...objectOf(speech.tts), ...voice } },
    },
    written,
  )
}

const metadataOf = ({ order, facts }: SiteAgent): JsonObject => ({
  company_website: order.company_website,
  ...(order.demo_type === null ? {} : { demo_type: order.demo_type }),
  ...(order.avatar_url === null ? {} : { avatar_url: order.avatar_url }),
  brand: { colors: facts.colors.map(({ text }) => text), logo: facts.logo?.text ?? null },
})

const DESCRIPTION_LIMIT = 5000

const makeAgent = async (app: App, caller: Caller, site: SiteAgent): Promise<string> => {
  const { order, company_name, facts } = site
  const description = order.company_overview ?? facts.description?.text ?? null
  const { id } = await createAgent(app, caller, {
    name: company_name,
    description: description?.slice(0, DESCRIPTION_LIMIT) ?? null,
    active: true,
    is_demo: order.is_demo,
    metadata: metadataOf(site),
  })
  return id
}

/** It may have been deleted since the order was given, and is not while this transaction lasts. */
const lockCollection = async (tx: Tx, { organization_id }: Caller, id: string): Promise<string> =>
  ((await lockKnowledgeBase(tx, organization_id, id)) ?? refuse('knowledge_base_not_found', [id])).id

/** In the transaction that `app` has joined. Everything or nothing: collection, agent, version, publication and number. */
export const makeAgentFromSite = async (app: App, caller: Caller, site: SiteAgent): Promise<WorkflowResult> =>
  transact(app, async tx => {
    const { organization_id } = caller
    const { order, company_name, language, pages, facts, inputs, written_by } = site
    const { existing_agent_id, existing_collection_id } = order
    // Before the collection, as publishing has it: else each might wait for the other.
    if (existing_agent_id !== null && !(await lockAgent(tx, organization_id, existing_agent_id)))
      refuse('agent_not_found', [existing_agent_id])
    const collection_id =
      existing_collection_id === null
        ? (
            await createKnowledgeBase(tx, caller, {
              name: company_name,
              description: `Read from ${order.company_website}`,
              language,
            })
          ).id
        : await lockCollection(tx, caller, existing_collection_id)
    const with_facts = pages.map(({ url, title, markdown }) => {
      const said = factsOnPage(facts, url)
      return { url, title, markdown: said === '' ? markdown : `${markdown}\n\n${said}` }
    })
    await addPages(tx, organization_id, collection_id, with_facts)
    const agent_id = existing_agent_id ?? (await makeAgent(app, caller, site))
    const newest = existing_agent_id === null ? undefined : await findVersion(tx, organization_id, agent_id, 'latest')
    const config = configOf(newest?.config ?? app.default_config, site, collection_id)
    const { version } = await createVersion(app, caller, agent_id, {
      config,
      generated_from: inputs,
      generated_by: written_by,
    })
    const made = { agent_id, version, collection_id }
    // Whoever has an agent already looks at the draft before it answers anybody.
    if (order.skip_deployment || existing_agent_id !== null) return { ...made, phone_numbers: [] }
    const number = order.include_phone_number ? await lockFreeNumber(tx, organization_id) : undefined
    if (order.include_phone_number && number === undefined) refuse('number_none_free')
    const phone_numbers = number === undefined ? [] : [number]
    await publish(app, caller, agent_id, version, { phone_numbers, unassign_phone_numbers: [], direction: 'inbound' })
    return { ...made, phone_numbers }
  })
