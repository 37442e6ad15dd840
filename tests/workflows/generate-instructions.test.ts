/** generate-instructions, every row of its table of states, run in this process on a real database. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { createAgent } from '#app/agents.ts'
import { boundTo } from '#app/context.ts'
import { startGenerating } from '#app/generate-instructions.ts'
import { publish } from '#app/publish.ts'
import { Refused } from '#app/refused.ts'
import { createVersion, getVersion, updateVersion } from '#app/versions.ts'
import { cancelWorkflow, getWorkflow } from '#app/workflows.ts'
import type { JsonObject, Version } from '#core/version.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { type ModelServer, type ModelTurn, says, startModelServer } from '#tests/peers/model-server.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { runWorkflow } from '#workflows/runner.ts'

let server: ModelServer
/** One with a model, one without. */
let asked: TestApp
let t: TestApp

before(async () => {
  server = await startModelServer()
  const model = { base_url: server.base_url, api_key: null, model: 'm', prices: null }
  asked = await startTestApp({ model, model_timeouts: { first_ms: 2000 } })
  t = await startTestApp({ max_connections: 12 })
})
after(async () => {
  await asked.close()
  await t.close()
  await server.close()
})
afterEach(() => {
  assert.equal(server.turns.length, 0, 'every turn was asked for')
})

const refusedAs = (code: string) => (error: unknown) => error instanceof Refused && error.refusal.code === code
const never = new AbortController().signal

const draftOf = async ({ app, caller }: TestApp, inputs: JsonObject | null, config: JsonObject = {}) => {
  const agent = await createAgent(app, caller, {
    name: 'A',
    description: null,
    active: true,
    is_demo: false,
    metadata: {},
  })
  await createVersion(app, caller, agent.id, { config: fillDefaults(config), brings_instructions: true })
  if (inputs) await updateVersion(app, caller, agent.id, 1, { instruction_builder_inputs: inputs })
  return agent.id
}

const read = ({ app, caller }: TestApp, agent_id: string): Promise<Version> => getVersion(app, caller, agent_id, 1)
const start = ({ app, caller }: TestApp, agent_id: string) =>
  startGenerating(boundTo(app, caller.organization_id), caller, agent_id, 1)

/** What a worker does once it is given the job; `ending` aborted: it is told to stop at once. */
const work = async ({ app, caller }: TestApp, workflow_id: string, ending = never) => {
  const { job_id } = await app.db
    .selectFrom('workflows')
    .select('job_id')
    .where('id', '=', workflow_id)
    .executeTakeFirstOrThrow()
  const job = { workflow_id, organization_id: caller.organization_id, job_id }
  await runWorkflow({ app, registry: workflowRegistry, draining: never, ending }, job, never)
  return getWorkflow(app, caller, workflow_id)
}

const flags = ({ generating, dirty, manually_edited, generation_error, generated_by }: Version) => ({
  generating,
  dirty,
  manually_edited,
  failed: generation_error !== null,
  generated_by,
})

const INPUTS = { purpose: 'Book appointments.', opening_line: 'Riverside Dental, hello!' }

test('by rule: the draft generates, and then holds what was written, and says by whom', async () => {
  const id = await draftOf(t, INPUTS, { instructions: 'By hand.' })
  assert.deepEqual(flags(await read(t, id)), {
    generating: false,
    dirty: true,
    manually_edited: true,
    failed: false,
    generated_by: null,
  })
  const workflow_id = await start(t, id)
  const meanwhile = await read(t, id)
  assert.deepEqual(
    [meanwhile.generating, meanwhile.workflow_id, meanwhile.config.instructions],
    [true, workflow_id, 'By hand.'],
  )
  const workflow = await work(t, workflow_id)
  assert.equal(workflow.status, 'completed', JSON.stringify(workflow.error))
  assert.match(String(workflow.steps[2]?.detail), /by rule/)
  const done = await read(t, id)
  assert.deepEqual(flags(done), {
    generating: false,
    dirty: false,
    manually_edited: false,
    failed: false,
    generated_by: 'offline',
  })
  assert.match(String(done.config.instructions), /Your purpose: Book appointments\./)
  assert.deepEqual(done.config.starting_message, {
    type: 'static',
    text: 'Riverside Dental, hello!',
    interruptible: true,
  })
  assert.notEqual(done.digest, meanwhile.digest)
  assert.ok(done.revision > meanwhile.revision)
  const { app, caller } = t
  await publish(app, caller, id, 1, { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' })
})

test('the same inputs again are not dirty, others are, and so is publishing refused', async () => {
  const { app, caller } = t
  const id = await draftOf(t, INPUTS)
  await work(t, await start(t, id))
  const same = await updateVersion(app, caller, id, 1, { instruction_builder_inputs: INPUTS })
  assert.equal(same.dirty, false)
  const other = await updateVersion(app, caller, id, 1, { instruction_builder_inputs: { purpose: 'Sell.' } })
  assert.deepEqual([other.dirty, other.manually_edited], [true, false])
  const publishing = () =>
    publish(app, caller, id, 1, { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' })
  await assert.rejects(publishing(), refusedAs('publish_stale'))
  const workflow_id = await start(t, id)
  await assert.rejects(publishing(), refusedAs('publish_generating'))
  await assert.rejects(
    updateVersion(app, caller, id, 1, { instruction_builder_inputs: INPUTS }),
    refusedAs('version_generating'),
  )
  await assert.rejects(updateVersion(app, caller, id, 1, { config: fillDefaults({}) }), refusedAs('version_generating'))
  await work(t, workflow_id)
  await publishing()
})

for (const inputs of [null, {}, { purpose: ' ', other: null }])
  test(`from ${JSON.stringify(inputs)} nothing is generated`, async () => {
    const id = await draftOf(t, inputs)
    await assert.rejects(start(t, id), refusedAs('builder_inputs_missing'))
    assert.equal((await read(t, id)).generating, false)
  })

test('a greeting that is made up in each conversation stays', async () => {
  const starting_message = { type: 'generated', text: 'Greet by name.' }
  const id = await draftOf(t, INPUTS, { starting_message })
  await work(t, await start(t, id))
  assert.partialDeepStrictEqual((await read(t, id)).config.starting_message, starting_message)
})

test('a hundred starts at once give one workflow', async () => {
  const id = await draftOf(t, INPUTS)
  const starts = await Promise.allSettled(Array.from({ length: 100 }, () => start(t, id)))
  const started = starts.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
  assert.equal(started.length, 1)
  for (const each of starts)
    if (each.status === 'rejected') assert.ok(refusedAs('version_generating')(each.reason), String(each.reason))
  const { app } = t
  const rows = await app.db
    .selectFrom('workflows')
    .select('id')
    .where(eb => eb(eb.ref('input', '->>').key('agent_id'), '=', id))
    .execute()
  assert.deepEqual(
    rows.map(row => row.id),
    started,
  )
  const [workflow_id = ''] = started
  assert.equal((await work(t, workflow_id)).status, 'completed')
})

test('inputs that are saved while generation begins are written from, or refused', async () => {
  const { app, caller } = t
  for (let round = 0; round < 20; round++) {
    const id = await draftOf(t, INPUTS)
    const late = { purpose: `Late ${round}.` }
    const [edit, begun] = await Promise.allSettled([
      updateVersion(app, caller, id, 1, { instruction_builder_inputs: late }),
      start(t, id),
    ])
    assert.equal(begun.status, 'fulfilled')
    if (edit.status === 'rejected') assert.ok(refusedAs('version_generating')(edit.reason))
    if (begun.status === 'fulfilled') await work(t, begun.value)
    const done = await read(t, id)
    assert.deepEqual([done.generating, done.dirty], [false, false])
    assert.equal(String(done.config.instructions).includes(`Late ${round}.`), edit.status === 'fulfilled')
  }
})

const WRITTEN = JSON.stringify({ instructions: 'You book appointments.', starting_message: 'Hi!' })

const generate = async (...turns: readonly ModelTurn[]) => {
  const id = await draftOf(asked, INPUTS, { instructions: 'By hand.' })
  server.turns.push(...turns)
  const workflow_id = await start(asked, id)
  const workflow = await work(asked, workflow_id)
  return { id, workflow_id, workflow, draft: await read(asked, id) }
}

test('by a model: what it wrote is taken, whatever it put around it; an opening line is used word for word', async () => {
  for (const answer of [WRITTEN, `Here you are:\n\`\`\`json\n${WRITTEN}\n\`\`\``, 'You book appointments.']) {
    const { draft, workflow } = await generate(says(...(answer.match(/.{1,7}/gs) ?? [])))
    assert.equal(workflow.status, 'completed')
    assert.match(String(workflow.steps[2]?.detail), /by a language model/)
    assert.equal(draft.generated_by, 'model')
    assert.equal(draft.config.instructions, 'You book appointments.')
    assert.partialDeepStrictEqual(draft.config.starting_message, { text: 'Riverside Dental, hello!' })
  }
  const given = JSON.parse(String(server.requests[0]?.body.messages[1]?.content))
  assert.deepEqual(given, { purpose: ['Book appointments.'], opening_line: ['Riverside Dental, hello!'] })
})

test('a model that refuses fails it at once; the draft is as it was and can generate again', async () => {
  const { id, workflow, draft } = await generate({ kind: 'status', status: 401 })
  assert.partialDeepStrictEqual(workflow, { status: 'failed', error: { code: 'model_refused', step: 'write' } })
  assert.deepEqual(flags(draft), {
    generating: false,
    dirty: true,
    manually_edited: true,
    failed: true,
    generated_by: null,
  })
  assert.match(String(draft.generation_error), /^The language model refused the request; .+ \(HTTP 401\)$/)
  assert.equal(draft.config.instructions, 'By hand.')
  server.turns.push(says(WRITTEN))
  await work(asked, await start(asked, id))
  assert.deepEqual(flags(await read(asked, id)), {
    generating: false,
    dirty: false,
    manually_edited: false,
    failed: false,
    generated_by: 'model',
  })
})

test('a model that is busy is asked again later, and is given up at last', async () => {
  const busy = Array<ModelTurn>(3).fill({ kind: 'status', status: 503 })
  const { id, workflow_id, workflow } = await generate(...busy)
  assert.equal(workflow.status, 'queued')
  assert.equal((await read(asked, id)).generating, true)
  for (let attempt = 2; attempt <= 5; attempt++) {
    server.turns.push(...busy)
    await work(asked, workflow_id)
  }
  const failed = await getWorkflow(asked.app, asked.caller, workflow_id)
  assert.partialDeepStrictEqual(failed, { status: 'failed', error: { code: 'model_overloaded' } })
  assert.deepEqual(flags(await read(asked, id)), {
    generating: false,
    dirty: true,
    manually_edited: true,
    failed: true,
    generated_by: null,
  })
})

for (const answer of ['', '{"instructions": ""}', '{"instructions": "cut of'])
  test(`an answer that is no use (${answer}) is asked for again`, async () => {
    const { workflow_id, workflow } = await generate(says(answer))
    assert.equal(workflow.status, 'queued')
    server.turns.push(says(WRITTEN))
    assert.equal((await work(asked, workflow_id)).status, 'completed')
  })

test('cancelled, it is free again, and what is written afterwards is not taken', async () => {
  const { app, caller } = asked
  const id = await draftOf(asked, INPUTS, { instructions: 'By hand.' })
  const workflow_id = await start(asked, id)
  const gate = Promise.withResolvers<void>()
  const writing = Promise.withResolvers<void>()
  const between = () => {
    writing.resolve()
    return gate.promise
  }
  server.turns.push({ kind: 'text', pieces: [WRITTEN.slice(0, 9), WRITTEN.slice(9)], between })
  const working = work(asked, workflow_id)
  await writing.promise
  await cancelWorkflow(boundTo(app, caller.organization_id), caller, workflow_id)
  gate.resolve()
  assert.equal((await working).status, 'cancelled')
  const draft = await read(asked, id)
  assert.deepEqual(flags(draft), {
    generating: false,
    dirty: true,
    manually_edited: true,
    failed: true,
    generated_by: null,
  })
  assert.equal(draft.config.instructions, 'By hand.')
})

test('a worker that ends in the middle hands it on', async () => {
  const id = await draftOf(asked, INPUTS)
  const workflow_id = await start(asked, id)
  const ending = new AbortController()
  server.turns.push({ kind: 'stalls', pieces: ['x'] })
  const working = work(asked, workflow_id, ending.signal)
  while (server.turns.length > 0) await new Promise(setImmediate)
  ending.abort(new Error('the program ends'))
  assert.equal((await working).status, 'queued')
  server.turns.push(says(WRITTEN))
  assert.equal((await work(asked, workflow_id)).status, 'completed')
  assert.equal((await read(asked, id)).generating, false)
})
