/** Repeats a 2xx until its ACK, or says that none came. */
import { newPendingSuccess, repeatSuccess } from '#voice/sip/pending-success.ts'
import type { TimerHandle, TimerSettings, Timers } from '#voice/sip/timers.ts'

export type SuccessRetransmission = {
  /** CSeq of the INVITE: its ACK carries the same. */
  readonly cseq: number
  stop(): void
}

export function repeatUntilAck(
  timers: Timers,
  settings: TimerSettings,
  cseq: number,
  send: () => void,
  no_ack: () => void,
): SuccessRetransmission {
  let pending = newPendingSuccess(settings)
  let handle: TimerHandle = timers.set(pending.resend_ms, expire)
  function expire(): void {
    const next = repeatSuccess(pending, settings)
    if (next === null) {
      no_ack()
      return
    }
    pending = next
    send()
    handle = timers.set(next.resend_ms, expire)
  }
  return { cseq, stop: () => timers.clear(handle) }
}
