/** From our messages and tools to the AI SDK's. */
import { type JSONSchema7, type JSONValue, jsonSchema, type ModelMessage, type ToolSet, tool } from 'ai'
import type { ToolSpec, TurnMessage } from '#core/writer.ts'

/** A result names the tool that it is of; ours name the call. */
const toolNames = (messages: readonly TurnMessage[]): ReadonlyMap<string, string> =>
  new Map(messages.flatMap(({ tool_calls }) => (tool_calls ?? []).map(({ id, name }) => [id, name] as const)))

export const toModelMessages = (messages: readonly TurnMessage[]): ModelMessage[] => {
  const names = toolNames(messages)
  return messages.map(({ role, content, tool_calls, tool_call_id }): ModelMessage => {
    if (role === 'system' || role === 'user') return { role, content }
    if (role === 'tool') {
      const toolCallId = tool_call_id ?? ''
      const output = { type: 'text', value: content } as const
      return { role, content: [{ type: 'tool-result', toolCallId, toolName: names.get(toolCallId) ?? '', output }] }
    }
    const calls = (tool_calls ?? []).map(call => ({
      ...({ type: 'tool-call', toolCallId: call.id, toolName: call.name } as const),
      input: call.arguments as JSONValue,
    }))
    return { role, content: [...(content === '' ? [] : [{ type: 'text', text: content } as const]), ...calls] }
  })
}

/** Without a way to run them: whoever asks does that, and asks again. */
export const toToolSet = (tools: readonly ToolSpec[]): ToolSet =>
  Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      tool({ description, inputSchema: jsonSchema<Record<string, unknown>>(parameters as JSONSchema7) }),
    ]),
  )
