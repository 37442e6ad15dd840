import { type SiteOrder, startAgentFromSite } from '#app/agent-from-site.ts'
import type { Handler, Reply } from '#http/call.ts'

const started = (workflow_id: string): Reply => ({ status: 202, body: { workflow_id } })

const NOTHING: Omit<SiteOrder, 'company_website'> = {
  company_name: null,
  company_overview: null,
  instructions: null,
  is_demo: false,
  demo_type: null,
  skip_deployment: false,
  include_phone_number: false,
  voice_id: null,
  avatar_url: null,
  existing_agent_id: null,
  existing_collection_id: null,
}

export const createFromWebsite: Handler<'createFromWebsite'> = async ({ app, caller, body }) => {
  const { company_name, is_demo, skip_deployment, ...rest } = body
  return started(
    await startAgentFromSite(app, caller, 'create_from_website', {
      ...NOTHING,
      ...rest,
      company_name: company_name.trim(),
      is_demo: is_demo ?? false,
      skip_deployment: skip_deployment ?? false,
    }),
  )
}

export const createDemo: Handler<'createDemo'> = async ({ app, caller, body }) => {
  const { company_website, instructions = null, include_phone_number } = body
  return started(
    await startAgentFromSite(app, caller, 'create_demo', {
      ...NOTHING,
      company_website,
      instructions,
      is_demo: true,
      include_phone_number: include_phone_number ?? false,
    }),
  )
}
