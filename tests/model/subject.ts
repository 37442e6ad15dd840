/** The real server as the model sees it: commands become requests, and answers lose what the model does not know. */
import assert from 'node:assert/strict'
import { ask, codeOf, type Request } from '#tests/harness/http.ts'
import type { World } from '#tests/harness/world.ts'
import type { Command, Outcome, Ref } from '#tests/model/model.ts'

const NOBODY = '0197f0a8-0000-7000-8000-000000000000'

export type Subject = {
  /** The model's number for a registered one. */
  readonly numbers: Readonly<Record<string, string>>
  perform(command: Command): Promise<Outcome>
}

type SlotEntry = { readonly agent_id: string; readonly version: number }
type NumberBody = {
  readonly phone_number: string
  readonly inbound_agents: readonly SlotEntry[]
  readonly outbound_agents: readonly SlotEntry[]
}
type VersionBody = {
  readonly version: number
  readonly published: boolean
  readonly base_version: number | null
  readonly dirty: boolean
  readonly manually_edited: boolean
  readonly config: { readonly instructions: string }
}
type AgentBody = {
  readonly agent_id: string
  readonly active: boolean
  readonly versions: readonly { readonly version: number; readonly published: boolean }[]
  readonly phone_numbers: readonly NumberBody[]
  readonly sip_endpoint: { readonly version: number | null } | null
}

const toVersion = (body: VersionBody) => ({
  version: body.version,
  published: body.published,
  words: body.config.instructions,
  base: body.base_version,
  dirty: body.dirty,
  manual: body.manually_edited,
})

/** `numbers`: the model's names → E.164. */
export const openSubject = (world: World, numbers: Readonly<Record<string, string>>): Subject => {
  const ids = new Map<string, string>()
  const names = new Map<string, string>()
  const nameOf = (phone_number: string) => Object.entries(numbers).find(([, known]) => known === phone_number)?.[0]

  const toSlot = (entries: readonly SlotEntry[]) => {
    assert.ok(entries.length <= 1, 'publish puts a version alone')
    return entries[0] ? { agent: names.get(entries[0].agent_id), version: entries[0].version } : null
  }
  const toNumber = (body: NumberBody) => ({
    number: nameOf(body.phone_number),
    inbound: toSlot(body.inbound_agents),
    outbound: toSlot(body.outbound_agents),
  })
  const toAgent = (body: AgentBody) => {
    assert.deepEqual(
      body.versions.map(({ version }) => version),
      body.versions.map((_, index) => body.versions.length - index),
    )
    return {
      active: body.active,
      versions: body.versions.map(({ published }) => published).reverse(),
      numbers: body.phone_numbers.map(({ phone_number }) => nameOf(phone_number)).sort(),
      sip: body.sip_endpoint === null ? 'none' : body.sip_endpoint.version,
    }
  }

  const requestFor = (command: Command): Request => {
    if (command.kind === 'get_number') return { method: 'GET', path: `/core/phone-numbers/${numbers[command.number]}` }
    if (command.kind === 'create_agent') return { method: 'POST', path: '/core/agents', body: { name: command.agent } }
    const agent = `/core/agents/${ids.get(command.agent) ?? NOBODY}`
    const version = (ref: Ref) => `${agent}/versions/${ref}`
    const listed = (list: readonly string[]) => list.map(name => numbers[name] ?? '+15550000000')
    switch (command.kind) {
      case 'update_agent':
        return { method: 'PUT', path: agent, body: { active: command.active } }
      case 'delete_agent':
        return { method: 'DELETE', path: agent }
      case 'get_agent':
        return { method: 'GET', path: agent }
      case 'create_version':
        return { method: 'POST', path: `${agent}/versions`, body: { config: { instructions: command.words } } }
      case 'copy_version':
        return { method: 'POST', path: `${agent}/versions`, body: { base_version: command.base } }
      case 'get_version':
        return { method: 'GET', path: version(command.ref) }
      case 'update_version': {
        const config = command.words === null ? {} : { config: { instructions: command.words } }
        const inputs = command.inputs ? { instruction_builder_inputs: { about: 'teeth' } } : {}
        return { method: 'PUT', path: version(command.ref), body: { ...config, ...inputs } }
      }
      case 'publish': {
        const { direction } = command
        const body = {
          phone_numbers: listed(command.assign),
          unassign_phone_numbers: listed(command.unassign),
          direction,
        }
        return { method: 'POST', path: `${version(command.ref)}/publish`, body }
      }
      case 'deploy':
        return { method: 'POST', path: `${agent}/deploy-as-sip`, body: { version: command.version } }
      case 'undeploy':
        return { method: 'DELETE', path: `${agent}/deploy-as-sip` }
    }
  }

  const bodyFor = (command: Command, body: unknown): unknown => {
    switch (command.kind) {
      case 'create_agent':
        ids.set(command.agent, (body as AgentBody).agent_id)
        names.set((body as AgentBody).agent_id, command.agent)
        return { active: (body as AgentBody).active }
      case 'update_agent':
        return { active: (body as AgentBody).active }
      case 'get_agent':
        return toAgent(body as AgentBody)
      case 'publish':
        return (body as readonly NumberBody[]).map(toNumber)
      case 'get_number':
        return toNumber(body as NumberBody)
      case 'deploy':
        return { version: (body as { version: number | null }).version }
      default:
        return toVersion(body as VersionBody)
    }
  }

  return {
    numbers,
    perform: async command => {
      const answer = await ask(world, 'admin', requestFor(command))
      if (answer.status >= 300) return { status: answer.status, code: codeOf(answer) }
      return answer.body === null
        ? { status: answer.status }
        : { status: answer.status, body: bodyFor(command, answer.body) }
    },
  }
}
