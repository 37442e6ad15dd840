/** What differs between two versions of an agent: as data, and told in words by whoever writes for the organization. */
import type { App, Caller } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { type ConfigDiff, diffConfigs } from '#core/config-diff.ts'
import { listChanges, summarizeChanges } from '#core/offline-comparison.ts'
import { sentenceOf } from '#core/refusal.ts'
import type { WrittenBy } from '#core/writer.ts'
import { findAgent } from '#store/agents.ts'
import { findVersion } from '#store/versions.ts'

export type VersionPair = { readonly from_version: number; readonly to_version: number }

export const diffVersions = async (
  app: App,
  caller: Caller,
  agent_id: string,
  { from_version, to_version }: VersionPair,
): Promise<ConfigDiff> => {
  const { organization_id } = caller
  if (!(await findAgent(app.db, organization_id, agent_id))) refuse('agent_not_found', [agent_id])
  const read = async (version: number) =>
    (await findVersion(app.db, organization_id, agent_id, version)) ?? refuse('version_not_found', [String(version)])
  const [before, after] = [await read(from_version), await read(to_version)]
  return diffConfigs(before.config, after.config)
}

export type ToldComparison = {
  readonly written_by: WrittenBy
  /** Never rejects: what breaks on the way is said in the text. */
  readonly text: AsyncGenerator<string, void>
}

const reasonOf = (app: App, error: unknown, signal: AbortSignal): string => {
  if (signal.aborted) return 'the server stops.'
  if (error instanceof Refused) return sentenceOf(error.refusal)
  app.log.error({ reason: String(error) }, 'a comparison broke off')
  return 'something failed on our side.'
}

/** What is left of the prose, its first piece read already. */
type Prose = { readonly first: IteratorResult<string>; readonly rest: AsyncIterator<string> }

/** The list of changes is ours and whole, whatever the prose leaves out. */
async function* tell(
  app: App,
  diff: ConfigDiff,
  { from_version, to_version }: VersionPair,
  { first, rest }: Prose,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield `Version ${to_version} compared with version ${from_version}:\n\n${listChanges(diff)}\n\n`
  try {
    for (let piece = first; !piece.done; piece = await rest.next()) yield piece.value
    yield '\n'
  } catch (error) {
    yield `\n\n[This text breaks off here: ${reasonOf(app, error, signal)}]\n`
  }
}

async function* nothingDiffers(diff: ConfigDiff): AsyncGenerator<string, void> {
  yield `${summarizeChanges(diff)}\n`
}

/**
 * Waits for the writer's first word and no longer: what keeps it from beginning is refused (`model_…`) before anything was
 * said. `signal`: nobody reads on.
 */
export const tellDifference = async (
  app: App,
  caller: Caller,
  agent_id: string,
  pair: VersionPair,
  signal: AbortSignal,
): Promise<ToldComparison> => {
  const diff = await diffVersions(app, caller, agent_id, pair)
  if (diff.changes.length === 0) return { written_by: 'offline', text: nothingDiffers(diff) }
  const writer = await app.writers.for(caller.organization_id)
  const rest = writer.comparison(diff, signal)[Symbol.asyncIterator]()
  const first = await rest.next()
  return { written_by: writer.written_by, text: tell(app, diff, pair, { first, rest }, signal) }
}
