import { startGenerating } from '#app/generate-instructions.ts'
import { publish } from '#app/publish.ts'
import * as versions from '#app/versions.ts'
import type { VersionRef } from '#core/version.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toPhoneNumberAnswer } from '#wire/core-number.ts'
import { toVersionAnswer, toVersionSummaryAnswer } from '#wire/core-version.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

const refFrom = (text: string): VersionRef => (text === 'latest' ? 'latest' : Number(text))

const choose = (message: string): never => {
  throw new BadInput('body', [{ path: [], type: 'choice', message }])
}

/** `null` means absent, as everywhere. */
const createInput = (config: object | null, base_version: number | null): versions.NewVersionInput => {
  if (config === null && base_version !== null) return { base_version }
  if (config === null || base_version !== null) return choose('give exactly one of config and base_version')
  const brings_instructions = 'instructions' in config && config.instructions !== ''
  return { config: fillDefaults({ ...config }), brings_instructions }
}

export const createVersion: Handler<'createVersion'> = async ({ app, caller, path, body }) => {
  const input = createInput(body.config ?? null, body.base_version ?? null)
  const version = await versions.createVersion(app, caller, path.id, input)
  return ok(toVersionAnswer(version), version)
}

export const listVersions: Handler<'listVersions'> = async ({ app, caller, path, query, url }) =>
  listed(
    url,
    await versions.listVersions(app, caller, path.id, pageFrom(query, 'uuid'), filtersFrom(query)),
    toVersionSummaryAnswer,
  )

export const getVersion: Handler<'getVersion'> = async ({ app, caller, path }) => {
  const version = await versions.getVersion(app, caller, path.id, refFrom(path.version))
  return ok(toVersionAnswer(version), version)
}

export const updateVersion: Handler<'updateVersion'> = async ({ app, caller, path, body }) => {
  const { config, instruction_builder_inputs } = body
  if (!config && !instruction_builder_inputs) choose('give config or instruction_builder_inputs')
  const edit = {
    ...(config ? { config: fillDefaults({ ...config }) } : {}),
    ...(instruction_builder_inputs ? { instruction_builder_inputs } : {}),
  }
  const version = await versions.updateVersion(app, caller, path.id, refFrom(path.version), edit)
  return ok(toVersionAnswer(version), version)
}

export const generateInstructions: Handler<'generateInstructions'> = async ({ app, caller, path }) => {
  const workflow_id = await startGenerating(app, caller, path.id, refFrom(path.version))
  return { status: 202, body: { workflow_id } }
}

export const publishVersion: Handler<'publishVersion'> = async ({ app, caller, path, body }) => {
  const numbers = await publish(app, caller, path.id, refFrom(path.version), {
    phone_numbers: body.phone_numbers ?? [],
    unassign_phone_numbers: body.unassign_phone_numbers ?? [],
    direction: body.direction ?? 'inbound',
    ...(body.keep_split ? { keep_split: true } : {}),
  })
  return ok(numbers.map(toPhoneNumberAnswer))
}
