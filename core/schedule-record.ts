/** A schedule as it is saved and shown. */
import type { AssignmentEntry } from '#core/routing-table.ts'
import type { ScheduleRules } from '#core/schedule.ts'

/** Who answers while it is closed. */
export type AfterHoursTarget =
  | { readonly agents: readonly AssignmentEntry[] }
  /** A SIP URI, or a number in E.164. */
  | { readonly forward: string }
  | { readonly message: string }

export type Schedule = ScheduleRules & {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  /** An IANA zone. */
  readonly timezone: string
  /** null: the fallback ladder answers. */
  readonly after_hours: AfterHoursTarget | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}
