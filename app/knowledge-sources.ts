/** Sources of knowledge bases. Texts are cut into passages at once; URLs, HTML and PDF are read in the background. */
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { DocumentFault } from '#app/document-reader.ts'
import { keepContent, passagesOf, titleOf } from '#app/knowledge-content.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import { startWorkflow } from '#app/workflows.ts'
import type { KnowledgeSource, SourceState } from '#core/knowledge.ts'
import type { MediaType } from '#core/media-type.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { findKnowledgeBase, lockKnowledgeBase } from '#store/knowledge-bases.ts'
import { removeChunks } from '#store/knowledge-chunks.ts'
import {
  deleteSource as deleteRow,
  findSource,
  findSourceByUrl,
  insertSource,
  listSources as listRows,
  lockSource,
  updateSource,
} from '#store/knowledge-sources.ts'

export type SourceInput =
  | { readonly kind: 'url'; readonly title: string | null; readonly url: string }
  | { readonly kind: 'text'; readonly title: string | null; readonly text: string; readonly media_type: MediaType }
  | {
      readonly kind: 'file'
      readonly title: string | null
      readonly file_name: string
      readonly media_type: MediaType
      readonly content: Uint8Array
    }

const contentOf = (input: SourceInput): Buffer | null => {
  if (input.kind === 'url') return null
  return input.kind === 'text' ? Buffer.from(input.text) : Buffer.from(input.content)
}

const nameOf = (input: SourceInput): string => {
  if (input.kind === 'url') return input.url
  return input.kind === 'file' ? input.file_name : 'Text'
}

/** Its background reading begins with this transaction's commit. */
const startReading = async (app: App, tx: Tx, caller: Caller, source: KnowledgeSource): Promise<KnowledgeSource> => {
  const { id: source_id, knowledge_base_id } = source
  const workflow_id = await startWorkflow(app, tx, caller, 'read_source', { knowledge_base_id, source_id })
  return updateSource(tx, source_id, { state: 'queued', workflow_id })
}

const isPlain = (input: SourceInput): boolean =>
  input.kind !== 'url' && (input.media_type === 'text/plain' || input.media_type === 'text/markdown')

/** What a text says is known at once; whatever else is wrong with it is told at once too. */
const keepText = async (tx: Tx, source: KnowledgeSource, markdown: string): Promise<KnowledgeSource> => {
  try {
    const { title } = source
    const kept = await keepContent(tx, source, { title, chunks: passagesOf(title, { title, markdown }) })
    return kept ?? refuse('source_not_found', [source.id])
  } catch (error) {
    if (!(error instanceof DocumentFault)) throw error
    return refuse(error.code === 'source_too_large' ? 'source_text_too_large' : 'source_text_empty')
  }
}

const insertOrRefuse = async (
  tx: Tx,
  caller: Caller,
  knowledge_base_id: string,
  input: SourceInput,
): Promise<KnowledgeSource> => {
  const { organization_id } = caller
  const url = input.kind === 'url' ? input.url : null
  const source = await insertSource(tx, {
    ...{ id: newId(), organization_id, knowledge_base_id, kind: input.kind, url },
    title: titleOf(input.title, nameOf(input)),
    file_name: input.kind === 'file' ? input.file_name : null,
    media_type: input.kind === 'url' ? null : input.media_type,
    state: 'queued',
    content: input.kind === 'text' && isPlain(input) ? null : contentOf(input),
  })
  if (source) return source
  const twin = await findSourceByUrl(tx, organization_id, knowledge_base_id, url ?? '')
  return refuse('source_exists', [twin?.id ?? url ?? ''])
}

/** UTF-8, its mark dropped; U+0000, which PostgreSQL cannot keep, becomes a space. */
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll('\0', ' ')

export const addSource = async (
  app: App,
  caller: Caller,
  knowledge_base_id: string,
  input: SourceInput,
): Promise<KnowledgeSource> => {
  const fault = input.kind === 'url' ? app.documents.refuse_url(input.url) : null
  if (fault !== null) refuse('source_url_refused', [fault])
  return transact(app, async tx => {
    const base = await lockKnowledgeBase(tx, caller.organization_id, knowledge_base_id)
    if (!base) return refuse('knowledge_base_not_found', [knowledge_base_id])
    const source = await insertOrRefuse(tx, caller, knowledge_base_id, input)
    const { id, kind, title, url, file_name } = source
    await insertAudit(tx, {
      ...by(caller),
      action: 'knowledge_source.create',
      subject: id,
      after: { knowledge_base_id, kind, title, url, file_name },
    })
    const bytes = contentOf(input)
    return bytes && isPlain(input) ? keepText(tx, source, textOf(bytes)) : startReading(app, tx, caller, source)
  })
}

export const listSources = async (
  app: App,
  caller: Caller,
  knowledge_base_id: string,
  page: Page,
  state: SourceState | undefined,
): Promise<Listed<KnowledgeSource>> => {
  const { organization_id } = caller
  if (!(await findKnowledgeBase(app.db, organization_id, knowledge_base_id)))
    refuse('knowledge_base_not_found', [knowledge_base_id])
  return listRows(app.db, organization_id, knowledge_base_id, page, state)
}

export const getSource = async (
  app: App,
  caller: Caller,
  knowledge_base_id: string,
  id: string,
): Promise<KnowledgeSource> => {
  const { organization_id } = caller
  const source = await findSource(app.db, organization_id, knowledge_base_id, id)
  if (source) return source
  const base = await findKnowledgeBase(app.db, organization_id, knowledge_base_id)
  return base ? refuse('source_not_found', [id]) : refuse('knowledge_base_not_found', [knowledge_base_id])
}

/** The collection first, then the source: the order in which everybody locks them. */
const lockOrRefuse = async (
  tx: Tx,
  caller: Caller,
  knowledge_base_id: string,
  id: string,
): Promise<KnowledgeSource> => {
  const { organization_id } = caller
  if (!(await lockKnowledgeBase(tx, organization_id, knowledge_base_id)))
    refuse('knowledge_base_not_found', [knowledge_base_id])
  const source = await lockSource(tx, organization_id, knowledge_base_id, id)
  if (!source) return refuse('source_not_found', [id])
  const { digest: _digest, ...shown } = source
  requireMatch(caller, shown)
  return shown
}

/** With its passages; a reading that is under way finds nothing to write to. */
export const deleteSource = async (app: App, caller: Caller, knowledge_base_id: string, id: string): Promise<void> =>
  transact(app, async tx => {
    const { organization_id } = caller
    const { kind, title, url, file_name } = await lockOrRefuse(tx, caller, knowledge_base_id, id)
    await removeChunks(tx, { organization_id, knowledge_base_id, source_id: id })
    await deleteRow(tx, id)
    await insertAudit(tx, {
      ...by(caller),
      action: 'knowledge_source.delete',
      subject: id,
      before: { knowledge_base_id, kind, title, url, file_name },
    })
  })

/** Reads it again in the background; what it said stays until then, and for good if it still says the same. */
export const refreshSource = async (
  app: App,
  caller: Caller,
  knowledge_base_id: string,
  id: string,
): Promise<KnowledgeSource> =>
  transact(app, async tx => {
    const source = await lockOrRefuse(tx, caller, knowledge_base_id, id)
    if (source.state === 'queued' || source.state === 'reading') refuse('source_being_read', [id])
    if (source.kind === 'text') refuse('source_not_refreshable', [id])
    const queued = await startReading(app, tx, caller, source)
    await insertAudit(tx, {
      ...by(caller),
      action: 'knowledge_source.refresh',
      subject: id,
      before: { state: source.state, read_at: source.read_at },
    })
    return queued
  })
