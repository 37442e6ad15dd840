import { diffVersions as diff, tellDifference } from '#app/compare-versions.ts'
import { type Handler, ok } from '#http/call.ts'
import { builderInputsDocument } from '#wire/builder-inputs.ts'
import { toComparisonAnswer } from '#wire/core-comparison.ts'

export const diffVersions: Handler<'diffVersions'> = async ({ app, caller, path, query }) => {
  const pair = { from_version: query.from, to_version: query.to }
  return ok(toComparisonAnswer(query.from, query.to, await diff(app, caller, path.id, pair)))
}

export const compareVersions: Handler<'compareVersions'> = async ({ app, caller, path, body }) => {
  const { written_by, text, cancel } = await tellDifference(app, caller, path.id, body)
  return {
    status: 200,
    headers: { 'x-patchcord-written-by': written_by },
    stream: { type: 'text/plain; charset=utf-8', chunks: text, cancel },
  }
}

export const getInstructionBuilderSchema: Handler<'getInstructionBuilderSchema'> = async () =>
  ok(builderInputsDocument())
