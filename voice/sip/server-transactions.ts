/** The table of server transactions: runs the machines, their timers and what they send. Bounded. */
import type { Peer } from '#voice/sip/peer.ts'
import type { RequestHead } from '#voice/sip/request-head.ts'
import { new_server_invite, type ServerInviteState, stepServerInvite } from '#voice/sip/server-invite-transaction.ts'
import { new_server, type ServerState, stepServer } from '#voice/sip/server-transaction.ts'
import type { TimerHandle, TimerSettings, Timers } from '#voice/sip/timers.ts'
import type { Conditions, Step, TimerName, TransactionEvent } from '#voice/sip/transaction.ts'

export type ServerUser = { transport_error(): void; cancel(): void }

export type ServerTransaction = {
  readonly key: string
  readonly merge_key: string
  readonly is_invite: boolean
  readonly target: Peer
  readonly conditions: Conditions
  state: ServerInviteState | ServerState
  /** The last response, '' before the first. */
  last: string
  user: ServerUser | null
  readonly timers: Partial<Record<TimerName, TimerHandle | null>>
}

export type ServerTransactions = {
  find(key: string): ServerTransaction | undefined
  /** True when another transaction carries the same request: it came by two ways (8.2.2.2). */
  is_merged(merge_key: string): boolean
  /** Null when the table is full. */
  open(key: string, merge_key: string, is_invite: boolean, target: Peer): ServerTransaction | null
  event(transaction: ServerTransaction, event: 'request' | 'ack'): void
  respond(transaction: ServerTransaction, status: number, text: string): void
  /** Forgets it: what is still said about its request is said without memory (8.2.7). */
  drop(transaction: ServerTransaction): void
}

export type TableLimits = {
  /** INVITE transactions that wait for somebody: the user's answer, an ACK. New INVITEs get 503 beyond. */
  readonly open_invites: number
  /** Together with those that only swallow late repetitions. */
  readonly all: number
}

export const table_limits: TableLimits = { open_invites: 20_000, all: 200_000 }

const magic_cookie = 'z9hG4bK'

/**
 * RFC 3261 17.2.3. Without the magic cookie (or with nothing behind it) RFC 2543's way: the request itself.
 * Joined, not concatenated: V8 keeps a concatenation as a tree of slices, and the whole message would live as long as
 * the key (1.5 KB a transaction instead of 0.55, by heap snapshot).
 */
export function serverKey(head: RequestHead, method: string, request_uri: string): string {
  const { via } = head
  const matched = method === 'ACK' ? 'INVITE' : method
  if (via.branch !== null && via.branch.length > magic_cookie.length && via.branch.startsWith(magic_cookie))
    return [via.branch, via.host, via.port, matched].join('\n')
  return [head.call_id, head.from_tag, head.cseq, request_uri, head.via_line, matched].join('\n')
}

export function mergeKey(head: RequestHead, method: string): string {
  return [head.call_id, head.from_tag, head.cseq, method].join('\n')
}

export function serverTransactions(
  timers: Timers,
  settings: TimerSettings,
  send: (to: Peer, text: string, failed: (() => void) | null) => void,
  limits: TableLimits,
): ServerTransactions {
  const by_key = new Map<string, ServerTransaction>()
  const by_merge_key = new Map<string, ServerTransaction>()
  const over_udp: Conditions = { ...settings, reliable: false }
  const over_tcp: Conditions = { ...settings, reliable: true }
  let open_invites = 0

  function apply(transaction: ServerTransaction, event: TransactionEvent, text: string): void {
    const was_open = isOpen(transaction)
    const step: Step<ServerInviteState | ServerState> = transaction.is_invite
      ? stepServerInvite(transaction.state as ServerInviteState, event, transaction.conditions)
      : stepServer(transaction.state as ServerState, event, transaction.conditions)
    transaction.state = step.state
    if (was_open && !isOpen(transaction)) {
      open_invites -= 1
      // What is left only swallows repetitions: let go of the call and its texts.
      transaction.last = ''
      forgetMerge(transaction)
      transaction.user = step.state.name === 'terminated' ? transaction.user : null
    }
    for (const output of step.outputs) {
      if (typeof output === 'object') setTimer(transaction, output)
      else if (output === 'send' || output === 'resend') emit(transaction, output === 'send' ? text : transaction.last)
      else if (output === 'tell_transport_error') transaction.user?.transport_error()
    }
    if (transaction.state.name === 'terminated') forget(transaction)
  }

  function emit(transaction: ServerTransaction, text: string): void {
    if (text === '') return
    if (transaction.state.name !== 'terminated') transaction.last = text
    send(transaction.target, text, () => apply(transaction, 'transport_error', ''))
  }

  function setTimer(
    transaction: ServerTransaction,
    output: { set: TimerName; delay_ms: number } | { clear: TimerName },
  ): void {
    if ('clear' in output) {
      const handle = transaction.timers[output.clear]
      if (handle) timers.clear(handle)
      transaction.timers[output.clear] = null
      return
    }
    const timer = output.set
    transaction.timers[timer] = timers.set(output.delay_ms, () => apply(transaction, { timer }, ''))
  }

  function forget(transaction: ServerTransaction): void {
    for (const handle of Object.values(transaction.timers)) if (handle) timers.clear(handle)
    transaction.user = null
    if (by_key.get(transaction.key) === transaction) by_key.delete(transaction.key)
    forgetMerge(transaction)
  }

  function forgetMerge(transaction: ServerTransaction): void {
    if (by_merge_key.get(transaction.merge_key) === transaction) by_merge_key.delete(transaction.merge_key)
  }

  return {
    find: key => by_key.get(key),
    is_merged: merge_key => by_merge_key.has(merge_key),
    open(key, merge_key, is_invite, target) {
      if (by_key.size >= limits.all || (is_invite && open_invites >= limits.open_invites)) return null
      const conditions = target.transport === 'tcp' ? over_tcp : over_udp
      const state = is_invite ? new_server_invite : new_server
      const transaction: ServerTransaction = {
        key,
        merge_key,
        is_invite,
        target,
        conditions,
        state,
        last: '',
        user: null,
        timers: {},
      }
      by_key.set(key, transaction)
      by_merge_key.set(merge_key, transaction)
      if (is_invite) open_invites += 1
      return transaction
    },
    event: (transaction, event) => apply(transaction, event, ''),
    respond: (transaction, status, text) => apply(transaction, statusEvent(status), text),
    drop(transaction) {
      if (isOpen(transaction)) open_invites -= 1
      transaction.state = { ...transaction.state, name: 'terminated' }
      forget(transaction)
    },
  }
}

function isOpen(transaction: ServerTransaction): boolean {
  const { name } = transaction.state
  return transaction.is_invite && name !== 'confirmed' && name !== 'terminated'
}

export function statusEvent(status: number): 'provisional' | 'success' | 'failure' {
  return status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure'
}
