/** The edge between SIP and what runs on it: calls, not messages. Implemented by voice/sip/user-agent.ts. */
import type { CallSource, Transport } from '#core/call.ts'
import type { Credentials } from '#voice/sip/digest-client.ts'
import type { SipHeaders } from '#voice/sip/message.ts'

export type SipListenOptions = {
  readonly host: string
  /** UDP and TCP port; 0 takes a free one (the same for both). */
  readonly port: number
  /** Host and port that go into Contact and Via; `host:port`. Defaults to what was bound. */
  readonly public_host?: string
  /** Datagrams (and TCP messages) per second per source before they are dropped; loopback is exempt. 0: no limit. */
  readonly rate_limit_pps: number
  /** A fault in a handler (its call got 500) or of a socket. Without it: a process warning. */
  readonly on_error?: (error: unknown) => void
}

export type RefuseOptions = {
  readonly reason?: string
  readonly headers?: readonly (readonly [string, string])[]
  /**
   * Said once and forgotten (RFC 3261 8.2.7), for those who have no business here: over UDP a refusal is else repeated
   * eleven times, to an address that may be forged, and kept for 32 s.
   */
  readonly once?: boolean
}

/** A call that somebody makes to us: one INVITE server transaction, then its dialog. Every method is safe in every state. */
export type ServerCall = {
  readonly call_id: string
  readonly source: CallSource
  readonly request_uri: string
  readonly headers: SipHeaders
  /** The offer, or null when the INVITE had no body. */
  readonly offer: string | null
  ringing(): void
  /** 200 with this SDP (the answer, or our offer when `offer` is null) and these headers besides its own; repeated until ACK (RFC 3261 13.3.1.4). */
  answer(sdp: string, headers?: readonly (readonly [string, string])[]): void
  /** A final non-2xx. */
  refuse(status: number, options?: RefuseOptions): void
  /** BYE once the dialog is confirmed; before that 480/487 as the state asks. */
  hang_up(): void
}

export type ServerCallEvents = {
  /** CANCEL arrived; 487 has been sent. The call is over. */
  cancelled(): void
  /** ACK arrived; `sdp` is its body (the answer, where we made the offer). */
  confirmed(sdp: string | null): void
  /** A re-INVITE or UPDATE with an offer (null: none): return the answer's SDP, or a refusal status. */
  reoffer(sdp: string | null): string | { readonly status: number }
  /** INFO with `application/dtmf-relay` or `application/dtmf`. */
  dtmf(digit: string): void
  /** The far end's BYE, our BYE answered, no ACK after 64*T1, or the transport died. The call is over. */
  ended(reason: 'remote_bye' | 'local_bye' | 'no_ack' | 'transport_error'): void
}

/** Asked once for every new INVITE; answers at once and drives the call by its methods. */
export type InviteHandler = (call: ServerCall) => ServerCallEvents

export type ClientCallEvents = {
  /** Provisional responses: 100, 180, 183. */
  progress(status: number, reason: string): void
  /** 200; the ACK has been sent. */
  answered(sdp: string, headers: SipHeaders): void
  /** A final non-2xx, or 408 without any answer. */
  failed(status: number, reason: string, headers: SipHeaders): void
  ended(reason: 'remote_bye' | 'local_bye' | 'transport_error'): void
}

export type ClientCall = {
  readonly call_id: string
  /** CANCEL while ringing, BYE once answered. Resolves when the far end has answered that or timed out. */
  hang_up(): Promise<void>
}

export type InviteOptions = {
  /** Request-URI, `sip:…`. */
  readonly target: string
  /** Where to send it: `host:port`. */
  readonly next_hop: string
  /**
   * What follows goes there as well (RFC 3261 8.1.2), wherever the far end's Contact and routes point: it was judged, and
   * they could aim us at places that only we can reach.
   */
  readonly stays_there?: boolean
  readonly transport: Exclude<Transport, 'tls'>
  /** User part of From. */
  readonly from_user: string
  readonly offer: string
  /** For a far end that asks: the INVITE is sent again with the answer to its challenge. */
  readonly credentials?: Credentials
  readonly headers?: readonly (readonly [string, string])[]
  /** 70 unless given: a call that is passed on has fewer hops left (RFC 3261 16.6). */
  readonly max_forwards?: number
}

export type SipCounts = {
  readonly received: number
  readonly malformed: number
  readonly rate_limited: number
}

export type UserAgent = {
  /** The bound addresses. */
  readonly local: { readonly host: string; readonly port: number }
  invite(options: InviteOptions, events: ClientCallEvents): ClientCall
  counts(): SipCounts
  /** Ends sockets and timers at once. */
  close(): Promise<void>
}

export type ListenSip = (options: SipListenOptions, on_invite: InviteHandler) => Promise<UserAgent>
