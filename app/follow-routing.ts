/**
 * Keeps a routing table true: all of it at the start, then what changes name. Changes of this process are told by
 * `changed`; those of others are read from the trail that every change leaves in the database.
 */
import { compileFor, needsCompiling } from '#app/compile-schedule.ts'
import { createRouteLoader, type LoadTools } from '#app/load-routes.ts'
import type { RememberAgent, RoutingChange, RoutingFollower } from '#app/ports.ts'
import { emptyRoutingTable, type RoutingTable, replaceTable, setSchedule } from '#core/routing-table.ts'
import { type Horizon, readChangesSince, readHorizon, trailIsBroken } from '#store/changes.ts'

type Gathered = { readonly [K in keyof RoutingChange]: string[] }

const nothing = (): Gathered => ({
  number_ids: [],
  agent_ids: [],
  trunk_ids: [],
  schedule_ids: [],
  organization_ids: [],
})

const addTo = (gathered: Gathered, change: RoutingChange): void => {
  for (const list of Object.keys(gathered) as (keyof RoutingChange)[]) {
    const known = new Set(gathered[list])
    for (const id of change[list]) if (!known.has(id)) gathered[list].push(id)
  }
}

/** A calendar in a hundred microseconds; those that were compiled together are done again over some minutes. */
const RENEWED_AT_ONCE = 50

/** Compiles anew what runs out within a month. Where that fails (a zone that is gone) the former one goes on to its end. */
const renewSchedules = (table: RoutingTable, { clock, log }: LoadTools): void => {
  const now_ms = clock.now_ms()
  let left = RENEWED_AT_ONCE
  for (const schedule of table.schedules.values()) {
    if (left === 0) return
    if (!needsCompiling(schedule.compiled, now_ms)) continue
    left -= 1
    try {
      setSchedule(table, schedule.id, { ...schedule, compiled: compileFor(schedule, now_ms) })
    } catch (error) {
      log.error({ schedule: schedule.id, err: String(error) }, 'a schedule cannot be compiled anew')
    }
  }
}

/** Different agents that are named and wait to be read. */
const NAMING_LIMIT = 1_000

export type FollowerDeps = LoadTools & { readonly table: RoutingTable }

export type TableFollower = RoutingFollower & {
  /** Fills the table. Rejects when the database does not answer. */
  load(): Promise<void>
  /** The table was filled from elsewhere, with what was true at `horizon`; the next poll goes on from there. */
  resume(horizon: Horizon): void
  /** Applies what other processes have changed since. Rejects when the database does not answer; nothing is lost by that. */
  poll(): Promise<void>
  /** An agent that no number names, or not with this version, is followed from now on. */
  readonly remember: RememberAgent
  /** To be called every minute: calendars are compiled for weeks, not for ever. */
  renew(): void
  /** Runs while no change is half-way in the table, which includes all before the horizon; null: it shows nothing yet. */
  between<T>(look: (horizon: Horizon | null) => T): Promise<T>
  /** Another number after each change of the table. */
  revision(): number
}

export const followRouting = (deps: FollowerDeps): TableFollower => {
  const { db, table } = deps
  const loader = createRouteLoader(deps)
  let horizon: Horizon | null = null
  let revision = 0
  // Applied, but of transactions no older than the horizon: read again until that moves on.
  let applied: ReadonlySet<number> = new Set()
  let line: Promise<unknown> = Promise.resolve()
  // One reload at a time: two could overtake each other and leave the older state.
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = line.then(work)
    line = turn.catch(() => {})
    return turn
  }
  const apply = async (change: RoutingChange): Promise<void> => {
    revision += 1
    await loader.change(table, change)
    revision += 1
  }
  const loadAnew = async (): Promise<void> => {
    const begun = await readHorizon(db)
    // Beside the table that calls are routed by: they must not find it half empty.
    const fresh = emptyRoutingTable()
    await loader.all(fresh, horizon !== null)
    replaceTable(table, fresh)
    revision += 1
    applied = new Set()
    horizon = begun
  }
  const readTrail = async (): Promise<void> => {
    if (horizon === null) return
    const news = await readChangesSince(db, horizon)
    if (trailIsBroken(horizon, news.horizon)) return loadAnew()
    for (const change of news.changes) if (!applied.has(change.id)) await apply(change)
    applied = new Set(news.changes.map(change => change.id))
    horizon = news.horizon
  }
  let gathering: { readonly change: Gathered; readonly applied: Promise<void> } | null = null
  /** What comes while a reload runs is reloaded together after it, each read after its commit: a queue of many is two reloads long. */
  const gather = () => {
    const change = nothing()
    const turn = inLine(() => {
      gathering = null
      return apply(change)
    })
    return {
      change,
      applied: turn.catch(error => {
        // The change is committed and in the trail: the next poll brings it.
        deps.log.warn({ err: String(error) }, 'a change will be routed by at the next poll')
      }),
    }
  }
  let polling: Promise<void> | null = null
  /** Not begun yet. What calls name in an hour in which the database hangs must not queue up before that hour's changes. */
  const naming = new Map<string, Promise<void>>()
  const remember: RememberAgent = async (organization_id, agent_id, version) => {
    const key = `${organization_id} ${agent_id} ${version}`
    const asked = naming.get(key)
    if (asked !== undefined || naming.size >= NAMING_LIMIT) return asked
    const answered = inLine(async () => {
      naming.delete(key)
      if (await loader.agent(table, organization_id, agent_id, version)) revision += 1
    }).catch(error => deps.log.warn({ agent: agent_id, err: String(error) }, 'an agent that was named cannot be read'))
    naming.set(key, answered)
    return answered
  }
  return {
    load: () => inLine(loadAnew),
    resume: at => {
      horizon = at
    },
    poll: () => {
      // A database that hangs must not gather a queue of questions. One that has begun may have looked too early.
      polling ??= inLine(() => {
        polling = null
        return readTrail()
      })
      return polling
    },
    changed: change => {
      gathering ??= gather()
      addTo(gathering.change, change)
      return gathering.applied
    },
    remember,
    renew: () => renewSchedules(table, deps),
    between: look => inLine(async () => look(horizon)),
    revision: () => revision,
  }
}
