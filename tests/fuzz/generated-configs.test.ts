/** Configs made from the served schema by a generator that knows nothing of us: schema and server say the same of each. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { generateSync } from 'json-schema-faker'
import type { Schema } from '#tests/fuzz/document.ts'
import { mutate } from '#tests/fuzz/mutate.ts'
import { SMALL } from '#tests/fuzz/samples.ts'
import { type Answer, ask } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { seededRandom } from '#tests/sip/fuzz.ts'
import { toPointer } from '#wire/faults.ts'
import { findUnstorable } from '#wire/unstorable.ts'

const CONFIGS = 500
const seed = 1953

let world: World
let versions: string
let schema: Schema
let valid: ValidateFunction
let configs: readonly unknown[]

before(async () => {
  world = await startWorld()
  const { body } = await ask(world, 'reader', { method: 'GET', path: '/core/agent-config-schema' })
  schema = body as Schema
  valid = new Ajv2020({ strict: false, allErrors: true }).compile(schema)
  configs = Array.from({ length: CONFIGS }, (_, index) => generateSync(schema, { ...SMALL, seed: seed + index }))
  const made = await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name: 'Generated' } })
  versions = `/core/agents/${(made.body as { agent_id: string }).agent_id}/versions`
})
after(() => world.close())

const post = (config: unknown): Promise<Answer> =>
  ask(world, 'admin', { method: 'POST', path: versions, body: { config } })

/** Where an error is: at the value, or at the key that is missing or too many. */
const pointersOf = ({ instancePath, params }: ErrorObject): readonly string[] => {
  const key: unknown = params.missingProperty ?? params.additionalProperty ?? params.propertyName
  return typeof key === 'string' ? [instancePath, `${instancePath}${toPointer([key])}`] : [instancePath]
}

/** What no JSON Schema can say: the document says it in words, and the parser refuses keys that change objects. */
const isBeyondSchema = (config: unknown): boolean =>
  config === null || findUnstorable(config) !== null || JSON.stringify(config).includes('"__proto__"')

test(`${CONFIGS} generated configs (seed ${seed}) are accepted, and stored as what they say`, async () => {
  for (const config of configs) {
    assert.ok(valid(config), JSON.stringify({ config, errors: valid.errors }))
    const { status, body } = await post(config)
    assert.equal(status, 200, JSON.stringify({ config, body }))
    const stored = (body as { config: Record<string, unknown> }).config
    assert.ok(valid(stored))
    assert.partialDeepStrictEqual(stored, config)
  }
})

test('each, changed until the schema refuses it, is refused with a pointer that the schema’s validator names too', async () => {
  const random = seededRandom(seed)
  for (const original of configs) {
    let config = mutate(random, original)
    for (; isBeyondSchema(config) || valid(config); config = mutate(random, original)) {
      if (isBeyondSchema(config)) continue
      assert.equal((await post(config)).status, 200, JSON.stringify(config))
    }
    const { status, body } = await post(config)
    assert.equal(status, 422, JSON.stringify({ config, body }))
    const { detail } = body as { detail: { loc: (string | number)[] }[] }
    valid(config)
    const named = new Set((valid.errors ?? []).flatMap(pointersOf))
    assert.ok(detail.length > 0)
    for (const { loc } of detail) {
      assert.deepEqual(loc.slice(0, 2), ['body', 'config'])
      assert.ok(named.has(toPointer(loc.slice(2))), JSON.stringify({ loc, config, named: [...named] }))
    }
  }
})
