/** The OpenAPI document as the fuzzer reads it: the committed file, not the table that it was made from. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JsonSchema } from 'json-schema-faker'
import type { Method } from '#wire/operation.ts'
import { toUtc } from '#wire/timestamp.ts'

export type Schema = Exclude<JsonSchema, boolean>

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

type Content = {
  readonly 'application/json'?: { readonly schema: Schema }
  readonly 'text/plain'?: { readonly schema: Schema }
}

export type DocumentedOperation = {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type OpenApi = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: object
}

const document: OpenApi = JSON.parse(readFileSync(new URL('../../wire/openapi.json', import.meta.url), 'utf8'))

/** One operation with its place in the document. */
export type Row = { readonly method: Method; readonly path: string; readonly operation: DocumentedOperation }

export const documentedRows = (): readonly Row[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase() as Method, path, operation })),
  )

/** The schema with what its references lead to. */
export const standalone = (schema: Schema): Schema => ({ ...schema, components: document.components })

const ajv = new Ajv2020({ strict: false })
ajv.addFormat('date-time', text => toUtc(text) !== null)

const checks = new Map<Schema, ReturnType<Ajv2020['compile']>>()

/** What is wrong with an answer by the document; null: nothing. `body` null: no body. */
export const undocumented = (operation: DocumentedOperation, status: number, body: unknown): string | null => {
  const response = operation.responses[status]
  if (response === undefined) return `the status ${status} is not declared`
  const media = response.content?.['application/json'] ?? response.content?.['text/plain']
  const schema = media?.schema
  if (schema === undefined) return body === null ? null : 'there is a body, and none is declared'
  const check = checks.get(schema) ?? ajv.compile(standalone(schema))
  checks.set(schema, check)
  return check(body) ? null : ajv.errorsText(check.errors)
}
