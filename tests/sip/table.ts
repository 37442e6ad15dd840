/** State machines as text tables: `state | event | next state | outputs`, one row a rule. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Step, TransactionEvent, TransactionOutput } from '#voice/sip/transaction.ts'

/** Rows of a table, cells trimmed; blank lines and `#` lines are left out. */
export function rowsOf(table: string): string[][] {
  const lines = table.split('\n').filter(line => line.trim() !== '' && !line.trim().startsWith('#'))
  return lines.map(line => line.split('|').map(cell => cell.trim()))
}

/** `timer G` in a cell is the timer's expiry. */
export function eventOf(cell: string): TransactionEvent {
  const timer = /^timer ([A-M])$/.exec(cell)?.[1]
  return timer === undefined ? (cell as TransactionEvent) : ({ timer } as TransactionEvent)
}

function outputText(output: TransactionOutput): string {
  if (typeof output === 'string') return output
  return 'set' in output ? `${output.set}=${output.delay_ms}` : `stop ${output.clear}`
}

/** A state is written `name` or `name@resend_ms`. */
function stateText(state: { readonly name: string; readonly resend_ms?: number }): string {
  return state.resend_ms === undefined || state.resend_ms === 0 ? state.name : `${state.name}@${state.resend_ms}`
}

export function testMachine<State extends { readonly name: string; readonly resend_ms?: number }>(
  title: string,
  table: string,
  parse: (name: string, resend_ms: number) => State,
  step: (state: State, event: TransactionEvent) => Step<State>,
): void {
  for (const [from = '', event = '', to = '', outputs = ''] of rowsOf(table)) {
    test(`${title}: ${from} + ${event} → ${to}`, () => {
      const [name = '', resend = '0'] = from.split('@')
      const stepped = step(parse(name, Number(resend)), eventOf(event))
      assert.equal(stateText(stepped.state), to)
      assert.equal(stepped.outputs.map(outputText).join(', '), outputs)
    })
  }
}
