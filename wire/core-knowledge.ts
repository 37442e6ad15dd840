/** Knowledge bases (`datasets`), their sources, and passages found in them. */

import { type Static, Type as T } from 'typebox'
import { type KnowledgeBase, type KnowledgeSource, type Passage, SOURCE_KINDS, SOURCE_STATES } from '#core/knowledge.ts'
import type { Correction } from '#core/knowledge-query.ts'
import { MEDIA_TYPES } from '#core/media-type.ts'
import { LANGUAGE_PATTERN } from '#wire/agent-config-channels.ts'
import { closed, nullable, time, uuid, word } from '#wire/schema.ts'

const language = {
  description: 'BCP 47: what its texts are written in, so that `cleaning` finds `cleans`.',
  examples: ['en', 'de-CH'],
}

export const DatasetAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    name: T.String(),
    description: nullable(T.String()),
    language: T.String(language),
    source_count: T.Integer({ minimum: 0 }),
    chunk_count: T.Integer({ description: 'Passages that can be found.', minimum: 0 }),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Dataset', description: 'A knowledge base: sources that agents look things up in.' },
)

export const toDatasetAnswer = (base: KnowledgeBase): Static<typeof DatasetAnswer> => ({
  id: base.id,
  organization_id: base.organization_id,
  name: base.name,
  description: base.description,
  language: base.language,
  source_count: base.source_count,
  chunk_count: base.chunk_count,
  created_at: base.created_at,
  updated_at: base.updated_at,
})

export const NewDataset = closed(
  {
    name: T.String({
      description: 'What people call it.',
      minLength: 1,
      maxLength: 200,
      examples: ['Riverside Dental'],
    }),
    description: T.Optional(nullable(T.String({ maxLength: 2000 }), { default: null })),
    language: T.Optional(T.String({ ...language, pattern: LANGUAGE_PATTERN, default: 'en' })),
  },
  { title: 'NewDataset' },
)

export const SourceAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    dataset_id: uuid(),
    kind: word(SOURCE_KINDS),
    title: T.String(),
    url: nullable(T.String()),
    file_name: nullable(T.String()),
    media_type: nullable(T.String()),
    state: word(SOURCE_STATES, {
      description: '`failed`: the last reading did; what an earlier one brought is still there.',
    }),
    failure: nullable(
      closed({ code: T.String({ description: 'From the list in docs/knowledge.md.' }), detail: T.String() }),
      { description: 'Why the last reading failed.' },
    ),
    chunk_count: T.Integer({ minimum: 0 }),
    workflow_id: nullable(T.String(), { description: 'The background work that reads it, or read it last.' }),
    read_at: nullable(time(), { description: 'When it was last read with success.' }),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Source', description: 'A page, a text or a file in a dataset.' },
)

export const toSourceAnswer = (source: KnowledgeSource): Static<typeof SourceAnswer> => ({
  id: source.id,
  organization_id: source.organization_id,
  dataset_id: source.knowledge_base_id,
  kind: source.kind,
  title: source.title,
  url: source.url,
  file_name: source.file_name,
  media_type: source.media_type,
  state: source.state,
  failure: source.failure && { code: source.failure.code, detail: source.failure.detail },
  chunk_count: source.chunk_count,
  workflow_id: source.workflow_id,
  read_at: source.read_at,
  created_at: source.created_at,
  updated_at: source.updated_at,
})

export const NewSource = closed(
  {
    url: T.Optional(T.String({ description: 'A page to read.', minLength: 1, maxLength: 2048 })),
    text: T.Optional(T.String({ description: 'The text itself.', minLength: 1, maxLength: 2_000_000 })),
    file_name: T.Optional(
      T.String({ description: 'With its ending: .txt, .md, .html or .pdf.', minLength: 1, maxLength: 255 }),
    ),
    content_base64: T.Optional(
      T.String({ description: 'The file’s bytes in Base64; 10 MiB at most.', minLength: 1, maxLength: 13_981_014 }),
    ),
    media_type: T.Optional(
      word(MEDIA_TYPES, { description: 'Of a text or a file. Absent: by the file’s name; of a text Markdown.' }),
    ),
    title: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 200 }), {
        description: 'null: as the document says, or by its address or name.',
        default: null,
      }),
    ),
  },
  {
    title: 'NewSource',
    description: 'One of `url`, `text`, or `file_name` with `content_base64`.',
    examples: [{ text: '# Hours\n\nMonday to Friday, 9 to 5.', title: 'Opening hours' }],
    oneOf: [
      { required: ['url'], not: { anyOf: [{ required: ['media_type'] }] } },
      { required: ['text'] },
      { required: ['file_name', 'content_base64'] },
    ],
  },
)

const PassageAnswer = closed(
  {
    chunk_id: uuid(),
    source_id: uuid(),
    dataset_id: uuid(),
    text: T.String(),
    score: T.Number({ description: '0 to 1: how much of the question it has, rare words counting more.' }),
    place: closed(
      {
        title: T.String(),
        url: nullable(T.String()),
        file: nullable(T.String()),
        page: nullable(T.Integer({ minimum: 1 }), { description: 'From 1; null: the source has no pages.' }),
        heading: nullable(T.String(), { description: 'The headings above it.' }),
        offset: T.Integer({
          description: 'In characters from the beginning of the source, or of its page.',
          minimum: 0,
        }),
      },
      { description: 'Where it stands.' },
    ),
  },
  { title: 'Passage' },
)

export const QueryAnswer = closed(
  {
    results: T.Array(PassageAnswer, { description: 'The best first.' }),
    corrections: T.Array(closed({ asked: T.String(), meant: T.String() }), {
      description: 'Words that the dataset does not have, and those looked up in their place.',
    }),
  },
  { title: 'QueryResult' },
)

export const toQueryAnswer = (answer: {
  readonly passages: readonly Passage[]
  readonly corrections: readonly Correction[]
}): Static<typeof QueryAnswer> => ({
  results: answer.passages.map(({ knowledge_base_id, place, ...passage }) => ({
    ...passage,
    dataset_id: knowledge_base_id,
    place: { ...place },
  })),
  corrections: answer.corrections.map(({ asked, meant }) => ({ asked, meant })),
})

export const Query = closed(
  {
    query: T.String({ description: 'What is looked up.', minLength: 1, maxLength: 1000, examples: ['opening hours'] }),
    top_n: T.Optional(T.Integer({ description: 'How many passages at most.', minimum: 1, maximum: 50, default: 5 })),
  },
  { title: 'Query' },
)
