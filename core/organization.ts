export type Organization = {
  readonly id: string
  readonly name: string
  readonly slug: string
  /** The integer that UponAI's dialect calls `workspaceId`. */
  readonly workspace_id: number
  readonly created_at: string
}
