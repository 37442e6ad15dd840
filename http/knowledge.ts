import * as bases from '#app/knowledge.ts'
import * as sources from '#app/knowledge-sources.ts'
import { refuse } from '#app/refused.ts'
import { type MediaType, mediaTypeOfFile } from '#core/media-type.ts'
import { type Call, type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toDatasetAnswer, toQueryAnswer, toSourceAnswer } from '#wire/core-knowledge.ts'

const createDataset: Handler<'createDataset'> = async ({ app, caller, body }) => {
  const { name, description = null, language = 'en' } = body
  const base = await bases.makeKnowledgeBase(app, caller, { name, description, language })
  return ok(toDatasetAnswer(base), base)
}

const listDatasets: Handler<'listDatasets'> = async ({ app, caller, query, url }) =>
  listed(url, await bases.listKnowledgeBases(app, caller, pageFrom(query, 'uuid'), filtersFrom(query)), toDatasetAnswer)

const getDataset: Handler<'getDataset'> = async ({ app, caller, path }) => {
  const base = await bases.getKnowledgeBase(app, caller, path.id)
  return ok(toDatasetAnswer(base), base)
}

const deleteDataset: Handler<'deleteDataset'> = async ({ app, caller, path }) => {
  await bases.deleteKnowledgeBase(app, caller, path.id)
  return NO_CONTENT
}

const TOP_N = 5

const queryDataset: Handler<'queryDataset'> = async ({ app, caller, path, body }) =>
  ok(toQueryAnswer(await bases.askKnowledgeBase(app, caller, path.id, body.query, body.top_n ?? TOP_N)))

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Buffer would read around what is no Base64, and store something else than was sent. */
const bytesOf = (base64: string): Uint8Array => {
  if (base64.length % 4 !== 0 || !BASE64.test(base64)) refuse('source_content_malformed')
  return Buffer.from(base64, 'base64')
}

const inputFrom = (body: Call<'addSource'>['body']): sources.SourceInput => {
  const { url, text, file_name, content_base64, title = null, media_type } = body
  if (url !== undefined) return { kind: 'url', title, url }
  if (text !== undefined) return { kind: 'text', title, text, media_type: media_type ?? 'text/markdown' }
  const name = file_name ?? ''
  const type: MediaType = media_type ?? mediaTypeOfFile(name) ?? refuse('source_type_unknown', [name])
  return { kind: 'file', title, file_name: name, media_type: type, content: bytesOf(content_base64 ?? '') }
}

const addSource: Handler<'addSource'> = async ({ app, caller, path, body }) => {
  const source = await sources.addSource(app, caller, path.id, inputFrom(body))
  return ok(toSourceAnswer(source), source)
}

const listSources: Handler<'listSources'> = async ({ app, caller, path, query, url }) =>
  listed(url, await sources.listSources(app, caller, path.id, pageFrom(query, 'uuid'), query.state), toSourceAnswer)

const getSource: Handler<'getSource'> = async ({ app, caller, path }) => {
  const source = await sources.getSource(app, caller, path.id, path.source_id)
  return ok(toSourceAnswer(source), source)
}

const deleteSource: Handler<'deleteSource'> = async ({ app, caller, path }) => {
  await sources.deleteSource(app, caller, path.id, path.source_id)
  return NO_CONTENT
}

const refreshSource: Handler<'refreshSource'> = async ({ app, caller, path }) => {
  const source = await sources.refreshSource(app, caller, path.id, path.source_id)
  return ok(toSourceAnswer(source), source)
}

export const knowledgeHandlers = {
  createDataset,
  listDatasets,
  getDataset,
  deleteDataset,
  queryDataset,
  addSource,
  listSources,
  getSource,
  deleteSource,
  refreshSource,
}
