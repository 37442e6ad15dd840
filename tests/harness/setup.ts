/** The test runner's global setup: one throw-away PostgreSQL for the whole run. */
import { startForAllTests } from '#tests/harness/database.ts'

let running: { stop(): Promise<void> } | null = null

export async function globalSetup(): Promise<void> {
  running = await startForAllTests()
}

export async function globalTeardown(): Promise<void> {
  await running?.stop()
}
