/** What a routing case is: a number as it is set up through the API, a call to it, and everything that follows. */
import type { RouteReason, TraceStep } from '#core/route-trace.ts'
import type { WebhookFailure } from '#core/webhook.ts'

/**
 * Who there is. `anna` has published versions 1 and 2 and a draft 3, `bert` one version, `solo` one and stands on no number;
 * `idle` has published and is not active, `stub` has published nothing; `gone` was deleted under the hand of everybody who
 * names it; `dora` is deployed as a SIP endpoint, `doris` with her first version of two, `dormant` and not active. `foreign` is
 * another organization's, `nobody` an id that nobody has.
 */
export type Person =
  | 'anna'
  | 'bert'
  | 'solo'
  | 'idle'
  | 'stub'
  | 'gone'
  | 'dora'
  | 'doris'
  | 'dormant'
  | 'foreign'
  | 'nobody'

export type Share = {
  readonly who: Person
  /** Absent: follows. */
  readonly version?: number
  readonly weight?: number
  readonly arm?: string
}

type AfterHours = { readonly agents: readonly Share[] } | { readonly forward: string } | { readonly message: string }

export type Setup = {
  /** Whose number it is: the other organization's trunk bridges, and its one agent is `foreign`. */
  readonly in?: 'other'
  readonly inbound?: readonly Share[]
  readonly outbound?: readonly Share[]
  readonly schedule?: {
    readonly timezone?: string
    readonly weekly?: readonly object[]
    readonly dates?: readonly object[]
    readonly after_hours?: AfterHours
    /** Kept, with time routing off. */
    readonly off?: true
    /** The zone is taken out of the world after the schedule was saved. */
    readonly zone_is_gone?: true
  }
  readonly stickiness?: 'call'
  readonly webhook?: true
  readonly default_agent?: Person
  readonly forward?: string
  readonly message?: string
  /** The organization's, for this case only. */
  readonly inbound_routing?: { readonly enabled?: false; readonly fallback?: Person; readonly webhook?: true }
  /** What is called is an extension. */
  readonly extension?: true
}

/** What the webhook says, or how it fails. */
export type WebhookWord =
  | {
      readonly agent?: Person | 'malformed'
      readonly version?: number | 'malformed'
      readonly variables?: Readonly<Record<string, string>>
      readonly reject?: true
    }
  | { readonly fails: WebhookFailure }

export type CaseCall = {
  readonly direction?: 'outbound'
  /** null: anonymous. */
  readonly from?: string | null
  readonly at?: string
  readonly call_id?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly webhook?: WebhookWord
  /** In place of the case's number: what is dialled, or whose SIP address. */
  readonly dials?: string | { readonly who: Person }
  /** The offer; else PCMU. */
  readonly offer?: 'none' | 'other codecs'
  readonly source?: '127.0.0.2' | '127.0.0.3'
  readonly draining?: true
  readonly engine_down?: true
  /** This version's calls have failed again and again. */
  readonly failing?: readonly [Person, number]
}

/** `draw drawn`: the step and its reason. */
export type Line = `${TraceStep['step']} ${RouteReason}`

export type Expected = {
  /** Any of these; which, a draw decides. */
  readonly answers?: readonly (readonly [Person, number])[]
  readonly forwards?: string
  readonly speaks?: string
  /** SIP status. */
  readonly refuses?: number
  /**
   * From the clock on and without the step `media`, which says `codec_agreed` where an agent or a message speaks. Of a case
   * that only a call has, all of it.
   */
  readonly trace: readonly Line[]
  readonly arm?: string
  readonly variables?: Readonly<Record<string, string>>
  /** Whose webhook was asked. */
  readonly asked?: 'number' | 'organization'
}

export type Case = {
  readonly name: string
  readonly setup: Setup
  readonly call?: CaseCall
  readonly expect: Expected
  /** Calls that must end with the very same version as the first. */
  readonly alike?: readonly CaseCall[]
  /** Why one of the two ways does not have it; absent: both have. */
  readonly only_dry?: string
  readonly only_call?: string
}
