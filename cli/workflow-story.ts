/** A workflow as a person watches it: a line a step, with a bar for the one that is being done. Pure. */

/** What is read of the API's answer. */
export type WorkflowAnswer = {
  readonly workflow_id: string
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'
  readonly steps: readonly {
    readonly name: string
    readonly status: WorkflowAnswer['status']
    readonly progress: number
    readonly detail: string | null
    readonly started_at: string | null
    readonly finished_at: string | null
  }[]
  readonly result: {
    readonly agent_id: string | null
    readonly version: number | null
    readonly collection_id: string | null
    readonly phone_numbers: readonly string[]
  } | null
  readonly error: { readonly code: string; readonly detail: string; readonly step: string | null } | null
}

type Step = WorkflowAnswer['steps'][number]

export const isOver = ({ status }: WorkflowAnswer): boolean => status !== 'queued' && status !== 'running'

/** What stands on a page is somebody's: none of it moves the cursor. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')

const MARKS: Readonly<Record<WorkflowAnswer['status'], string>> = {
  queued: '·',
  running: '▸',
  completed: '✓',
  failed: '✗',
  cancelled: '–',
}

const WORDS: Readonly<Record<string, string>> = {
  read_site: 'Read the website',
  extract: 'Sort what it says',
  write_instructions: 'Write the instructions',
  create_agent: 'Make the agent',
}

const BAR_WIDTH = 20
const NAME_WIDTH = 24

const barOf = (fraction: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.round(fraction * 100)).padStart(3)} %`
}

const tookSeconds = ({ started_at, finished_at }: Step): string =>
  started_at === null || finished_at === null
    ? ''
    : `${((Date.parse(finished_at) - Date.parse(started_at)) / 1000).toFixed(1)} s`

/** What a terminal that does not know its own width (it says 0) surely has. */
const LEAST_WIDTH = 80

/** `width`: of the terminal; a line that is longer would break, and the next picture be drawn in the wrong place. */
export const lineOf = (step: Step, width = Number.POSITIVE_INFINITY): string => {
  const name = (WORDS[step.name] ?? plain(step.name)).padEnd(NAME_WIDTH)
  const state = step.status === 'running' ? barOf(step.progress) : tookSeconds(step)
  const said = step.detail === null ? '' : plain(step.detail)
  const line = [`${MARKS[step.status]} ${name}`, state, said].filter(part => part !== '').join('  ')
  return line.trimEnd().slice(0, width > 0 ? width : LEAST_WIDTH)
}

/** All of it, as it stands. */
export const pictureOf = ({ steps }: WorkflowAnswer, width?: number): string[] => steps.map(step => lineOf(step, width))

/** What came of it, in a few lines. */
export const outcomeOf = (workflow: WorkflowAnswer): string[] => {
  const { status, result, error } = workflow
  if (status === 'failed') return [plain(error?.detail ?? 'It failed.')]
  if (status === 'cancelled') return ['It was cancelled.']
  if (result === null) return ['It was done.']
  const { agent_id, version, collection_id, phone_numbers } = result
  return [
    ...(agent_id === null ? [] : [`Agent      ${agent_id}, version ${version}`]),
    ...(collection_id === null ? [] : [`Knowledge  ${collection_id}`]),
    ...(phone_numbers.length === 0 ? [] : [`Number     ${phone_numbers.map(plain).join(', ')}`]),
  ]
}
