/** A workflow whose every doing can be counted: work outside as often as it was done, effects as often as they stayed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Caller, inOneTransaction } from '#app/context.ts'
import { startWorkflow } from '#app/workflows.ts'
import type { Db } from '#store/database.ts'
import type { TestApp } from '#tests/harness/app.ts'
import { registryOf, type Step, type WorkflowDefinition, type WorkflowRegistry } from '#workflows/workflow.ts'

export const STEPS = ['read', 'write', 'publish'] as const
export type StepName = (typeof STEPS)[number]

/** `run:write`: while that step does its work outside; `save:write`: in its transaction. */
export type Moment = `${'run' | 'save'}:${StepName}`
export const MOMENTS: readonly Moment[] = STEPS.flatMap(name => [`run:${name}`, `save:${name}`] as const)

export type SampleInput = { readonly number: number }
type SampleOutputs = { readonly [Name in StepName]: { readonly text: string } }

/** Beside the program's own tables. Neither has a key: doing it twice shows. */
export const makeSampleTables = async (db: Db): Promise<void> => {
  await sql`create table outside (workflow_id uuid not null, step text not null)`.execute(db)
  await sql`create table effects (workflow_id uuid not null, step text not null, text text not null)`.execute(db)
  await sql`grant select, insert on outside, effects to patchcord_app`.execute(db)
}

export type SampleOptions = {
  /** Called in the middle of every doing. */
  readonly at?: (moment: Moment) => void | Promise<void>
  readonly run_ms?: number
  readonly failed?: WorkflowDefinition['failed']
}

const stepOf = (name: StepName, { at, run_ms = 0 }: SampleOptions): Step<SampleInput, SampleOutputs> => ({
  name,
  run: async ({ app, workflow_id, input, outputs, signal, progress }) => {
    await sql`insert into outside values (${workflow_id}, ${name})`.execute(app.db)
    progress(0.5, `half of ${name}`)
    if (run_ms > 0) await sleep(run_ms, undefined, { signal })
    await at?.(`run:${name}`)
    const before = Object.values(outputs).slice(-1)
    return { text: [...before.map(output => output.text), `${name} ${input.number}`].join(', ') }
  },
  save: async (tx, { workflow_id }, { text }) => {
    await sql`insert into effects values (${workflow_id}, ${name}, ${text})`.execute(tx)
    await at?.(`save:${name}`)
  },
})

export const sampleRegistry = (options: SampleOptions = {}): WorkflowRegistry =>
  registryOf({
    type: 'create_demo',
    steps: STEPS.map(name => stepOf(name, options)),
    ...(options.failed ? { failed: options.failed } : {}),
    result: (outputs: SampleOutputs) => ({
      agent_id: null,
      version: outputs.publish.text.length,
      collection_id: null,
      phone_numbers: [],
    }),
  } as WorkflowDefinition)

export const startSample = ({ app }: Pick<TestApp, 'app'>, caller: Caller, number: number): Promise<string> =>
  inOneTransaction({ ...app, db: app.tenants.of(caller.organization_id) }, async joined => {
    if (joined.joined === undefined) throw new Error('there is a transaction')
    return startWorkflow(joined, joined.joined.tx, caller, 'create_demo', { number })
  })

export type Tally = {
  readonly workflow_id: string
  readonly number: number
  readonly status: string
  readonly revision: number
  readonly claim: number
  /** Sorted. */
  readonly effects: readonly string[]
  readonly outside: number
}

export const tallies = async (db: Db): Promise<readonly Tally[]> => {
  const { rows } = await sql<Tally>`
    select w.id as workflow_id, (w.input->>'number')::int as number, w.status, w.revision, w.claim,
      (select count(*) from outside o where o.workflow_id = w.id) as outside,
      coalesce((select jsonb_agg(e.text order by length(e.text), e.text) from effects e where e.workflow_id = w.id), '[]') as effects
    from workflows w order by w.id`.execute(db)
  return rows
}

export const effectsOf = (number: number): readonly string[] =>
  STEPS.map((_, index) =>
    STEPS.slice(0, index + 1)
      .map(name => `${name} ${number}`)
      .join(', '),
  )
