/** Reads a source of a knowledge base: outside, then its passages and its state in one transaction. */
import { DocumentFault } from '#app/document-reader.ts'
import { keepContent, passagesOf, titleOf } from '#app/knowledge-content.ts'
import { WorkflowFault } from '#app/workflow-fault.ts'
import type { DocumentChunk } from '#core/document-chunks.ts'
import type { KnowledgeSource } from '#core/knowledge.ts'
import { SOURCE_FAILURES, type SourceFailureCode, sourceFailure } from '#core/source-failure.ts'
import type { JsonObject } from '#core/version.ts'
import { lockKnowledgeBase } from '#store/knowledge-bases.ts'
import { findContent, findSource, lockSource, markReading, updateSource } from '#store/knowledge-sources.ts'
import { NO_RESULT, type StepContext, type WorkflowDefinition } from '#workflows/workflow.ts'

type Input = { readonly knowledge_base_id: string; readonly source_id: string }
/** `chunks` null: the source was deleted before it was read. */
type Read = {
  readonly title: string
  readonly media_type: string | null
  readonly chunks: readonly DocumentChunk[] | null
}
type Outputs = { readonly read: Read }

const GONE: Read = { title: '', media_type: null, chunks: null }

/** Titles that the address or the file's name stands in for give way to what the document calls itself. */
const isNamed = ({ title, url, file_name }: KnowledgeSource): boolean =>
  title !== url && title !== file_name && title !== 'Text'

const readDocument = async ({ app, organization_id, signal }: StepContext<Input, Outputs>, source: KnowledgeSource) => {
  if (source.url !== null) return app.documents.fetch(source.url, signal)
  const media_type = source.media_type ?? 'text/plain'
  const bytes = await findContent(app.db, organization_id, source.id)
  if (bytes === null) throw new DocumentFault('source_unreadable')
  return { ...(await app.documents.parse(bytes, media_type, signal)), media_type }
}

const read = async (context: StepContext<Input, Outputs>): Promise<Read> => {
  const { app, organization_id, input } = context
  const source = await findSource(app.db, organization_id, input.knowledge_base_id, input.source_id)
  if (!source) return GONE
  await markReading(app.db, organization_id, source.id)
  try {
    const document = await readDocument(context, source)
    const title = isNamed(source) ? source.title : titleOf(document.title, source.title)
    return { title, media_type: document.media_type, chunks: passagesOf(title, document) }
  } catch (error) {
    if (error instanceof DocumentFault) throw new WorkflowFault(error.code, { again: error.again })
    throw error
  }
}

const isSourceFailure = (code: string): code is SourceFailureCode => Object.hasOwn(SOURCE_FAILURES, code)

export const readSource: WorkflowDefinition<Input, Outputs> = {
  type: 'read_source',
  steps: [
    {
      name: 'read',
      run: async context => ({ ...(await read(context)) }),
      save: async (tx, { organization_id, input }, output: JsonObject) => {
        const { title, media_type, chunks } = output as Read
        const key = { organization_id, knowledge_base_id: input.knowledge_base_id, id: input.source_id }
        if (chunks) await keepContent(tx, key, { title, chunks, ...(media_type === null ? {} : { media_type }) })
      },
    },
  ],
  failed: async (tx, { organization_id, workflow_id, input: { knowledge_base_id, source_id } }, { code }) => {
    if (!(await lockKnowledgeBase(tx, organization_id, knowledge_base_id))) return
    const source = await lockSource(tx, organization_id, knowledge_base_id, source_id)
    // A later reading of the same source says how it is.
    if (source?.workflow_id !== workflow_id) return
    const failure = sourceFailure(isSourceFailure(code) ? code : 'reading_stopped')
    await updateSource(tx, source_id, { state: 'failed', failure })
  },
  result: () => NO_RESULT,
}
