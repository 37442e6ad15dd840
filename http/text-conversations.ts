import { beginConversation as begin, type TalkTo } from '#app/begin-conversation.ts'
import { refuse } from '#app/refused.ts'
import { type Turn, type TurnEvent, takeTurn } from '#app/take-turn.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Call, type Handler, ok, type Reply } from '#http/call.ts'
import { seesSensitive } from '#http/conversations.ts'
import { errorReply } from '#http/error-answer.ts'
import { EVENT_STREAM_HEADERS } from '#http/event-stream.ts'
import { KEYED, toConversationAnswer } from '#wire/core-conversation.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

const choose = (message: string): never => {
  throw new BadInput('body', [{ path: [], type: 'choice', message }])
}

/** `null` means absent, as everywhere. */
const talkTo = ({ agent_id, version, agent_version_id, agent_config }: Call<'beginConversation'>['body']): TalkTo => {
  const named = [agent_id, agent_version_id, agent_config].filter(each => each != null)
  if (named.length !== 1) return choose('give exactly one of agent_id, agent_version_id and agent_config')
  if (version != null && agent_id == null) return choose('version goes with agent_id')
  if (agent_version_id != null) return { agent_version_id: agent_version_id.toLowerCase() }
  if (agent_config != null) return { agent_config: fillDefaults({ ...agent_config }) }
  const ref = version == null || version === 'latest' ? 'latest' : Number(version)
  return { agent_id: String(agent_id).toLowerCase(), version: ref }
}

export const beginConversation: Handler<'beginConversation'> = async call => {
  const { channel, user_id, agent_number, initial_context, custom_metadata } = call.body
  if (channel !== 'text') return refuse('channel_unavailable', [channel])
  const { conversation, starting_message } = await begin(call.app, call.caller, {
    talk_to: talkTo(call.body),
    user_id: user_id ?? null,
    agent_number: agent_number ?? null,
    initial_context: initial_context ?? null,
    custom_metadata: custom_metadata ?? null,
  })
  const shown = toConversationAnswer(conversation, { sensitive: seesSensitive(call), items: null })
  return ok({ conversation: shown, starting_message })
}

const toReplyAnswer = ({ conversation_id, reply, tool_calls, written_by, is_over }: Turn) => ({
  conversation_id,
  reply,
  tool_calls,
  written_by,
  status: is_over ? 'completed' : 'in_progress',
})

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

const EVENT_STREAM = { ...EVENT_STREAM_HEADERS, 'content-type': 'text/event-stream; charset=utf-8' }

const toEvent = ({ kind, ...data }: TurnEvent): string => event(kind, data)

/** What one side puts in when it comes, and the other takes out when it can. */
const openQueue = () => {
  const waiting: string[] = []
  let wake = (): void => {}
  let is_closed = false
  return {
    put: (chunk: string): void => {
      waiting.push(chunk)
      wake()
    },
    close: (): void => {
      is_closed = true
      wake()
    },
    async *chunks(): AsyncGenerator<string, void> {
      for (;;) {
        const chunk = waiting.shift()
        if (chunk !== undefined) yield chunk
        else if (is_closed) return
        else await new Promise<void>(resolve => (wake = resolve))
      }
    },
  }
}

/** Refusals before the first event are answers like any other. Nobody who goes away stops the turn: its reply is kept. */
const stream = async (
  call: Call<'sendMessage'>,
  take: (hear: (event: TurnEvent) => void) => Promise<Turn>,
): Promise<Reply> => {
  const queue = openQueue()
  const begun = Promise.withResolvers<void>()
  const failed = (error: unknown): void => {
    const { app, caller } = call
    const operation = 'POST /core/conversations/{id}/messages'
    const request_id = caller.request?.request_id ?? ''
    const { body } = errorReply(app.log, error, { request_id, operation, dialect: 'core' })
    queue.put(event('error', body))
  }
  const turn = take(heard => {
    queue.put(toEvent(heard))
    begun.resolve()
  })
  turn
    .then(done => {
      // A reply that was kept comes in one piece.
      if (done.replayed) queue.put(toEvent({ kind: 'text', text: done.reply }))
      queue.put(event('done', toReplyAnswer(done)))
    }, failed)
    .finally(queue.close)
  await Promise.race([begun.promise, turn])
  return { status: 200, headers: EVENT_STREAM, stream: queue.chunks() }
}

export const sendMessage: Handler<'sendMessage'> = async call => {
  const { app, caller, path, body, wants } = call
  // A key that comes again after its answer was lost finds the message all the same.
  const keyed = wants.key === null ? null : `${KEYED}${caller.key_id} ${wants.key}`
  const message = { text: body.text, message_id: body.message_id ?? keyed }
  const take = (hear: (event: TurnEvent) => void) => takeTurn(app, caller, path.id, message, hear)
  return wants.events ? stream(call, take) : ok(toReplyAnswer(await take(() => {})))
}
