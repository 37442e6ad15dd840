/** What a source says, kept as passages; replaced only when it says something else. */
import { createHash } from 'node:crypto'
import { newId } from '#app/context.ts'
import { DocumentFault } from '#app/document-reader.ts'
import { chunkDocument, type DocumentChunk } from '#core/document-chunks.ts'
import type { KnowledgeSource, ReadDocument } from '#core/knowledge.ts'
import type { Tx } from '#store/database.ts'
import { lockKnowledgeBase } from '#store/knowledge-bases.ts'
import { insertChunks, removeChunks } from '#store/knowledge-chunks.ts'
import { findSourceByUrl, insertSource, lockSource, updateSource } from '#store/knowledge-sources.ts'

const TITLE_LENGTH = 200

/** One line, not empty. */
export const titleOf = (title: string | null, otherwise: string): string =>
  (title ?? '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, TITLE_LENGTH)
    .toWellFormed() || otherwise.slice(0, TITLE_LENGTH).toWellFormed()

const digestOf = (title: string, chunks: readonly DocumentChunk[]): string =>
  createHash('sha256')
    .update(JSON.stringify([title, chunks]))
    .digest('hex')

/** The passages of a document. Throws a `DocumentFault` when there are none, or too many. */
export const passagesOf = (title: string, document: ReadDocument): readonly DocumentChunk[] => {
  const chunks = chunkDocument(title, document)
  if (chunks === null) throw new DocumentFault('source_too_large')
  if (chunks.length === 0) throw new DocumentFault('source_empty')
  return chunks
}

type SourceKey = Pick<KnowledgeSource, 'organization_id' | 'knowledge_base_id' | 'id'>
export type Content = {
  readonly title: string
  readonly chunks: readonly DocumentChunk[]
  readonly media_type?: string
}

/** undefined: the source was deleted meanwhile. */
export const keepContent = async (
  tx: Tx,
  { organization_id, knowledge_base_id, id }: SourceKey,
  { title, chunks, media_type }: Content,
): Promise<KnowledgeSource | undefined> => {
  const base = await lockKnowledgeBase(tx, organization_id, knowledge_base_id)
  const source = base && (await lockSource(tx, organization_id, knowledge_base_id, id))
  if (!base || !source) return undefined
  const digest = digestOf(title, chunks)
  if (digest !== source.digest) {
    const owner = { organization_id, knowledge_base_id, source_id: id }
    if (source.chunk_count > 0) await removeChunks(tx, owner)
    await insertChunks(tx, owner, base.search_configuration, chunks)
  }
  return updateSource(tx, id, {
    ...{ state: 'ready', title, digest, chunk_count: chunks.length },
    ...(media_type === undefined ? {} : { media_type }),
  })
}

export type NewPage = { readonly url: string; readonly title: string | null; readonly markdown: string }

/** Pages that were read already. One whose URL is a source of the collection already replaces what that said. Empty ones are left out. */
export const addPages = async (
  tx: Tx,
  organization_id: string,
  knowledge_base_id: string,
  pages: readonly NewPage[],
): Promise<void> => {
  await lockKnowledgeBase(tx, organization_id, knowledge_base_id)
  for (const { url, title: given, markdown } of pages) {
    const title = titleOf(given, url)
    const chunks = chunkDocument(title, { title, markdown }) ?? []
    if (chunks.length === 0) continue
    const row = { id: newId(), organization_id, knowledge_base_id, kind: 'url', title, url, file_name: null } as const
    const source =
      (await insertSource(tx, { ...row, media_type: 'text/html', state: 'queued', content: null })) ??
      (await findSourceByUrl(tx, organization_id, knowledge_base_id, url))
    if (source) await keepContent(tx, source, { title, chunks })
  }
}
