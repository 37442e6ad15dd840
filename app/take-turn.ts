/**
 * One turn of a written conversation: the user's words are stored before the agent thinks, what tools did is stored as they
 * do it, the reply with the end of the turn. No transaction is open while the agent thinks: the turn is held by a row with a
 * time limit, so that whoever dies in it loses that turn's reply and nothing else.
 */
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { createTextChannel, type TurnEvent } from '#app/text-channel.ts'
import { carryOut } from '#core/carry-out.ts'
import { createMind } from '#core/mind.ts'
import { mindConfigOf, replyLimitOf, variablesOf } from '#core/mind-config.ts'
import { decideTurn, replyTo, type StoredItem, toMessages, type UserMessage } from '#core/turn.ts'
import type { WrittenBy } from '#core/writer.ts'
import type { Tx } from '#store/database.ts'
import {
  appendItems,
  type ConversationState,
  countUserTurn,
  endConversation,
  endTurn,
  holdTurn,
  holdTurnLonger,
  listStoredItems,
  lockConversation,
  lockTurn,
  markReplied,
  type NewTextItem,
} from '#store/text-conversations.ts'

export type { TurnEvent }

export type Turn = {
  readonly conversation_id: string
  readonly reply: string
  readonly tool_calls: readonly Omit<Extract<TurnEvent, { kind: 'tool_call' }>, 'kind'>[]
  readonly written_by: WrittenBy
  /** Whether the agent has ended the conversation. */
  readonly is_over: boolean
  /** Answered before; nothing was done. */
  readonly replayed: boolean
}

type Held = {
  readonly conversation: ConversationState
  readonly turn_id: string
  /** All there is, the user's words included. */
  readonly items: readonly StoredItem[]
  /** The user's words. */
  readonly position: number
}

/** What a reply looks like when it is read back. */
const readTurn = (conversation: ConversationState, items: readonly StoredItem[], position: number): Turn => {
  const reply = replyTo(items, position)
  return {
    conversation_id: conversation.id,
    reply: reply.flatMap(({ text }) => (text === '' ? [] : [text])).join('\n\n'),
    tool_calls: reply.flatMap(({ tool }) => {
      if (tool === null) return []
      const { name, arguments: given, result, error } = tool
      return [{ name, arguments: given, result, error }]
    }),
    written_by: reply.some(item => item.written_by === 'model') ? 'model' : 'offline',
    is_over: conversation.ended_at !== null,
    replayed: true,
  }
}

/** The conversation, or why nobody can talk in it. */
const lockText = async (tx: Tx, { organization_id }: Caller, id: string): Promise<ConversationState> => {
  const conversation = (await lockConversation(tx, organization_id, id)) ?? refuse('conversation_not_found', [id])
  return conversation.channel === 'text' ? conversation : refuse('conversation_not_text', [id])
}

const begin = (app: App, caller: Caller, id: string, message: UserMessage): Promise<Held | Turn> =>
  transact(app, async tx => {
    const conversation = await lockText(tx, caller, id)
    const items = await listStoredItems(tx, id)
    const decision = decideTurn(items, message)
    if (decision.kind === 'refused') throw new Refused(decision.refusal)
    if (decision.kind === 'replayed') return readTurn(conversation, items, decision.position)
    if (conversation.ended_at !== null) refuse('conversation_ended', [id])
    const turn_id = newId()
    if (!(await holdTurn(tx, conversation, turn_id))) refuse('conversation_busy', [id])
    if (decision.kind === 'resumed') return { conversation, turn_id, items, position: decision.position }
    const { text, message_id } = message
    const position = await appendItems(tx, id, [{ who: 'user', text, ...(message_id === null ? {} : { message_id }) }])
    await countUserTurn(tx, id)
    return { conversation, turn_id, items: await listStoredItems(tx, id), position }
  })

/** Our hold ran out or was taken: by the end of the conversation, or by whoever took the turn up in our place. */
const lost = async (tx: Tx, caller: Caller, id: string): Promise<never> => {
  const { ended_at } = await lockText(tx, caller, id)
  return refuse(ended_at === null ? 'conversation_busy' : 'conversation_ended', [id])
}

const keep = (
  app: App,
  caller: Caller,
  { conversation, turn_id }: Held,
  items: readonly NewTextItem[],
): Promise<void> =>
  transact(app, async tx => {
    if (!(await lockTurn(tx, turn_id, conversation.id))) await lost(tx, caller, conversation.id)
    await appendItems(tx, conversation.id, items)
  })

const finish = (app: App, caller: Caller, held: Held, items: readonly NewTextItem[], is_over: boolean): Promise<Turn> =>
  transact(app, async tx => {
    const { conversation, turn_id, position } = held
    const state = await lockText(tx, caller, conversation.id)
    if (!(await lockTurn(tx, turn_id, conversation.id))) await lost(tx, caller, conversation.id)
    await appendItems(tx, conversation.id, items)
    await markReplied(tx, conversation.id, position)
    if (is_over) await endConversation(tx, caller.organization_id, conversation.id, 'agent_ended')
    else await endTurn(tx, turn_id, conversation.id)
    const turn = readTurn(state, await listStoredItems(tx, conversation.id), position)
    return { ...turn, is_over, replayed: false }
  })

/** A third of the time that the hold lasts. */
const HOLD_EVERY_MS = 5000
/** Model, tools and all. */
const TURN_LIMIT_MS = 180_000

/** Aborts when the hold is another's or the turn has taken too long. A database that is away is asked again. */
const startHolding = (app: App, caller: Caller, { turn_id, conversation }: Held) => {
  const over = new AbortController()
  const timer = setInterval(() => {
    holdTurnLonger(app.db, turn_id, conversation.id)
      .then(async ours => ours || (await transact(app, tx => lost(tx, caller, conversation.id))))
      .catch((error: unknown) => error instanceof Refused && over.abort(error))
  }, HOLD_EVERY_MS)
  const limit = setTimeout(() => over.abort(new Refused({ code: 'model_timeout' })), TURN_LIMIT_MS)
  return {
    signal: over.signal,
    stop: () => {
      clearInterval(timer)
      clearTimeout(limit)
    },
  }
}

const think = async (app: App, caller: Caller, held: Held, hear: (event: TurnEvent) => void): Promise<Turn> => {
  const { conversation, items, position } = held
  const stored_config = conversation.config ?? refuse('version_not_found')
  const { organization_id } = caller
  const writer = await app.writers.for(organization_id)
  const config = mindConfigOf(stored_config, 'text')
  const holding = startHolding(app, caller, held)
  try {
    const tools_done = items.filter(item => item.position > position && item.tool !== null).length
    const channel = createTextChannel({
      ...{ app, organization_id, config, stored_config, writer, hear, signal: holding.signal },
      ...{ turn_key: `${conversation.id}-${position}`, tools_done },
      reply_limit: replyLimitOf(stored_config),
      keep: kept => keep(app, caller, held, kept),
    })
    const mind = createMind({
      ...{ config, has_model: writer.reply !== undefined, messages: toMessages(items) },
      variables: variablesOf(conversation.initial_context ?? {}),
      steps: tools_done,
    })
    const after = await carryOut(mind, { kind: 'heard' }, channel)
    return await finish(app, caller, held, channel.unkept, after.is_over)
  } finally {
    holding.stop()
  }
}

/**
 * Goes on to its end whether or not anybody still listens. Refuses with `model_…` when the model fails: the user's words
 * are stored then, and the same message again is answered.
 */
export const takeTurn = async (
  app: App,
  caller: Caller,
  id: string,
  message: UserMessage,
  hear: (event: TurnEvent) => void,
): Promise<Turn> => {
  const begun = await begin(app, caller, id, message)
  if ('reply' in begun) return begun
  try {
    return await think(app, caller, begun, hear)
  } catch (error) {
    await endTurn(app.db, begun.turn_id, id).catch(() => {})
    throw error
  }
}
