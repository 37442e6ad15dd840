/** `sip:<agent-id>@<host>`: an agent as a SIP endpoint. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import type { SipEndpoint } from '#core/agent.ts'
import type { Revised } from '#core/entity-tag.ts'
import { lockAgent } from '#store/agents.ts'
import { insertAudit } from '#store/audit.ts'
import { deleteSipEndpoint, findSipEndpoint, upsertSipEndpoint } from '#store/sip-endpoints.ts'
import { findVersion, latestPublished } from '#store/versions.ts'

export const sipUri = (app: App, agent_id: string): string => `sip:${agent_id}@${app.sip_public_host}`

export type Deployed = SipEndpoint & { readonly uri: string; readonly transports: readonly string[] }

export const describeSipEndpoint = (app: App, endpoint: SipEndpoint): Deployed => ({
  ...endpoint,
  uri: sipUri(app, endpoint.agent_id),
  transports: app.sip_transports,
})

/** An endpoint is known by its agent's id. */
const revised = (endpoint: SipEndpoint | undefined): Revised | null =>
  endpoint ? { id: endpoint.agent_id, revision: endpoint.revision } : null

/** The same answer again and again. `version` null follows the latest published one. Nothing published: refused. */
export const deployAsSip = async (
  app: App,
  caller: Caller,
  agent_id: string,
  input: { readonly version: number | null },
): Promise<Deployed> => {
  const { organization_id } = caller
  const endpoint = await transact(app, async (tx, touch) => {
    if (!(await lockAgent(tx, organization_id, agent_id))) refuse('agent_not_found', [agent_id])
    const before = await findSipEndpoint(tx, agent_id)
    requireMatch(caller, revised(before))
    if ((await latestPublished(tx, agent_id)) === null) refuse('no_published_version')
    if (input.version !== null) {
      const pinned = await findVersion(tx, organization_id, agent_id, input.version)
      if (!pinned) refuse('version_not_found', [String(input.version)])
      if (!pinned?.published) refuse('version_not_published', [String(input.version)])
    }
    await insertAudit(tx, {
      ...by(caller),
      action: 'sip_endpoint.deploy',
      subject: agent_id,
      ...(before ? { before: { version: before.version } } : {}),
      after: input,
    })
    touch({ agent_ids: [agent_id] })
    return upsertSipEndpoint(tx, { agent_id, organization_id, version: input.version })
  })
  return describeSipEndpoint(app, endpoint)
}

/** From then on the address answers 404. Content when there was none. */
export const removeSipEndpoint = async (app: App, caller: Caller, agent_id: string): Promise<void> => {
  const { organization_id } = caller
  await transact(app, async (tx, touch) => {
    if (!(await lockAgent(tx, organization_id, agent_id))) refuse('agent_not_found', [agent_id])
    const before = await deleteSipEndpoint(tx, agent_id)
    requireMatch(caller, revised(before))
    if (!before) return
    await insertAudit(tx, {
      ...by(caller),
      action: 'sip_endpoint.remove',
      subject: agent_id,
      before: { version: before.version },
    })
    touch({ agent_ids: [agent_id] })
  })
}
