/**
 * create-from-website and create-demo: a website is read, what it says is sorted, instructions are written, and the agent is
 * made in one transaction at the end. Until then there is nothing to undo.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeAgentFromSite, type SiteOrder } from '#app/agent-from-site.ts'
import { WorkflowFault } from '#app/workflow-fault.ts'
import { readBuilderInputs } from '#core/builder-inputs.ts'
import type { PageFault, ReadSite } from '#core/site.ts'
import { gatherFacts, type SiteFacts } from '#core/site-facts.ts'
import { builderInputsOf } from '#core/site-inputs.ts'
import type { JsonObject } from '#core/version.ts'
import type { WorkflowResult, WorkflowType } from '#core/workflow.ts'
import type { WrittenBy, WrittenInstructions } from '#core/writer.ts'
import type { Step, WorkflowDefinition } from '#workflows/workflow.ts'

type Outputs = {
  readonly read_site: ReadSite
  readonly extract: {
    readonly company_name: string
    readonly language: string
    readonly facts: SiteFacts
    readonly inputs: JsonObject
  }
  readonly write_instructions: WrittenInstructions & { readonly written_by: WrittenBy }
  readonly create_agent: WorkflowResult
}

type SiteStep = Step<SiteOrder & JsonObject, Outputs & JsonObject>

/** Faults that may be over in a moment. Whoever mistyped an address does not want to wait for longer than that. */
const PASSING: ReadonlySet<PageFault> = new Set(['unreachable', 'robots_unreachable', 'status'])
const AGAIN_MS = 2000

const isPassing = (fault: PageFault, status: number | null): boolean =>
  PASSING.has(fault) && (fault !== 'status' || (status ?? 0) >= 500)

const readSite: SiteStep = {
  name: 'read_site',
  run: async ({ app, input, signal, progress }) => {
    const read = () => app.sites.read(new URL(input.company_website), signal, progress)
    let result = await read()
    if (result.kind === 'failed' && isPassing(result.fault, result.status)) {
      progress(0, 'The website does not answer well; it is asked once more.')
      await sleep(AGAIN_MS, undefined, { signal })
      result = await read()
    }
    if (result.kind === 'failed') throw new WorkflowFault(`site_${result.fault}`)
    return result.site
  },
}

/** `www.riverside-dental.example` → `riverside-dental.example` */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^www\./, '')

const NAME_LIMIT = 200

const extract: SiteStep = {
  name: 'extract',
  run: async ({ app, input, outputs }) => {
    const { pages, url } = outputs.read_site
    const facts = gatherFacts(pages)
    const company_name = (input.company_name ?? facts.name?.text ?? hostOf(url)).slice(0, NAME_LIMIT)
    const language = facts.language ?? String(app.default_config.language ?? 'en-US')
    const { company_overview: overview, instructions: wishes } = input
    const inputs = builderInputsOf({ company_name, website: url, overview, wishes, language }, facts)
    return { company_name, language, facts, inputs }
  },
}

const writeInstructions: SiteStep = {
  name: 'write_instructions',
  run: async ({ app, organization_id, outputs, signal, progress }) => {
    const writer = await app.writers.for(organization_id)
    progress(
      0.1,
      writer.written_by === 'model'
        ? 'A language model writes.'
        : 'Put together by rule: no language model is configured.',
    )
    const { value, written_by, usage } = await writer.instructions(readBuilderInputs(outputs.extract.inputs), signal)
    return { ...value, written_by, usage }
  },
}

const createAgent: SiteStep = {
  name: 'create_agent',
  run: async () => ({}),
  save: async (_tx, { app, caller, input, outputs }) => {
    const { read_site, extract: sorted, write_instructions: written } = outputs
    const { instructions, starting_message, written_by } = written
    return makeAgentFromSite(app, caller, {
      ...{ order: input, pages: read_site.pages, written: { instructions, starting_message }, written_by },
      ...sorted,
    })
  },
}

const agentFromSite = (type: WorkflowType): WorkflowDefinition =>
  ({
    type,
    steps: [readSite, extract, writeInstructions, createAgent],
    result: (outputs: Outputs) => outputs.create_agent,
  }) as unknown as WorkflowDefinition

export const createFromWebsite = agentFromSite('create_from_website')
/** The same for a demonstration: the website names the company, and a number can be had with it. */
export const createDemo = agentFromSite('create_demo')
