import * as agents from '#app/agents.ts'
import { describeSipEndpoint } from '#app/sip-endpoints.ts'
import { type Handler, ok } from '#http/call.ts'
import { agentConfigDocument } from '#wire/agent-config.ts'
import { toAgentAnswer, toSipEndpointAnswer, toStatsAnswer } from '#wire/core-agent.ts'
import { toPhoneNumberAnswer } from '#wire/core-number.ts'
import { toVersionSummaryAnswer } from '#wire/core-version.ts'

export const createAgent: Handler<'createAgent'> = async ({ app, caller, body }) =>
  ok(
    toAgentAnswer(
      await agents.createAgent(app, caller, {
        name: body.name,
        description: body.description ?? null,
        active: body.active ?? true,
        is_demo: body.is_demo ?? false,
        metadata: body.metadata ?? {},
      }),
    ),
  )

export const getAgent: Handler<'getAgent'> = async ({ app, caller, path }) => {
  const { agent, versions, phone_numbers, sip_endpoint, stats } = await agents.getAgent(app, caller, path.id)
  return ok({
    ...toAgentAnswer(agent),
    versions: versions.map(toVersionSummaryAnswer),
    phone_numbers: phone_numbers.map(toPhoneNumberAnswer),
    widgets: [],
    sip_endpoint: sip_endpoint && toSipEndpointAnswer(describeSipEndpoint(app, sip_endpoint)),
    conversation_stats: toStatsAnswer(stats),
  })
}

export const getAgentConfigSchema: Handler<'getAgentConfigSchema'> = async () => ok(agentConfigDocument())
