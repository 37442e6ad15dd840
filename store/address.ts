/** Where a PostgreSQL is. Plain data, so that it can be handed to another thread. */
export type DatabaseAddress = {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly connectionString?: string
}
