/** Where a PostgreSQL is. Plain data, so that it can be handed to a worker thread; its names are those the `pg` driver takes. */
export type DatabaseAddress = {
  /** A host name, or the directory of a Unix socket. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly ssl?: boolean
  /** A `postgres://` URL; given instead of the others. */
  readonly connectionString?: string
}
