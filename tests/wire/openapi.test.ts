import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { staleFiles } from '#wire/generate.ts'
import { openApiDocument } from '#wire/openapi.ts'
import { refusalStatuses, scopesOf } from '#wire/operation.ts'
import { operationList } from '#wire/operations.ts'
import { toUtc } from '#wire/timestamp.ts'

const document = (): Record<string, unknown> => structuredClone(JSON.parse(JSON.stringify(openApiDocument())))

test('the document is valid OpenAPI 3.1, and its references lead somewhere', async () => {
  const validator = new Validator()
  const result = await validator.validate(document())
  assert.deepEqual(result.errors ?? [], [])
  assert.equal(result.valid, true)
  assert.equal(validator.version, '3.1')
  const text = JSON.stringify(document())
  const schemas = (document().components as { schemas: object }).schemas
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
    assert.ok(name in schemas, name)
})

test('an invalid document is found out', async () => {
  const broken = document()
  broken.paths = { '/x': { get: { responses: 7 } } }
  assert.equal((await new Validator().validate(broken)).valid, false)
})

test('operations have ids and paths of their own, and declare every error', () => {
  const rows = operationList()
  assert.equal(new Set(rows.map(([, row]) => `${row.method} ${row.path}`)).size, rows.length)
  const paths = document().paths as Record<string, Record<string, { operationId: string; responses: object }>>
  for (const [id, row] of rows) {
    const documented = paths[row.path]?.[row.method.toLowerCase()]
    assert.equal(documented?.operationId, id)
    const expected = new Set([...refusalStatuses(row).keys(), ...Object.keys(row.answers).map(Number)])
    assert.deepEqual(new Set(Object.keys(documented?.responses ?? {}).map(Number)), expected, id)
  }
})

test('a path’s parameters are those that its schema declares', () => {
  for (const [id, row] of operationList()) {
    const named = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const schema = row.path_parameters as { properties?: object } | undefined
    assert.deepEqual(Object.keys(schema?.properties ?? {}), named, id)
  }
})

/** Asked by POST for the size or the shape of the question; nothing is written. */
const QUESTIONS = ['explainRoute', 'simulateRoute', 'compareVersions', 'queryDataset']

test('writes need manage, reads do not', () => {
  for (const [id, row] of operationList()) {
    const writes = row.method !== 'GET' && !QUESTIONS.includes(id)
    for (const scope of scopesOf(row) ?? []) assert.equal(scope.endsWith(':manage'), writes, id)
  }
})

test('every request and answer has an example, and each is one', () => {
  type Media = { schema: object; example?: unknown; examples?: Record<string, { $ref?: string; value?: unknown }> }
  const { components, paths } = document() as unknown as {
    components: { examples: Record<string, { value: unknown }> }
    paths: Record<
      string,
      Record<string, { requestBody?: { content: object }; responses: Record<string, { content?: object }> }>
    >
  }
  const ajv = new Ajv2020({ strict: false })
  ajv.addFormat('date-time', text => toUtc(text) !== null)
  const operations = Object.values(paths).flatMap(path => Object.values(path))
  const bodies = operations.flatMap(each => [
    each.requestBody?.content,
    ...Object.values(each.responses).map(answer => answer.content),
  ])
  const media = bodies.flatMap(body => (body === undefined ? [] : (Object.values(body) as Media[])))
  assert.ok(media.length > 100)
  for (const { schema, example, examples } of media) {
    const named = Object.values(examples ?? {}).map(
      ({ $ref, value }) => components.examples[$ref?.split('/').at(-1) ?? '']?.value ?? value,
    )
    const check = ajv.compile({ ...schema, components })
    for (const value of examples ? named : [example])
      assert.ok(check(value), JSON.stringify({ value, errors: check.errors }))
  }
})

test('the committed documents are up to date', () => {
  assert.deepEqual(staleFiles(), [])
})
