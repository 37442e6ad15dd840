import * as agents from '#app/agents.ts'
import { deleteAgent as removeAgent } from '#app/delete-agent.ts'
import { describeSipEndpoint } from '#app/sip-endpoints.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { agentConfigDocument } from '#wire/agent-config.ts'
import { toAgentAnswer, toSipEndpointAnswer, toStatsAnswer } from '#wire/core-agent.ts'
import { toPhoneNumberAnswer } from '#wire/core-number.ts'
import { toVersionSummaryAnswer } from '#wire/core-version.ts'
import { parseMetadata } from '#wire/parse-metadata.ts'

const metadataFrom = (text: string) => {
  const { metadata, faults } = parseMetadata(text)
  if (faults.length > 0) throw new BadInput('query', faults)
  return metadata
}

export const createAgent: Handler<'createAgent'> = async ({ app, caller, body }) => {
  const agent = await agents.createAgent(app, caller, {
    name: body.name,
    description: body.description ?? null,
    active: body.active ?? true,
    is_demo: body.is_demo ?? false,
    metadata: body.metadata ?? {},
  })
  return ok(toAgentAnswer(agent), agent)
}

export const listAgents: Handler<'listAgents'> = async ({ app, caller, query, url }) => {
  const { metadata, ...filters } = filtersFrom(query)
  const contained = metadata === undefined ? {} : { metadata: metadataFrom(metadata) }
  return listed(
    url,
    await agents.listAgents(app, caller, pageFrom(query, 'uuid'), { ...filters, ...contained }),
    toAgentAnswer,
  )
}

export const getAgent: Handler<'getAgent'> = async ({ app, caller, path }) => {
  const { agent, versions, phone_numbers, sip_endpoint, stats } = await agents.getAgent(app, caller, path.id)
  const body = {
    ...toAgentAnswer(agent),
    versions: versions.map(toVersionSummaryAnswer),
    phone_numbers: phone_numbers.map(toPhoneNumberAnswer),
    widgets: [],
    sip_endpoint: sip_endpoint && toSipEndpointAnswer(describeSipEndpoint(app, sip_endpoint)),
    conversation_stats: toStatsAnswer(stats),
  }
  return ok(body, agent)
}

/** `null` means absent, as everywhere; what else a client read and sends back is ignored. */
export const updateAgent: Handler<'updateAgent'> = async ({ app, caller, path, body }) => {
  const { name, description, active, is_demo, metadata } = body
  const change = {
    ...(name == null ? {} : { name }),
    ...(description == null ? {} : { description }),
    ...(active == null ? {} : { active }),
    ...(is_demo == null ? {} : { is_demo }),
    ...(metadata == null ? {} : { metadata }),
  }
  const agent = await agents.updateAgent(app, caller, path.id, change)
  return ok(toAgentAnswer(agent), agent)
}

export const deleteAgent: Handler<'deleteAgent'> = async ({ app, caller, path }) => {
  await removeAgent(app, caller, path.id)
  return NO_CONTENT
}

export const getAgentConfigSchema: Handler<'getAgentConfigSchema'> = async () => ok(agentConfigDocument())
