/** One line of the audit log: who did what to what, before → after, and from where. */
export type AuditRecord = {
  readonly id: string
  readonly organization_id: string
  /** The key that acted, or the person whose token did. */
  readonly actor: string
  /** `agent.create`, `version.publish`, … */
  readonly action: string
  /** The id of what it was done to. */
  readonly subject: string
  readonly before: object | null
  readonly after: object | null
  /** null, as is `address`, when nobody outside asked. */
  readonly request_id: string | null
  readonly address: string | null
  readonly created_at: string
}
