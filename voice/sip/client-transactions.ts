/** The table of client transactions: runs the machines, their timers and what they send. */
import { type ClientInviteState, new_client_invite, stepClientInvite } from '#voice/sip/client-invite-transaction.ts'
import { type ClientState, new_client, stepClient } from '#voice/sip/client-transaction.ts'
import type { SipResponse } from '#voice/sip/message.ts'
import type { Peer } from '#voice/sip/peer.ts'
import type { ResponseHead } from '#voice/sip/response-head.ts'
import { statusEvent } from '#voice/sip/server-transactions.ts'
import type { TimerHandle, TimerSettings, Timers } from '#voice/sip/timers.ts'
import type { Step, TimerName, TransactionEvent } from '#voice/sip/transaction.ts'

export type ClientUser = {
  response(response: SipResponse, head: ResponseHead): void
  timeout(): void
  transport_error(): void
}

/** ACK for a final non-2xx, from that response (17.1.1.3). */
export type AckFor = (response: SipResponse) => string

export type ClientTransactions = {
  /** Sends it. `ack_for` for INVITE only. The branch is the request's; `method` its own. */
  ask(
    request: { readonly method: string; readonly branch: string; readonly text: string; readonly to: Peer },
    user: ClientUser,
    ack_for: AckFor | null,
  ): void
  /** Whose user waits no longer: nothing of it is kept, and what still comes is not told. */
  forget(branch: string, method: string): void
  /** False: nobody waits for it. */
  receive(response: SipResponse, head: ResponseHead): boolean
}

type Running = {
  state: ClientInviteState | ClientState
  readonly timers: Partial<Record<TimerName, TimerHandle>>
  readonly apply: (event: TransactionEvent, brought: { response: SipResponse; head: ResponseHead } | null) => void
}

export function clientTransactions(
  timers: Timers,
  settings: TimerSettings,
  send: (to: Peer, text: string, failed: (() => void) | null) => void,
): ClientTransactions {
  const by_key = new Map<string, Running>()
  return {
    ask({ method, branch, text, to }, user, ack_for) {
      const key = `${branch}\n${method}`
      const conditions = { ...settings, reliable: to.transport === 'tcp' }
      const failed = () => running.apply('transport_error', null)
      const running: Running = { state: ack_for === null ? new_client : new_client_invite, timers: {}, apply }
      by_key.set(key, running)
      apply('start', null)

      function apply(event: TransactionEvent, brought: { response: SipResponse; head: ResponseHead } | null): void {
        if (running.state.name === 'terminated') return
        const step: Step<ClientInviteState | ClientState> =
          ack_for === null
            ? stepClient(running.state as ClientState, event, conditions)
            : stepClientInvite(running.state as ClientInviteState, event, conditions)
        running.state = step.state
        if (step.state.name === 'terminated') {
          for (const handle of Object.values(running.timers)) timers.clear(handle)
          by_key.delete(key)
        }
        for (const output of step.outputs) {
          if (typeof output === 'object') keepTime(output)
          else if (output === 'send' || output === 'resend') send(to, text, failed)
          else if (output === 'send_ack' && brought !== null && ack_for !== null)
            send(to, ack_for(brought.response), failed)
          else if (output === 'tell' && brought !== null) user.response(brought.response, brought.head)
          else if (output === 'tell_timeout') user.timeout()
          else if (output === 'tell_transport_error') user.transport_error()
        }
      }

      function keepTime(output: { set: TimerName; delay_ms: number } | { clear: TimerName }): void {
        if ('set' in output) {
          const timer = output.set
          running.timers[timer] = timers.set(output.delay_ms, () => apply({ timer }, null))
          return
        }
        const handle = running.timers[output.clear]
        if (handle !== undefined) timers.clear(handle)
      }
    },
    forget(branch, method) {
      const key = `${branch}\n${method}`
      for (const handle of Object.values(by_key.get(key)?.timers ?? {})) timers.clear(handle)
      by_key.delete(key)
    },
    receive(response, head) {
      const running = by_key.get(`${head.branch}\n${head.method}`)
      running?.apply(statusEvent(response.status), { response, head })
      return running !== undefined
    },
  }
}
