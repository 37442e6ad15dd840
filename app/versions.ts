/** Versions: numbered by the server, drafts until published. */
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { digestOf } from '#app/digest.ts'
import { requireMatch } from '#app/preconditions.ts'
import { Refused, refuse } from '#app/refused.ts'
import { canonicalJson } from '#core/canonical-json.ts'
import {
  type AgentConfig,
  type DraftEdit,
  editDraft,
  type JsonObject,
  refuseUpdate,
  type Version,
  type VersionRef,
  type VersionSummary,
} from '#core/version.ts'
import type { WrittenBy } from '#core/writer.ts'
import { findAgent, lockAgent } from '#store/agents.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  findVersion,
  insertVersion,
  listVersions as listRows,
  type NewVersion,
  type StoredVersion,
  updateDraft,
  type VersionFilters,
} from '#store/versions.ts'

export type NewVersionInput =
  /** A config with its defaults filled in; `brings_instructions`: the caller wrote some. */
  | { readonly config: AgentConfig; readonly brings_instructions: boolean }
  | { readonly base_version: number }
  /** A config whose instructions were written from these inputs. */
  | { readonly config: AgentConfig; readonly generated_from: JsonObject; readonly generated_by: WrittenBy }

const copyOf = (base: StoredVersion) => ({
  config: base.config,
  digest: base.digest,
  base_version: base.version,
  instruction_builder_inputs: base.instruction_builder_inputs,
  generated_from: base.generated_from,
  generated_by: base.generated_by,
  dirty: base.dirty,
  manually_edited: base.manually_edited,
})

const fresh = (config: AgentConfig, manually_edited: boolean) => ({
  config,
  digest: digestOf(config),
  base_version: null,
  instruction_builder_inputs: null,
  generated_from: null,
  generated_by: null,
  dirty: false,
  manually_edited,
})

const generated = (config: AgentConfig, inputs: JsonObject, generated_by: WrittenBy) => ({
  ...fresh(config, false),
  instruction_builder_inputs: inputs,
  generated_from: inputs,
  generated_by,
})

type Content = Omit<NewVersion, 'id' | 'organization_id' | 'agent_id' | 'created_by'>

/** The agent's lock must be held: it makes the numbers dense. */
const addVersion = async (tx: Tx, caller: Caller, agent_id: string, content: Content): Promise<Version> => {
  const { organization_id, key_id } = caller
  const version = await insertVersion(tx, { id: newId(), organization_id, agent_id, created_by: key_id, ...content })
  await insertAudit(tx, {
    ...by(caller),
    action: 'version.create',
    subject: version.id,
    after: { agent_id, version: version.version, digest: version.digest, base_version: version.base_version },
  })
  return version
}

export const lockOrRefuse = async (tx: Tx, caller: Caller, agent_id: string): Promise<void> => {
  if (!(await lockAgent(tx, caller.organization_id, agent_id))) refuse('agent_not_found', [agent_id])
}

export const createVersion = async (
  app: App,
  caller: Caller,
  agent_id: string,
  input: NewVersionInput,
): Promise<Version> =>
  transact(app, async tx => {
    await lockOrRefuse(tx, caller, agent_id)
    if ('generated_from' in input) {
      const { config, generated_from, generated_by } = input
      return addVersion(tx, caller, agent_id, generated(config, generated_from, generated_by))
    }
    if ('config' in input) return addVersion(tx, caller, agent_id, fresh(input.config, input.brings_instructions))
    const base = await findVersion(tx, caller.organization_id, agent_id, input.base_version)
    return addVersion(
      tx,
      caller,
      agent_id,
      copyOf(base ?? refuse('base_version_not_found', [String(input.base_version)])),
    )
  })

/** The newest version if it is a draft, else a new draft copied from it, or from the default config when there is none. */
export const ensureDraft = async (tx: Tx, app: App, caller: Caller, agent_id: string): Promise<void> => {
  const newest = await findVersion(tx, caller.organization_id, agent_id, 'latest')
  if (newest && !newest.published) return
  await addVersion(tx, caller, agent_id, newest ? copyOf(newest) : fresh(app.default_config, false))
}

/** `latest` ensures that a draft exists; twenty at once still make one. */
export const getVersion = async (app: App, caller: Caller, agent_id: string, ref: VersionRef): Promise<Version> => {
  const { organization_id } = caller
  const agent = await findAgent(app.db, organization_id, agent_id)
  if (!agent) return refuse('agent_not_found', [agent_id])
  const found = await findVersion(app.db, organization_id, agent_id, ref)
  if (found && (ref !== 'latest' || !found.published)) return found
  if (ref !== 'latest') return refuse('version_not_found', [String(ref)])
  return transact(app, async tx => {
    await lockOrRefuse(tx, caller, agent_id)
    await ensureDraft(tx, app, caller, agent_id)
    return (await findVersion(tx, organization_id, agent_id, 'latest')) ?? refuse('version_not_found', ['latest'])
  })
}

export type { VersionFilters }

export const listVersions = async (
  app: App,
  caller: Caller,
  agent_id: string,
  page: Page,
  filters: VersionFilters,
): Promise<Listed<VersionSummary>> => {
  if (!(await findAgent(app.db, caller.organization_id, agent_id))) refuse('agent_not_found', [agent_id])
  return listRows(app.db, agent_id, page, filters)
}

export const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null)

/** Changes a draft; a published version refuses and nothing changes. */
export const updateVersion = async (
  app: App,
  caller: Caller,
  agent_id: string,
  ref: VersionRef,
  edit: DraftEdit,
): Promise<Version> =>
  transact(app, async tx => {
    const { organization_id } = caller
    await lockOrRefuse(tx, caller, agent_id)
    if (ref === 'latest') await ensureDraft(tx, app, caller, agent_id)
    const before = (await findVersion(tx, organization_id, agent_id, ref)) ?? refuse('version_not_found', [String(ref)])
    requireMatch(caller, before)
    const refusal = refuseUpdate(before)
    if (refusal) throw new Refused(refusal)
    const state = editDraft(before, edit, same)
    const after = await updateDraft(tx, before.id, { ...state, digest: digestOf(state.config) })
    await insertAudit(tx, {
      ...by(caller),
      action: 'version.update',
      subject: after.id,
      before: { digest: before.digest, dirty: before.dirty, manually_edited: before.manually_edited },
      after: { digest: after.digest, dirty: after.dirty, manually_edited: after.manually_edited },
    })
    return after
  })
