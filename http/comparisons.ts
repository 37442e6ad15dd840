import { diffVersions as diff, tellDifference } from '#app/compare-versions.ts'
import { type Handler, ok } from '#http/call.ts'
import { builderInputsDocument } from '#wire/builder-inputs.ts'
import { toComparisonAnswer } from '#wire/core-comparison.ts'

export const diffVersions: Handler<'diffVersions'> = async ({ app, caller, path, query }) => {
  const pair = { from_version: query.from, to_version: query.to }
  return ok(toComparisonAnswer(query.from, query.to, await diff(app, caller, path.id, pair)))
}

export const compareVersions: Handler<'compareVersions'> = async ({ app, caller, path, body, signal }) => {
  const { written_by, text } = await tellDifference(app, caller, path.id, body, signal)
  return {
    status: 200,
    // No proxy is to wait for more.
    headers: { 'x-patchcord-written-by': written_by, 'x-accel-buffering': 'no' },
    stream: text,
  }
}

export const getInstructionBuilderSchema: Handler<'getInstructionBuilderSchema'> = async () =>
  ok(builderInputsDocument())
