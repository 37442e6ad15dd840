/** One workflow, from wherever it stands to its end: claimed, step by step, each recorded together with its effects. */
import { type App, boundTo, inOneTransaction, newId } from '#app/context.ts'
import { WorkflowFault } from '#app/workflow-fault.ts'
import type { JsonObject } from '#core/version.ts'
import { ATTEMPTS_MAX, retryDelaySeconds, storable, type WorkflowError } from '#core/workflow.ts'
import { WORKFLOW_FAULTS } from '#core/workflow-fault.ts'
import type { Tx } from '#store/database.ts'
import {
  beginStep,
  type ClaimedWorkflow,
  claimWorkflow,
  completeStep,
  completeWorkflow,
  failWorkflow,
  holdClaim,
  isHeld,
  noteProgress,
  releaseWorkflow,
  type WorkflowJob,
} from '#store/workflow-claims.ts'
import { createProgress } from '#workflows/progress.ts'
import { failureOf, UNFORESEEN } from '#workflows/step-failure.ts'
import {
  callerOf,
  type Step,
  type StepContext,
  type WorkflowDefinition,
  type WorkflowRegistry,
} from '#workflows/workflow.ts'

export type RunnerParts = {
  /** Not bound to any organization. */
  readonly app: App
  readonly registry: WorkflowRegistry
  /** The program is about to end: no further step is begun. */
  readonly draining: AbortSignal
  /** The program ends: the step that is being done is given up. */
  readonly ending: AbortSignal
  /** After so long a step is given up, and tried again; half an hour where nothing else is said. */
  readonly step_limit_ms?: number
}

/** How soon a worker notices that a workflow was cancelled, or given to another. */
const WATCH_MS = 2000
const STEP_LIMIT_MS = 30 * 60_000
/** For a workflow that only a newer program knows, in the middle of an upgrade. */
const UNKNOWN_DELAY_SECONDS = 15

/** The work is somebody else's, or over. Nothing is written any more. */
class ClaimLost extends Error {}

type Run = {
  readonly parts: RunnerParts
  /** Bound to the workflow's organization. */
  readonly app: App
  readonly work: ClaimedWorkflow
  readonly definition: WorkflowDefinition
  /** Aborts when the claim is lost. */
  readonly lost: AbortSignal
}

type Place = { readonly position: number; readonly step: Step }

/** In a transaction that holds the claim to its end; use cases of its app join it. */
const whileHeld = <T>(app: App, work: ClaimedWorkflow, change: (app: App, tx: Tx) => Promise<T>): Promise<T> =>
  inOneTransaction(app, async joined => {
    const tx = joined.joined?.tx
    if (tx === undefined || !(await holdClaim(tx, work))) throw new ClaimLost()
    return change(joined, tx)
  })

/** Settles with the work or, when that does not listen to the signal, without it. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })

const aboutOf = ({ app, work }: Run) => {
  const { workflow_id, organization_id, created_by, input } = work
  return { app, workflow_id, organization_id, created_by, caller: callerOf(organization_id, created_by), input }
}

/** Gives the work back, to whoever takes it first, or, after a delay, to whoever takes it then. */
const release = async (
  { app, work }: Pick<Run, 'app' | 'work'>,
  position: number,
  next: { readonly delay_seconds: number; readonly counted: boolean; readonly detail: string | null },
): Promise<void> => {
  const job_id = newId()
  await whileHeld(app, work, async (joined, tx) => {
    await releaseWorkflow(tx, work, position, { ...next, job_id })
    const { workflow_id, organization_id } = work
    await joined.workflows.enqueue(joined, tx, { workflow_id, organization_id, job_id }, next.delay_seconds)
  })
}

const fail = async (run: Run, position: number, error: WorkflowError): Promise<void> => {
  await whileHeld(run.app, run.work, async (joined, tx) => {
    await run.definition.failed?.(tx, { ...aboutOf(run), app: joined }, error)
    await failWorkflow(tx, run.work, position, error)
  })
}

const contextOf = (
  run: Run,
  outputs: JsonObject,
  signal: AbortSignal,
  progress: StepContext['progress'],
): StepContext => ({
  ...aboutOf(run),
  outputs,
  signal,
  progress,
})

/** Does the step and records it. */
const perform = async (run: Run, { position, step }: Place, outputs: JsonObject): Promise<JsonObject> => {
  const { parts, app, work } = run
  const limit = AbortSignal.timeout(parts.step_limit_ms ?? STEP_LIMIT_MS)
  const signal = AbortSignal.any([run.lost, parts.ending, limit])
  const progress = createProgress(({ fraction, detail }) => noteProgress(app.db, work, position, fraction, detail))
  const context = contextOf(run, outputs, signal, progress.note)
  let output: JsonObject
  try {
    output = storable(await unlessAborted(step.run(context), signal))
  } catch (error) {
    if (limit.aborted && !run.lost.aborted && !parts.ending.aborted)
      throw new WorkflowFault('step_too_long', { again: true })
    throw error
  } finally {
    await progress.close()
  }
  return whileHeld(app, work, async (joined, tx) => {
    const recorded = (await step.save?.(tx, { ...context, app: joined }, output)) ?? output
    await completeStep(tx, work, position, recorded)
    if (position === work.steps.length - 1)
      await completeWorkflow(tx, work, run.definition.result({ ...outputs, [step.name]: recorded }))
    return recorded
  })
}

/** What is to be done about a step that threw. */
const afterFailure = async (run: Run, { position, step }: Place, attempts: number, thrown: unknown): Promise<void> => {
  const { app, work, parts } = run
  const about = { workflow_id: work.workflow_id, type: work.type, step: step.name, attempts }
  if (parts.ending.aborted) return release(run, position, { delay_seconds: 0, counted: false, detail: null })
  const failure = failureOf(thrown)
  const delay_seconds = retryDelaySeconds(failure, attempts)
  const reason = failure.error?.code ?? (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
  if (delay_seconds !== null) {
    app.log.warn({ ...about, reason, delay_seconds }, 'a step is tried again')
    const detail = `Failed; is tried again (${attempts} of ${ATTEMPTS_MAX}).`
    return release(run, position, { delay_seconds, counted: true, detail })
  }
  app.log.warn({ ...about, reason }, 'a workflow failed')
  await fail(run, position, { ...(failure.error ?? UNFORESEEN), step: step.name })
}

const goOn = async (run: Run): Promise<void> => {
  const { app, work, definition, parts } = run
  let outputs: JsonObject = {}
  for (const [position, { name, status, output }] of work.steps.entries()) {
    if (status === 'completed') {
      outputs = { ...outputs, [name]: output ?? {} }
      continue
    }
    const step = definition.steps.find(each => each.name === name)
    if (step === undefined) throw new Error(`the workflow ${work.type} has no step ${name}`)
    if (parts.draining.aborted) return release(run, position, { delay_seconds: 0, counted: true, detail: null })
    const attempts = await beginStep(app.db, work, position)
    if (attempts === undefined) throw new ClaimLost()
    if (attempts > ATTEMPTS_MAX)
      return fail(run, position, { code: 'worker_lost', detail: WORKFLOW_FAULTS.worker_lost, step: name })
    try {
      outputs = { ...outputs, [name]: await perform(run, { position, step }, outputs) }
    } catch (error) {
      if (error instanceof ClaimLost || run.lost.aborted) throw new ClaimLost()
      return afterFailure(run, { position, step }, attempts, error)
    }
  }
}

/**
 * Returns when there is nothing left to do for this job: the workflow is over, somebody else's, or waits for another job.
 * Rejects when the database would not take it down; then the job must be given again.
 */
export const runWorkflow = async (parts: RunnerParts, job: WorkflowJob, job_signal: AbortSignal): Promise<void> => {
  const app = boundTo(parts.app, job.organization_id)
  const work = await claimWorkflow(app.db, job)
  if (work === undefined) return
  const definition = parts.registry.get(work.type)
  const lost = new AbortController()
  const look = async () => {
    if (!(await isHeld(app.db, work))) lost.abort(new ClaimLost())
  }
  const watch = setInterval(() => look().catch(() => {}), WATCH_MS)
  try {
    if (definition === undefined)
      return await release({ app, work }, 0, { delay_seconds: UNKNOWN_DELAY_SECONDS, counted: true, detail: null })
    await goOn({ parts, app, work, definition, lost: AbortSignal.any([lost.signal, job_signal]) })
  } catch (error) {
    if (!(error instanceof ClaimLost)) throw error
    app.log.info({ workflow_id: work.workflow_id, claim: work.claim }, 'a workflow is no longer this worker’s')
  } finally {
    clearInterval(watch)
  }
}
