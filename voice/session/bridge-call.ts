/**
 * A forwarded call that Patchcord places itself (a back-to-back user agent, RFC 7092): does what bridge-state.ts says.
 * The ends exchange their SDP through us and their sound with each other.
 */
import type { RoutedCall } from '#app/ports.ts'
import type { RouteForward } from '#core/route-decision.ts'
import { type Arrival, RETRY_AFTER, recordOpened, recordUnanswered } from '#voice/session/arrival.ts'
import { type BridgeEvent, type BridgeOutput, type BridgeTimer, stepBridge } from '#voice/session/bridge-state.ts'
import { type ForwardWay, findWay } from '#voice/session/forward-target.ts'
import type { CallServices, LiveCall } from '#voice/session/live-call.ts'
import { namedTimers } from '#voice/session/named-timers.ts'
import type { ClientCall, ClientCallEvents, InviteOptions } from '#voice/sip/user-agent-types.ts'

/** How often we have forwarded this call already; a header survives more back-to-back user agents than Max-Forwards does. */
const FORWARDS_HEADER = 'X-Patchcord-Forwards'
const FORWARDS_LIMIT = 3
const MAX_FORWARDS = 70

type Hops = { readonly max_forwards: number; readonly forwards: number }

const hopsOf = ({ call, incoming }: Arrival): Hops => {
  const said = Number(call.headers.get('max-forwards') ?? MAX_FORWARDS)
  const forwards = Number(incoming.x_headers[FORWARDS_HEADER.toLowerCase()] ?? 0)
  return { max_forwards: Math.min(said, MAX_FORWARDS) - 1, forwards: Number.isFinite(forwards) ? forwards : 0 }
}

/** Refused before anything is placed: a loop would else call itself for ever, and without an offer there is nothing to pass on. */
const faultOf = ({ call }: Arrival, { max_forwards, forwards }: Hops) => {
  if (max_forwards < 0) return { sip_status: 483, reason: 'forward_too_many_hops' } as const
  if (forwards >= FORWARDS_LIMIT) return { sip_status: 482, reason: 'forward_loop' } as const
  return call.offer === null ? ({ sip_status: 488, reason: 'forward_without_offer' } as const) : null
}

const inviteOf = (offer: string, { decision }: RoutedCall, hops: Hops, way: ForwardWay): InviteOptions => {
  const { caller, number } = decision
  const diverted = number?.startsWith('+') ? [['Diversion', `<tel:${number}>;reason=unconditional`] as const] : []
  const privacy = caller === null ? [['Privacy', 'id'] as const] : []
  return {
    ...way,
    from_user: caller ?? 'anonymous',
    offer,
    max_forwards: hops.max_forwards,
    headers: [...diverted, ...privacy, [FORWARDS_HEADER, String(hops.forwards + 1)]],
  }
}

/** What the target does, told to the machine. */
const targetEvents = (tell: (event: BridgeEvent) => void, target_over: () => void): ClientCallEvents => ({
  progress: status => {
    if (status >= 180) tell({ kind: 'target_rings' })
  },
  answered: sdp => tell({ kind: 'target_answered', sdp }),
  failed: status => {
    target_over()
    tell({ kind: 'target_refused', status })
  },
  ended: reason => {
    target_over()
    tell({ kind: 'target_ended', reason })
  },
})

/** The machine with its hands: runs until `close`. */
const runBridge = (arrival: Arrival, services: CallServices, invite: (way: ForwardWay) => InviteOptions) => {
  const { call, id } = arrival
  const { desk, clock, log } = services
  let phase: Parameters<typeof stepBridge>[0] = 'placing'
  let way: ForwardWay | null = null
  let target: ClientCall | null = null
  let answer = ''
  let rings = arrival.rings
  const recorded = Promise.withResolvers<void>()
  const caller_over = Promise.withResolvers<void>()
  const target_over = Promise.withResolvers<void>()

  const tell = (event: BridgeEvent): void => {
    const [next, ...outputs] = stepBridge(phase, event)
    phase = next
    for (const output of outputs) carryOut(output)
  }
  const timers = namedTimers<BridgeTimer>(services.timers, timer => tell({ kind: 'timer', timer }))

  const place = (found: ForwardWay): void => {
    try {
      target = services.invite(invite(found), targetEvents(tell, target_over.resolve))
    } catch (error) {
      log.error({ call: id, err: String(error) }, 'a forwarded call could not be placed')
      tell({ kind: 'target_refused', status: 500 })
    }
  }

  const carryOut = (output: BridgeOutput): void => {
    switch (output.kind) {
      case 'place':
        if (way !== null) place(way)
        return
      case 'ring':
        if (!rings) call.ringing()
        rings = true
        return
      case 'answer':
        answer = output.sdp
        call.answer(answer)
        return
      case 'refuse':
        call.refuse(output.sip_status, output.sip_status === 503 ? { headers: [RETRY_AFTER] } : {})
        caller_over.resolve()
        return
      case 'hang_up_caller':
        call.hang_up()
        return
      case 'hang_up_target':
        void target?.hang_up().then(target_over.resolve)
        return
      case 'report_answered':
        desk.record({ kind: 'answered', id, at_ms: clock.now_ms() })
        return
      case 'set_timer':
        timers.set(output.timer, output.after_ms)
        return
      case 'clear_timer':
        timers.clear(output.timer)
        return
      case 'close': {
        const { status, reason } = output
        desk.record({ kind: 'closed', id, at_ms: clock.now_ms(), status, reason, media: null })
        log.info({ call: id, status, reason }, 'forwarded call ended')
        if (target === null) target_over.resolve()
        recorded.resolve()
        return
      }
    }
  }
  return {
    tell,
    way_found: (found: ForwardWay): void => {
      way = found
      tell({ kind: 'way_found' })
    },
    answer: () => answer,
    caller_over: caller_over.resolve,
    recorded: recorded.promise,
    over: Promise.all([recorded.promise, caller_over.promise, target_over.promise]).then(() => {}),
  }
}

/** null: refused at once. */
export const startBridge = (
  arrival: Arrival,
  routed: RoutedCall,
  forward: RouteForward,
  services: CallServices,
): LiveCall | null => {
  const { call, id } = arrival
  const hops = hopsOf(arrival)
  const fault = faultOf(arrival, hops)
  if (fault !== null) {
    call.refuse(fault.sip_status)
    services.log.warn({ call: id, ...fault }, 'call refused')
    recordUnanswered(arrival, routed, { status: 'failed', reason: fault.reason }, services)
    return null
  }
  const offer = call.offer ?? ''
  recordOpened(arrival, routed, services)
  const running = runBridge(arrival, services, way => inviteOf(offer, routed, hops, way))
  const { tell } = running
  const outbound = services.desk.outbound(forward.trunk_id)
  void findWay(forward.target, outbound, services.may_forward_to).then(way => {
    if (typeof way === 'string') tell({ kind: 'no_way', reason: way })
    else running.way_found(way)
  })
  return {
    events: {
      cancelled: () => {
        running.caller_over()
        tell({ kind: 'cancelled' })
      },
      confirmed: () => {},
      // A refresh that changes nothing is answered as before; anything else the ends would have to agree on anew.
      reoffer: sdp => (sdp === offer ? running.answer() : { status: 488 }),
      dtmf: () => {},
      ended: reason => {
        running.caller_over()
        tell({ kind: 'caller_ended', reason })
      },
    },
    shut_down: () => tell({ kind: 'shut_down' }),
    recorded: running.recorded,
    over: running.over,
  }
}
