/** The operations on what is written for people: comparisons, instructions, and by which language model. */
import { Type as T } from 'typebox'
import { ComparisonAnswer } from '#wire/core-comparison.ts'
import { LanguageModelAnswer, LanguageModelEdit } from '#wire/core-language-model.ts'
import { WorkflowStarted } from '#wire/core-workflow.ts'
import { operation } from '#wire/operation.ts'
import { ById, ByVersion } from '#wire/parameters.ts'
import { anyObject, closed } from '#wire/schema.ts'

const version = (description: string) => T.Integer({ minimum: 1, maximum: 999_999_999, description, examples: [2] })

const Compared = closed(
  { from: version('The version to compare with.'), to: version('The version that is compared.') },
  { title: 'Compared' },
)

const Compare = closed(
  { from_version: version('The version to compare with.'), to_version: version('The version that is compared.') },
  { title: 'Compare', examples: [{ from_version: 2, to_version: 3 }] },
)

const tag = 'agents'
const model_tag = 'language model'

export const writingOperations = {
  diffVersions: operation({
    method: 'GET',
    path: '/core/agents/{id}/versions/compare',
    tag,
    summary: 'What differs between two versions, as a JSON Patch.',
    scope: 'agents:read',
    path_parameters: ById,
    query: Compared,
    answers: { 200: ComparisonAnswer },
    refusals: ['agent_not_found', 'version_not_found'],
  }),
  compareVersions: operation({
    method: 'POST',
    path: '/core/agents/{id}/versions/compare',
    tag,
    summary:
      'What differs between two versions, in words, as they are written. X-Patchcord-Written-By says by whom: model or offline.',
    scope: 'agents:read',
    path_parameters: ById,
    body: Compare,
    answers: {
      200: T.String({
        description: 'Every change, then prose.',
        examples: ['Version 3 compared with version 2:\n\n- limits.silence_timeout_seconds was 30 and is 15 now.\n'],
      }),
    },
    streamed: 'text/plain',
    refusals: [
      'agent_not_found',
      'version_not_found',
      'model_unreachable',
      'model_refused',
      'model_overloaded',
      'model_broken_stream',
      'model_timeout',
    ],
  }),
  generateInstructions: operation({
    method: 'POST',
    path: '/core/agents/{id}/versions/{version}/generate-instructions',
    tag,
    summary: 'Let a draft’s instructions be written from its builder inputs, in the background.',
    scope: 'agents:manage',
    path_parameters: ByVersion,
    answers: { 202: WorkflowStarted },
    refusals: [
      'agent_not_found',
      'version_not_found',
      'version_published',
      'version_generating',
      'builder_inputs_missing',
      'precondition_failed',
    ],
  }),
  getInstructionBuilderSchema: operation({
    method: 'GET',
    path: '/core/instruction-builder-schema',
    tag,
    summary: 'The JSON Schema of a version’s instruction_builder_inputs.',
    scope: 'agents:read',
    answers: { 200: anyObject({ description: 'JSON Schema 2020-12.' }) },
    refusals: [],
  }),
  getLanguageModel: operation({
    method: 'GET',
    path: '/core/language-model',
    tag: model_tag,
    summary: 'Which language model writes for the organization, and what was used this month.',
    scope: 'organizations:read',
    answers: { 200: LanguageModelAnswer },
    tagged: true,
    refusals: [],
  }),
  putLanguageModel: operation({
    method: 'PUT',
    path: '/core/language-model',
    tag: model_tag,
    summary: 'Let a language model of the organization’s own write.',
    scope: 'organizations:manage',
    body: LanguageModelEdit,
    answers: { 200: LanguageModelAnswer },
    tagged: true,
    refusals: ['precondition_failed', 'model_url_refused', 'model_key_needed'],
  }),
  deleteLanguageModel: operation({
    method: 'DELETE',
    path: '/core/language-model',
    tag: model_tag,
    summary: 'Forget the organization’s own language model, and its key.',
    scope: 'organizations:manage',
    answers: { 204: null },
    refusals: ['precondition_failed', 'model_not_set'],
  }),
} as const
