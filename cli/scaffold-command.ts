/** `npm run scaffold`: has an agent made out of a website, and shows how far that is. Exit codes in SCAFFOLD_USAGE. */
import { followWorkflow } from '#cli/follow-workflow.ts'
import { findAccess, postJson } from '#cli/patchcord-api.ts'
import { parseScaffoldArguments, SCAFFOLD_USAGE } from '#cli/scaffold-arguments.ts'
import { lineOf, outcomeOf, pictureOf, type WorkflowAnswer } from '#cli/workflow-story.ts'

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const fail = (text: string): 2 => {
  process.stderr.write(`${text}\n`)
  return 2
}

/** On a terminal the picture is drawn over the last one; anywhere else, a line for each step that has ended. */
const show = (is_terminal: boolean): ((workflow: WorkflowAnswer) => void) => {
  let drawn = 0
  const told = new Set<string>()
  if (is_terminal)
    return workflow => {
      const lines = pictureOf(workflow, process.stdout.columns)
      const up = drawn === 0 ? '' : `\u001b[${drawn}A`
      process.stdout.write(`${up}${lines.map(line => `\u001b[2K${line}\n`).join('')}`)
      drawn = lines.length
    }
  return ({ steps }) => {
    for (const step of steps) {
      if (step.status === 'queued' || step.status === 'running' || told.has(step.name)) continue
      told.add(step.name)
      print(lineOf(step))
    }
  }
}

const main = async (argv: readonly string[]): Promise<0 | 1 | 2> => {
  const wanted = parseScaffoldArguments(argv)
  if (wanted === 'help') {
    print(SCAFFOLD_USAGE)
    return 0
  }
  if ('wrong' in wanted) return fail(`${wanted.wrong}\n\n${SCAFFOLD_USAGE}`)
  const access = findAccess(wanted, process.env, process.getuid?.() === 0)
  if (typeof access === 'string') return fail(access)
  const { path, body, json } = wanted
  const started = await postJson(access, path, body)
  if ('wrong' in started) return fail(started.wrong)
  const { workflow_id } = started.body as { readonly workflow_id: string }
  const ended = await followWorkflow(access, workflow_id, json ? () => undefined : show(process.stdout.isTTY === true))
  if (typeof ended === 'string') return fail(ended)
  if (json) print(JSON.stringify(ended, null, 2))
  else print(['', ...outcomeOf(ended)].join('\n'))
  return ended.status === 'completed' ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
