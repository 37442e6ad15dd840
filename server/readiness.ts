/** Whether each role of this process serves, asked by scripts that wait for it and by load balancers. */
import type { Readiness } from '#http/process.ts'

export type ReadinessInput = {
  readonly draining: () => boolean
  readonly database_answers: () => Promise<boolean>
  /** null: this process has no voice role. */
  readonly voice_alive: (() => boolean) | null
  readonly roles: readonly string[]
}

const part = (ready: boolean, yes: string, no: string) => ({ ready, detail: ready ? yes : no })

/** A draining process is not ready: whoever shares out calls and requests looks here. */
export const readinessOf = (input: ReadinessInput) => async (): Promise<Readiness> => {
  const database = await input.database_answers()
  const draining = input.draining()
  const roles: Record<string, { readonly ready: boolean; readonly detail: string }> = {}
  // Calls are answered from memory: a process that only answers calls stays in service while the database is away.
  if (input.roles.some(role => role !== 'voice'))
    roles.database = part(database, 'The database answers.', 'The database does not answer.')
  for (const role of input.roles) {
    if (role === 'voice')
      roles.voice = part(input.voice_alive?.() ?? false, 'Calls are answered.', 'No calls are answered.')
    else roles[role] = part(database, 'Serving.', 'Waits for the database.')
  }
  if (draining) roles.process = part(false, '', 'Shutting down: calls in flight are finished first.')
  return { ready: Object.values(roles).every(role => role.ready), roles }
}
