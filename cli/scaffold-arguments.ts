/** The command line of `npm run scaffold`. Pure: argv in, options or one sentence out. */
import { parseArgs } from 'node:util'
import {
  CONNECTION_OPTIONS,
  CONNECTION_USAGE,
  type Connection,
  parseConnection,
  parseUrl,
} from '#cli/connection-options.ts'

export const SCAFFOLD_USAGE = `usage: npm run scaffold -- <website> [options]
  --name NAME        what the company is called (default: its host's name)
  --overview TEXT    what the company does (default: as the website says)
  --wishes TEXT      what the agent shall do besides answering questions; makes a demonstration
  --number           let it answer one of your free numbers; makes a demonstration
  --demo             mark the agent as a demonstration
  --draft            publish nothing: leave the version a draft
  --voice VOICE      the voice, by its provider's name
  --agent ID         make a new draft of this agent, in place of a new agent
  --collection ID    add the pages to this dataset, in place of a new one
${CONNECTION_USAGE}
  --json             print the workflow as it ended, and no progress
Exit codes: 0 the agent is made, 1 it could not be made, 2 wrong arguments or Patchcord cannot be asked.`

export type ScaffoldArguments = Connection & {
  /** The endpoint, and what it is sent. */
  readonly path: '/core/agents/create-from-website' | '/core/agents/create-demo'
  readonly body: Readonly<Record<string, unknown>>
  readonly json: boolean
}

const read = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      overview: { type: 'string' },
      wishes: { type: 'string' },
      number: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: false },
      draft: { type: 'boolean', default: false },
      voice: { type: 'string' },
      agent: { type: 'string' },
      collection: { type: 'string' },
      ...CONNECTION_OPTIONS,
    },
  })

type Values = ReturnType<typeof read>['values']

/** `www.riverside-dental.example` → `riverside-dental` */
const nameIn = (website: string): string => {
  const host = parseUrl(website)?.hostname.replace(/^www\./, '') ?? website
  // An address has no name in it.
  return /^[\d.]+$|:/.test(host) ? host : host.replace(/\.[^.]+$/, '')
}

/** A demonstration is what names itself after its website, follows wishes, and has a number; the rest is the other's. */
const requestOf = (website: string, values: Values): Pick<ScaffoldArguments, 'path' | 'body'> | string => {
  const { name, overview, wishes, number, demo, draft, voice, agent, collection } = values
  const others = Object.entries({ name, overview, voice, agent, collection, draft: draft || undefined })
  if (wishes !== undefined || number) {
    const [extra] = others.filter(([, value]) => value !== undefined).map(([key]) => key)
    if (extra !== undefined) return `--${extra} does not go together with --${number ? 'number' : 'wishes'}`
    const body = { company_website: website, instructions: wishes ?? null, include_phone_number: number }
    return { path: '/core/agents/create-demo', body }
  }
  if (demo && others.every(([, value]) => value === undefined))
    return { path: '/core/agents/create-demo', body: { company_website: website } }
  const body = {
    company_name: name ?? nameIn(website),
    company_website: website,
    company_overview: overview ?? null,
    is_demo: demo,
    skip_deployment: draft,
    voice_id: voice ?? null,
    existing_agent_id: agent ?? null,
    existing_collection_id: collection ?? null,
  }
  return { path: '/core/agents/create-from-website', body }
}

/** `help`: that is what was asked for. Else a sentence says what is wrong. */
export const parseScaffoldArguments = (
  argv: readonly string[],
): ScaffoldArguments | 'help' | { readonly wrong: string } => {
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(argv)
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : 'the arguments cannot be read' }
  }
  const { values, positionals } = parsed
  if (values.help) return 'help'
  const [website, ...more] = positionals
  if (website === undefined) return { wrong: 'say which website, such as https://riverside-dental.example' }
  if (more.length > 0) return { wrong: `one website at a time; "${more.join(' ')}" is too much` }
  const connection = parseConnection(values)
  if (typeof connection === 'string') return { wrong: connection }
  const request = requestOf(website, values)
  if (typeof request === 'string') return { wrong: request }
  return {
    ...request,
    ...connection,
    json: values.json,
  }
}
