/** What agents, versions and slots are, in as few words as say it all. Written from the contract; shares no code with the server. */

export type Direction = 'inbound' | 'outbound' | 'both'
export type Ref = number | 'latest'

type To<Kind, More = object> = { readonly kind: Kind; readonly agent: string } & Readonly<More>
type Publish = To<'publish', { ref: Ref; assign: readonly string[]; unassign: readonly string[]; direction: Direction }>
type Update = To<'update_version', { ref: Ref; words: string | null; inputs: boolean }>

/** `agent` is a name that the model gave; numbers are named too. `words`: the config's instructions. */
export type Command =
  | To<'create_agent' | 'delete_agent' | 'get_agent' | 'undeploy'>
  | To<'update_agent', { active: boolean }>
  | To<'create_version', { words: string }>
  | To<'copy_version', { base: number }>
  | To<'get_version', { ref: Ref }>
  | Update
  | Publish
  | To<'deploy', { version: number | null }>
  | { readonly kind: 'get_number'; readonly number: string }

type Version = { published: boolean; words: string; base: number | null; dirty: boolean; manual: boolean }
/** `sip`: undefined not deployed, null follows. Versions count from 1. */
type Agent = { active: boolean; versions: Version[]; sip?: number | null }
type Held = { agent: string; version: number } | null
export type State = { agents: Record<string, Agent>; numbers: Record<string, { inbound: Held; outbound: Held }> }

/** A status, with what is answered when all is well. */
export type Outcome = { readonly status: number; readonly code?: string; readonly body?: unknown }

const no = (status: number, code: string): Outcome => ({ status, code })
const yes = (body: unknown): Outcome => ({ status: 200, body })
const NO_VERSION = no(404, 'version_not_found')

const shown = (agent: Agent, version: number): Outcome => yes({ version, ...agent.versions[version - 1] })
const draft = (words: string): Version => ({ published: false, words, base: null, dirty: false, manual: words !== '' })

const copy = (agent: Agent, base: number): boolean => {
  const from = agent.versions[base - 1]
  return from !== undefined && agent.versions.push({ ...from, published: false, base }) > 0
}

const ensureDraft = (agent: Agent): void => {
  const newest = agent.versions.at(-1)
  if (newest?.published !== false) copy(agent, agent.versions.length) || agent.versions.push(draft(''))
}

const numberOf = (agent: Agent, ref: Ref): number => (ref === 'latest' ? agent.versions.length : ref)
const slotsOf = (direction: Direction) => (direction === 'both' ? (['inbound', 'outbound'] as const) : [direction])

const heldBy = (state: State, name: string, number: string, direction: Direction) =>
  slotsOf(direction).filter(slot => state.numbers[number]?.[slot]?.agent === name)

const clear = (state: State, name: string, number: string, direction: Direction): boolean => {
  const slots = state.numbers[number]
  const mine = heldBy(state, name, number, direction)
  for (const slot of mine) if (slots) slots[slot] = null
  return mine.length > 0
}

const publish = (state: State, command: Publish): Outcome => {
  const { assign, unassign, direction } = command
  if (assign.some(number => unassign.includes(number))) return no(422, 'number_in_both_lists')
  const agent = state.agents[command.agent]
  if (agent === undefined) return no(404, 'agent_not_found')
  const version = numberOf(agent, command.ref)
  const published = agent.versions[version - 1]
  if (published === undefined) return NO_VERSION
  if (published.dirty && !published.manual) return no(400, 'publish_stale')
  if ([...assign, ...unassign].some(number => !(number in state.numbers))) return no(404, 'number_not_found')
  published.published = true
  for (const number of assign) {
    const slots = state.numbers[number]
    for (const slot of slotsOf(direction)) if (slots) slots[slot] = { agent: command.agent, version }
  }
  const cleared = unassign.filter(number => clear(state, command.agent, number, direction))
  return yes([...new Set([...assign, ...cleared])].map(number => ({ number, ...state.numbers[number] })))
}

const deploy = (agent: Agent, version: number | null): Outcome => {
  if (!agent.versions.some(each => each.published)) return no(409, 'no_published_version')
  const pinned = version === null ? undefined : agent.versions[version - 1]
  if (version !== null && pinned === undefined) return NO_VERSION
  if (pinned?.published === false) return no(409, 'version_not_published')
  agent.sip = version
  return yes({ version })
}

const update = (agent: Agent, command: Update): Outcome => {
  if (command.ref === 'latest') ensureDraft(agent)
  const version = numberOf(agent, command.ref)
  const old = agent.versions[version - 1]
  if (old === undefined) return NO_VERSION
  if (old.published) return no(400, 'version_published')
  if (command.words !== null && command.words !== old.words) old.manual = true
  old.words = command.words ?? old.words
  // Nothing was ever generated here, so that any inputs differ from those last generated from.
  if (command.inputs) old.dirty = true
  return shown(agent, version)
}

const detail = (state: State, name: string, agent: Agent): Outcome =>
  yes({
    active: agent.active,
    versions: agent.versions.map(({ published }) => published),
    numbers: Object.keys(state.numbers).filter(number => heldBy(state, name, number, 'both').length > 0),
    sip: agent.sip === undefined ? 'none' : agent.sip,
  })

/** Changes the state that it is given. */
const answer = (state: State, command: Command): Outcome => {
  if (command.kind === 'publish') return publish(state, command)
  if (command.kind === 'get_number') return yes({ number: command.number, ...state.numbers[command.number] })
  if (command.kind === 'create_agent') state.agents[command.agent] = { active: true, versions: [] }
  const agent = state.agents[command.agent]
  if (agent === undefined) return no(404, 'agent_not_found')
  if (command.kind === 'update_agent') agent.active = command.active
  switch (command.kind) {
    case 'create_agent':
    case 'update_agent':
      return yes({ active: agent.active })
    case 'delete_agent':
      for (const number of Object.keys(state.numbers)) clear(state, command.agent, number, 'both')
      delete state.agents[command.agent]
      return { status: 204 }
    case 'get_agent':
      return detail(state, command.agent, agent)
    case 'create_version':
      agent.versions.push(draft(command.words))
      return shown(agent, agent.versions.length)
    case 'copy_version':
      return copy(agent, command.base) ? shown(agent, agent.versions.length) : no(404, 'base_version_not_found')
    case 'get_version':
      if (command.ref === 'latest') ensureDraft(agent)
      return agent.versions[numberOf(agent, command.ref) - 1] ? shown(agent, numberOf(agent, command.ref)) : NO_VERSION
    case 'update_version':
      return update(agent, command)
    case 'deploy':
      return deploy(agent, command.version)
    case 'undeploy':
      delete agent.sip
      return { status: 204 }
  }
}

/** What the command answers in this state, and the state after it; the argument stays as it is. */
export const apply = (before: State, command: Command): readonly [State, Outcome] => {
  const state = structuredClone(before)
  return [state, answer(state, command)]
}
