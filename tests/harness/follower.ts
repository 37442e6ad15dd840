/** A routing table that follows a test's database. */
import { type FollowerDeps, followRouting, type TableFollower } from '#app/follow-routing.ts'
import type { RoutingTable } from '#core/routing-table.ts'
import type { TestApp } from '#tests/harness/app.ts'

export const testFollower = (
  { app, log }: Pick<TestApp, 'app' | 'log'>,
  table: RoutingTable,
  changes: Partial<FollowerDeps> = {},
): TableFollower => {
  const { system: db, secrets, clock } = app
  return followRouting({ db, table, log, secrets, clock, webhook_timeout_ms: 2000, ...changes })
}
