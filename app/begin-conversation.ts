/** Begins a written conversation with an agent, a version, or a config that is no version. */
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import { createTextChannel } from '#app/text-channel.ts'
import { carryOut } from '#core/carry-out.ts'
import type { Conversation } from '#core/conversation.ts'
import { createMind } from '#core/mind.ts'
import { mindConfigOf, replyLimitOf, variablesOf } from '#core/mind-config.ts'
import type { AgentConfig, JsonObject, VersionRef } from '#core/version.ts'
import { findAgent } from '#store/agents.ts'
import { findConversation } from '#store/conversations.ts'
import { appendItems, insertTextConversation, type NewTextItem } from '#store/text-conversations.ts'
import { findVersion, findVersionById, latestPublished } from '#store/versions.ts'

export type TalkTo =
  /** `latest`: the latest published. */
  | { readonly agent_id: string; readonly version: VersionRef }
  /** A draft too, as a test. */
  | { readonly agent_version_id: string }
  /** With its defaults filled in. */
  | { readonly agent_config: AgentConfig }

export type NewConversation = {
  readonly talk_to: TalkTo
  readonly user_id: string | null
  readonly agent_number: string | null
  readonly initial_context: JsonObject | null
  readonly custom_metadata: JsonObject | null
}

type Partner = {
  readonly agent_id: string | null
  readonly agent_version_id: string | null
  readonly version: number | null
  readonly config: AgentConfig
  /** A draft may change, and a bare config is nowhere else: the conversation keeps its own. */
  readonly is_test: boolean
}

const partnerOf = async (app: App, { organization_id }: Caller, talk_to: TalkTo): Promise<Partner> => {
  if ('agent_config' in talk_to)
    return { agent_id: null, agent_version_id: null, version: null, config: talk_to.agent_config, is_test: true }
  if ('agent_version_id' in talk_to) {
    const id = talk_to.agent_version_id
    const found = (await findVersionById(app.db, organization_id, id)) ?? refuse('version_not_found', [id])
    const { agent_id, version, config, published } = found
    return { agent_id, agent_version_id: id, version, config, is_test: !published }
  }
  const { agent_id, version } = talk_to
  const agent = (await findAgent(app.db, organization_id, agent_id)) ?? refuse('agent_not_found', [agent_id])
  const number = version === 'latest' ? await latestPublished(app.db, agent_id) : version
  const found = number === null ? undefined : await findVersion(app.db, organization_id, agent_id, number)
  if (!found)
    return version === 'latest' ? refuse('no_published_version') : refuse('version_not_found', [String(version)])
  if (!found.published) refuse('version_not_published', [String(version)])
  if (!agent.active) refuse('agent_inactive', [agent_id])
  return { agent_id, agent_version_id: found.id, version: found.version, config: found.config, is_test: false }
}

/** To the end of a greeting that a model writes; the conversation waits for it. */
const GREETING_LIMIT_MS = 20_000

const greet = async (app: App, caller: Caller, id: string, config: AgentConfig, context: JsonObject) => {
  const { organization_id } = caller
  const writer = await app.writers.for(organization_id)
  const mind_config = mindConfigOf(config, 'text')
  const said: NewTextItem[] = []
  const channel = createTextChannel({
    ...{ app, organization_id, config: mind_config, stored_config: config, writer, turn_key: id, tools_done: 0 },
    reply_limit: replyLimitOf(config),
    signal: AbortSignal.timeout(GREETING_LIMIT_MS),
    hear: () => {},
    keep: async items => void said.push(...items),
  })
  const mind = createMind({
    ...{ config: mind_config, has_model: writer.reply !== undefined, messages: [], variables: variablesOf(context) },
  })
  await carryOut(mind, { kind: 'began' }, channel)
  return [...said, ...channel.unkept]
}

/** A greeting that a model fails to write refuses (`model_…`), and nothing is made. */
export const beginConversation = async (
  app: App,
  caller: Caller,
  input: NewConversation,
): Promise<{ readonly conversation: Conversation; readonly starting_message: string | null }> => {
  const { organization_id } = caller
  const { talk_to, user_id, agent_number, initial_context, custom_metadata } = input
  const partner = await partnerOf(app, caller, talk_to)
  const { agent_id, agent_version_id, version, config, is_test } = partner
  const id = newId()
  const greeting = await greet(app, caller, id, config, initial_context ?? {})
  return transact(app, async tx => {
    await insertTextConversation(tx, {
      ...{ id, organization_id, user_id, agent_id, agent_version_id, agent_number, is_test },
      ...{ initial_context, custom_metadata, config: is_test ? config : null },
      routing: { rule: 'named', agent_id, version, named_by: Object.keys(talk_to)[0] },
    })
    await appendItems(tx, id, greeting)
    const conversation = (await findConversation(tx, organization_id, id)) ?? refuse('conversation_not_found', [id])
    const starting_message = greeting.map(({ text }) => text).join('\n\n')
    return { conversation, starting_message: starting_message === '' ? null : starting_message }
  })
}
