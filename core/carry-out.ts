/** Carries out what a mind decides, on any channel: asks `next`, does what it says, tells it what came of it, until it listens. */

import { type Doing, type Happening, type Mind, next } from '#core/mind.ts'
import type { Action } from '#core/mind-config.ts'
import type { NamedPassage } from '#core/passage.ts'
import type { ActionOutcome } from '#core/tool-run.ts'
import type { ToolRequest, ToolSpec, TurnMessage } from '#core/writer.ts'

/** What a channel can do. What it rejects with ends the turn. */
export type Channel = {
  /** A whole utterance. */
  say(text: string, interruptible: boolean): void
  /** Says the reply as it is written. */
  write(messages: readonly TurnMessage[], tools: readonly ToolSpec[]): Promise<Written>
  look_up(query: string): Promise<readonly NamedPassage[]>
  /** `number`: which of the call's actions, from 0. */
  act(call: ToolRequest, action: Action, number: number): Promise<ActionOutcome>
  /** A tool is done; kept before anything further is done. */
  note(call: ToolRequest, result: string, error: string | null): Promise<void>
}

export type Written = { readonly text: string; readonly calls: readonly ToolRequest[] }

const perform = async (doing: Doing, channel: Channel): Promise<Happening | null> => {
  switch (doing.kind) {
    case 'say':
      channel.say(doing.text, doing.interruptible)
      return null
    case 'look_up':
      return { kind: 'found', passages: await channel.look_up(doing.query) }
    case 'write':
      return { kind: 'written', ...(await channel.write(doing.messages, doing.tools)) }
    case 'act':
      return { kind: 'acted', outcome: await channel.act(doing.call, doing.action, doing.number) }
    case 'note':
      await channel.note(doing.call, doing.result, doing.error)
      return null
    case 'end':
      return null
  }
}

/** The mind after its turn; `is_over`: it has ended the conversation. */
export const carryOut = async (mind: Mind, happening: Happening, channel: Channel): Promise<Mind> => {
  let now = mind
  for (let due: Happening | null = happening; due !== null; ) {
    const step = next(now, due)
    now = step.mind
    due = null
    for (const doing of step.doing) due = (await perform(doing, channel)) ?? due
  }
  return now
}
