/** The operations on knowledge bases. */
import { Type as T } from 'typebox'
import { SOURCE_STATES } from '#core/knowledge.ts'
import { DatasetAnswer, NewDataset, NewSource, Query, QueryAnswer, SourceAnswer } from '#wire/core-knowledge.ts'
import { operation } from '#wire/operation.ts'
import { ById, changedBetween, paged } from '#wire/parameters.ts'
import { closed, uuid, word } from '#wire/schema.ts'

const BySource = closed({
  id: uuid({ description: 'The dataset’s id.' }),
  source_id: uuid({ description: 'The source’s id.' }),
})

const tag = 'knowledge'
const path = '/knowledge-base/datasets'
/** 10 MiB in Base64, and the names around it. */
const SOURCE_LIMIT_BYTES = 16 * 1024 * 1024

export const knowledgeOperations = {
  createDataset: operation({
    method: 'POST',
    path,
    tag,
    summary: 'Make a dataset.',
    scope: 'knowledge_bases:manage',
    body: NewDataset,
    answers: { 200: DatasetAnswer },
    tagged: true,
    refusals: [],
  }),
  listDatasets: operation({
    method: 'GET',
    path,
    tag,
    summary: 'The datasets, newest first.',
    scope: 'knowledge_bases:read',
    query: paged({ name: T.Optional(T.String({ minLength: 1, maxLength: 200 })), ...changedBetween }),
    answers: { 200: T.Array(DatasetAnswer) },
    listed: true,
    refusals: [],
  }),
  getDataset: operation({
    method: 'GET',
    path: `${path}/{id}`,
    tag,
    summary: 'A dataset.',
    scope: 'knowledge_bases:read',
    path_parameters: ById,
    answers: { 200: DatasetAnswer },
    tagged: true,
    refusals: ['knowledge_base_not_found'],
  }),
  deleteDataset: operation({
    method: 'DELETE',
    path: `${path}/{id}`,
    tag,
    summary: 'Delete a dataset with its sources, unless a version that can answer calls looks things up in it.',
    scope: 'knowledge_bases:manage',
    path_parameters: ById,
    answers: { 204: null },
    refusals: ['precondition_failed', 'knowledge_base_not_found', 'knowledge_base_in_use'],
  }),
  queryDataset: operation({
    method: 'POST',
    path: `${path}/{id}/query`,
    tag,
    summary: 'Look something up.',
    scope: 'knowledge_bases:read',
    path_parameters: ById,
    body: Query,
    answers: { 200: QueryAnswer },
    refusals: ['knowledge_base_not_found'],
  }),
  addSource: operation({
    method: 'POST',
    path: `${path}/{id}/sources`,
    tag,
    summary: 'Add a page, a text or a file; pages, HTML and PDF are read in the background.',
    scope: 'knowledge_bases:manage',
    path_parameters: ById,
    body: NewSource,
    body_limit_bytes: SOURCE_LIMIT_BYTES,
    answers: { 200: SourceAnswer },
    tagged: true,
    refusals: [
      'knowledge_base_not_found',
      'source_exists',
      'source_url_refused',
      'source_content_malformed',
      'source_type_unknown',
      'source_text_empty',
      'source_text_too_large',
    ],
  }),
  listSources: operation({
    method: 'GET',
    path: `${path}/{id}/sources`,
    tag,
    summary: 'The sources of a dataset, newest first.',
    scope: 'knowledge_bases:read',
    path_parameters: ById,
    query: paged({ state: T.Optional(word(SOURCE_STATES)) }),
    answers: { 200: T.Array(SourceAnswer) },
    listed: true,
    refusals: ['knowledge_base_not_found'],
  }),
  getSource: operation({
    method: 'GET',
    path: `${path}/{id}/sources/{source_id}`,
    tag,
    summary: 'A source.',
    scope: 'knowledge_bases:read',
    path_parameters: BySource,
    answers: { 200: SourceAnswer },
    tagged: true,
    refusals: ['knowledge_base_not_found', 'source_not_found'],
  }),
  deleteSource: operation({
    method: 'DELETE',
    path: `${path}/{id}/sources/{source_id}`,
    tag,
    summary: 'Delete a source with its passages.',
    scope: 'knowledge_bases:manage',
    path_parameters: BySource,
    answers: { 204: null },
    refusals: ['precondition_failed', 'knowledge_base_not_found', 'source_not_found'],
  }),
  refreshSource: operation({
    method: 'POST',
    path: `${path}/{id}/sources/{source_id}/refresh`,
    tag,
    summary: 'Read a source again; its passages are replaced only if it says something else.',
    scope: 'knowledge_bases:manage',
    path_parameters: BySource,
    answers: { 200: SourceAnswer },
    tagged: true,
    refusals: [
      'precondition_failed',
      'knowledge_base_not_found',
      'source_not_found',
      'source_being_read',
      'source_not_refreshable',
    ],
  }),
} as const
