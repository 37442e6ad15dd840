/** A 2xx to INVITE is repeated by the user agent until its ACK comes (RFC 3261 13.3.1.4), over TCP as well. Pure. */
import type { TimerSettings } from '#voice/sip/timers.ts'

export type PendingSuccess = { readonly resend_ms: number; readonly waited_ms: number }

export function newPendingSuccess(settings: TimerSettings): PendingSuccess {
  return { resend_ms: settings.t1_ms, waited_ms: 0 }
}

/** After `resend_ms`: send again and wait as `next` says, or give up after 64*T1 (null). */
export function repeatSuccess(pending: PendingSuccess, settings: TimerSettings): PendingSuccess | null {
  const waited_ms = pending.waited_ms + pending.resend_ms
  const left_ms = 64 * settings.t1_ms - waited_ms
  if (left_ms <= 0) return null
  return { resend_ms: Math.min(2 * pending.resend_ms, settings.t2_ms, left_ms), waited_ms }
}
