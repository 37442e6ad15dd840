import type { Scenario } from '#tests/harness/http.ts'

const FROM_WEBSITE = '/core/agents/create-from-website'
const DEMO = '/core/agents/create-demo'
const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
/** A workflow with its four steps, in the queue. */
const STARTED = { workflows: 1, workflow_steps: 4, audit_log: 1 } as const

const company = { company_name: 'Riverside', company_website: 'riverside.example' } as const

const refusedWebsite = (name: string, company_website: string): Scenario => ({
  name: `an agent is not made of ${name}`,
  request: { method: 'POST', path: DEMO, body: { company_website } },
  expect: { status: 422, code: 'website_refused', loc: ['body', 'company_website'] },
  effects: {},
})

export const siteScenarios: readonly Scenario[] = [
  {
    name: 'an agent from a website is begun',
    request: { method: 'POST', path: FROM_WEBSITE, body: { ...company, skip_deployment: true, demo_type: null } },
    expect: { status: 202 },
    effects: STARTED,
    keep: { from_website: 'workflow_id' },
  },
  {
    name: 'its steps are seen from the beginning',
    as: 'reader',
    request: { method: 'GET', path: '/core/workflows/$from_website' },
    expect: {
      status: 200,
      body: {
        type: 'create_from_website',
        status: 'queued',
        steps: [
          { name: 'read_site', status: 'queued' },
          { name: 'extract' },
          { name: 'write_instructions' },
          { name: 'create_agent' },
        ],
      },
    },
    effects: {},
  },
  {
    name: 'a demonstration is begun',
    as: 'other',
    request: { method: 'POST', path: DEMO, body: { company_website: 'https://riverside.example/start' } },
    expect: { status: 202 },
    effects: STARTED,
  },
  {
    name: 'an agent that is not there gets no draft',
    request: { method: 'POST', path: FROM_WEBSITE, body: { ...company, existing_agent_id: NOWHERE } },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'a dataset that is not there gets no pages',
    request: { method: 'POST', path: FROM_WEBSITE, body: { ...company, existing_collection_id: NOWHERE } },
    expect: { status: 404, code: 'knowledge_base_not_found' },
    effects: {},
  },
  {
    name: 'somebody else’s numbers are not free for a demonstration',
    as: 'other',
    request: { method: 'POST', path: DEMO, body: { company_website: 'a.example', include_phone_number: true } },
    expect: { status: 409, code: 'number_none_free' },
    effects: {},
  },
  {
    name: 'a company without a name makes no agent',
    request: { method: 'POST', path: FROM_WEBSITE, body: { ...company, company_name: '  ' } },
    expect: { status: 422, code: 'invalid_request', loc: ['body', 'company_name'] },
    effects: {},
  },
  {
    name: 'an unknown key makes no agent',
    request: { method: 'POST', path: FROM_WEBSITE, body: { ...company, company: 'x' } },
    expect: { status: 422, code: 'invalid_request', loc: ['body', 'company'] },
    effects: {},
  },
  {
    name: 'a website that is refused makes no agent either',
    request: { method: 'POST', path: FROM_WEBSITE, body: { ...company, company_website: 'http://10.0.0.1' } },
    expect: { status: 422, code: 'website_refused' },
    effects: {},
  },
  refusedWebsite('an address inside', 'http://169.254.169.254/latest/meta-data'),
  refusedWebsite('an address spelled as a number', '2130706433'),
  refusedWebsite('this machine', 'localhost:8080'),
  refusedWebsite('a file', 'file:///etc/passwd'),
  refusedWebsite('a name with a password', 'https://user:secret@riverside.example/'),
  refusedWebsite('words', 'our website'),
]
