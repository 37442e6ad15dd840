/** The operations that make agents out of websites. */
import { Type as T } from 'typebox'
import { WorkflowStarted } from '#wire/core-workflow.ts'
import { operation } from '#wire/operation.ts'
import { closed, nullable, uuid } from '#wire/schema.ts'

const website = () =>
  T.String({
    description: 'The page from which the website is read: a URL, or a host, which is then asked over https.',
    minLength: 1,
    maxLength: 2048,
    examples: ['https://riverside-dental.example'],
  })

const flag = (description: string) => T.Optional(nullable(T.Boolean(), { description, default: false }))

const FromWebsite = closed(
  {
    company_name: T.String({
      description: 'What the agent calls the company, and is called itself.',
      minLength: 1,
      maxLength: 200,
      pattern: '\\S',
      examples: ['Riverside Dental'],
    }),
    company_website: website(),
    company_overview: T.Optional(
      nullable(T.String({ maxLength: 5000 }), { description: 'What the company does; else what the website says.' }),
    ),
    is_demo: flag('Whether the agent is marked as a demonstration.'),
    skip_deployment: flag('Whether the version stays a draft.'),
    voice_id: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 200 }), { description: 'The voice, by its provider’s name.' }),
    ),
    avatar_url: T.Optional(
      nullable(T.String({ maxLength: 2048 }), { description: 'Kept with the agent, as metadata.avatar_url.' }),
    ),
    existing_agent_id: T.Optional(
      nullable(uuid(), {
        description: 'The agent that gets a new draft, in place of a new agent. The draft is not published.',
      }),
    ),
    existing_collection_id: T.Optional(
      nullable(uuid(), { description: 'The dataset that the pages are added to, in place of a new one.' }),
    ),
    demo_type: T.Optional(
      nullable(T.String({ maxLength: 200 }), { description: 'Kept with the agent, as metadata.demo_type.' }),
    ),
  },
  {
    title: 'FromWebsite',
    examples: [{ company_name: 'Riverside Dental', company_website: 'https://riverside-dental.example' }],
  },
)

const Demo = closed(
  {
    company_website: website(),
    instructions: T.Optional(
      nullable(T.String({ maxLength: 20_000 }), {
        description: 'What the agent shall do besides answering questions.',
      }),
    ),
    include_phone_number: flag('Whether the agent answers one of the organization’s free numbers.'),
  },
  { title: 'Demo', examples: [{ company_website: 'https://riverside-dental.example', include_phone_number: true }] },
)

const tag = 'agents'

export const siteOperations = {
  createFromWebsite: operation({
    method: 'POST',
    path: '/core/agents/create-from-website',
    tag,
    summary: 'Make an agent out of a company’s website, in the background.',
    scope: 'agents:manage',
    body: FromWebsite,
    answers: { 202: WorkflowStarted },
    refusals: ['website_refused', 'agent_not_found', 'knowledge_base_not_found'],
  }),
  createDemo: operation({
    method: 'POST',
    path: '/core/agents/create-demo',
    tag,
    summary: 'Make a demonstration agent out of a website, in the background.',
    scope: 'agents:manage',
    body: Demo,
    answers: { 202: WorkflowStarted },
    refusals: ['website_refused', 'number_none_free'],
  }),
} as const
