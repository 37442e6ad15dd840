/**
 * Instructions out of a draft's builder inputs: begun here, written in the background (workflows/generate-instructions.ts),
 * and put into the draft. Whatever ends the workflow ends `generating` too, in the same transaction.
 */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { digestOf } from '#app/digest.ts'
import { requireMatch } from '#app/preconditions.ts'
import { Refused, refuse } from '#app/refused.ts'
import { ensureDraft, lockOrRefuse, same } from '#app/versions.ts'
import { startWorkflow } from '#app/workflows.ts'
import { type JsonObject, refuseGenerate, type VersionRef, withGenerated } from '#core/version.ts'
import type { WrittenBy, WrittenInstructions } from '#core/writer.ts'
import { insertAudit } from '#store/audit.ts'
import type { Db, Tx } from '#store/database.ts'
import { endGeneration, findVersion, lockVersion, markGenerating } from '#store/versions.ts'

/** What the workflow is about. */
export type Generation = { readonly agent_id: string; readonly version: number }

/** Returns the workflow's id. A hundred at once start one: the others are refused. */
export const startGenerating = async (app: App, caller: Caller, agent_id: string, ref: VersionRef): Promise<string> =>
  transact(app, async tx => {
    const { organization_id } = caller
    await lockOrRefuse(tx, caller, agent_id)
    if (ref === 'latest') await ensureDraft(tx, app, caller, agent_id)
    const draft = (await findVersion(tx, organization_id, agent_id, ref)) ?? refuse('version_not_found', [String(ref)])
    requireMatch(caller, draft)
    const refusal = refuseGenerate(draft)
    if (refusal) throw new Refused(refusal)
    const about: Generation = { agent_id, version: draft.version }
    const workflow_id = await startWorkflow(app, tx, caller, 'generate_instructions', about)
    await markGenerating(tx, draft.id, workflow_id)
    await insertAudit(tx, {
      ...by(caller),
      action: 'version.generate',
      subject: draft.id,
      after: { agent_id, version: draft.version, workflow_id },
    })
    return workflow_id
  })

/** What the draft says is to be written about; it cannot change while it generates. */
export const readGeneration = async (
  db: Db,
  organization_id: string,
  { agent_id, version }: Generation,
): Promise<JsonObject> => {
  const draft = await findVersion(db, organization_id, agent_id, version)
  return draft?.instruction_builder_inputs ?? refuse('builder_inputs_missing')
}

/** The draft, under lock, while this workflow is the one that generates it; else undefined, and there is nothing to end. */
const held = async (tx: Tx, caller: Caller, { agent_id, version }: Generation, workflow_id: string) => {
  const draft = await lockVersion(tx, caller.organization_id, agent_id, version)
  return draft?.generating && draft.workflow_id === workflow_id ? draft : undefined
}

export type FinishedGeneration = {
  readonly workflow_id: string
  /** Those that it was written from. */
  readonly inputs: JsonObject
  readonly written: WrittenInstructions
  readonly written_by: WrittenBy
}

export const finishGenerating = async (
  tx: Tx,
  caller: Caller,
  about: Generation,
  { workflow_id, inputs, written, written_by }: FinishedGeneration,
): Promise<void> => {
  const draft = await held(tx, caller, about, workflow_id)
  if (!draft) return
  const config = withGenerated(draft.config, written)
  const digest = digestOf(config)
  await endGeneration(tx, draft.id, {
    config: JSON.stringify(config),
    digest,
    dirty: draft.dirty && !same(draft.instruction_builder_inputs, inputs),
    manually_edited: false,
    generated_from: JSON.stringify(inputs),
    generated_by: written_by,
    generation_error: null,
  })
  await insertAudit(tx, {
    ...by(caller),
    action: 'version.generated',
    subject: draft.id,
    before: { digest: draft.digest },
    after: { digest, workflow_id, written_by },
  })
}

/** `reason`: a sentence for customers. */
export const failGenerating = async (
  tx: Tx,
  caller: Caller,
  about: Generation,
  workflow_id: string,
  reason: string,
): Promise<void> => {
  const draft = await held(tx, caller, about, workflow_id)
  if (!draft) return
  await endGeneration(tx, draft.id, { generation_error: reason })
}
