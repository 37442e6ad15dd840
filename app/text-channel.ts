/** The text channel: says in writing, keeps what is said and done in a turn, and how long it took. */
import type { App } from '#app/context.ts'
import { lookUp } from '#app/look-up.ts'
import { performInText } from '#app/perform-action.ts'
import { refuse } from '#app/refused.ts'
import type { Channel, Written } from '#core/carry-out.ts'
import type { MindConfig } from '#core/mind-config.ts'
import type { AgentConfig } from '#core/version.ts'
import type { ToolRequest, Usage, Writer } from '#core/writer.ts'
import type { NewTextItem } from '#store/text-conversations.ts'

/** Told of a turn while it goes on: pieces of the reply, which make up the whole, and tools that are done. */
export type TurnEvent =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tool_call'
      readonly name: string
      readonly arguments: object
      readonly result: string
      readonly error: string | null
    }

export type TextChannelInput = {
  readonly app: App
  readonly organization_id: string
  /** Names the turn's actions to those whom they ask. */
  readonly turn_key: string
  /** Tools that have worked in the turn before it was taken up again. */
  readonly tools_done: number
  readonly config: MindConfig
  readonly stored_config: AgentConfig
  readonly writer: Writer
  readonly reply_limit: number
  readonly signal: AbortSignal
  readonly hear: (event: TurnEvent) => void
  /** Keeps what has been said and done so far; rejects when the turn is another's by now. */
  readonly keep: (items: readonly NewTextItem[]) => Promise<void>
}

export type TextChannel = Channel & {
  /** What was said and is not kept yet. */
  readonly unkept: NewTextItem[]
}

const BETWEEN = '\n\n'
const CUT = '…'

/** Pieces as they come; utterances stand apart, and no reply is longer than it may be. */
const createMouth = (limit: number, hear: TextChannelInput['hear']) => {
  let left = limit
  let has_spoken = false
  let first_ms: number | null = null
  return {
    is_full: () => left <= 0,
    first_ms: () => first_ms,
    /** What of it is said. */
    say: (text: string, begins: boolean, at_ms: number): string => {
      if (left <= 0 || text === '') return ''
      first_ms ??= at_ms
      const cut = text.length > left ? `${text.slice(0, left - 1).toWellFormed()}${CUT}` : text
      left = cut.length < text.length || text.length === left ? 0 : left - text.length
      hear({ kind: 'text', text: begins && has_spoken ? BETWEEN + cut : cut })
      has_spoken = true
      return cut
    },
  }
}

const toolIdOf = (call: ToolRequest, number: number): string => (call.id === '' ? `call_${number}` : call.id)

export const createTextChannel = (input: TextChannelInput): TextChannel => {
  const { app, organization_id, config, writer, signal, hear, keep } = input
  const started_ms = app.clock.now_ms()
  const took = (): number => Math.max(0, app.clock.now_ms() - started_ms)
  const mouth = createMouth(input.reply_limit, hear)
  const unkept: NewTextItem[] = []
  let tool_began_ms: number | null = null
  let tools = input.tools_done

  const remember = (text: string, written_by: NewTextItem['written_by'], usage: Usage | null): void => {
    if (text === '') return
    const times = { first_word_ms: mouth.first_ms(), took_ms: took() }
    unkept.push({ who: 'agent', text, ...times, usage, ...(written_by ? { written_by } : {}) })
  }

  const write: Channel['write'] = async (messages, specs): Promise<Written> => {
    if (!writer.reply) return refuse('internal')
    let text = ''
    let usage: Usage | null = null
    const calls: ToolRequest[] = []
    for await (const part of writer.reply({ messages, tools: specs, config: input.stored_config }, signal)) {
      if (part.kind === 'text') text += mouth.say(part.text, text === '', took())
      if (part.kind === 'tool_call') calls.push({ ...part.call, id: toolIdOf(part.call, tools + calls.length) })
      if (part.kind === 'end') usage = part.usage
      if (mouth.is_full()) break
    }
    remember(text, 'model', usage)
    return { text, calls: mouth.is_full() ? [] : calls }
  }

  return {
    unkept,
    write,
    say: text => remember(mouth.say(text, true, took()), writer.reply ? undefined : 'offline', null),
    look_up: async query => {
      const top_n = Math.max(...config.knowledge_bases.map(base => base.top_n))
      const ids = config.knowledge_bases.map(({ id }) => id)
      return lookUp(app, organization_id, ids, query, top_n)
    },
    act: (_call, action, number) => {
      tool_began_ms ??= app.clock.now_ms()
      const idempotency_key = `${input.turn_key}-${tools}-${number}`
      return performInText(action, { app, organization_id, config, idempotency_key, signal })
    },
    note: async (call, result, error) => {
      const tool = { id: call.id, name: call.name, arguments: call.arguments, result, error }
      const took_ms = tool_began_ms === null ? 0 : Math.max(0, app.clock.now_ms() - tool_began_ms)
      tool_began_ms = null
      tools += 1
      await keep([...unkept.splice(0), { who: 'agent', text: '', tool, took_ms }])
      hear({ kind: 'tool_call', name: tool.name, arguments: tool.arguments, result, error })
    },
  }
}
