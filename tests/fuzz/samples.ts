/** Values for schemas: some made by a generator that knows nothing of us, and ids that answers have shown. */
import { generateSync } from 'json-schema-faker'
import { type Schema, standalone } from '#tests/fuzz/document.ts'
import { pick, type Random } from '#tests/fuzz/mutate.ts'

/** Short texts and lists, so that a config is a few kilobytes and not a megabyte. */
export const SMALL = { maxLength: 60, maxItems: 3 } as const

/** As many different ones are made of each schema; making an AgentConfig takes 12 ms. */
const KEPT = 40

export type Samples = { of(schema: Schema): unknown }

export const openSamples = (random: Random): Samples => {
  const pools = new Map<Schema, unknown[]>()
  return {
    of: schema => {
      const pool = pools.get(schema) ?? []
      pools.set(schema, pool)
      if (pool.length < KEPT)
        pool.push(generateSync(standalone(schema), { ...SMALL, seed: Math.floor(random() * 2 ** 31) }))
      return structuredClone(pick(random, pool))
    },
  }
}

/** What answers have shown: values by the name they had there, and paths that lead somewhere. The latest are remembered. */
export type Memory = {
  /** `path`: what was asked successfully, without its query; `template`: the same with its names. */
  learn(template: string, path: string, body: unknown): void
  recall(name: string): unknown
  /** A path of that form under which something was. */
  recallPath(template: string): string | undefined
}

const REMEMBERED = 8

const remember = <T>(known: Map<string, T[]>, name: string, value: T): void => {
  const list = known.get(name) ?? []
  known.set(name, list)
  if (list.includes(value)) return
  list.push(value)
  if (list.length > REMEMBERED) list.shift()
}

const isPlain = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

/** What UponAI's dialect calls by another name than the answers of `/core` do. */
const ALIASES: Readonly<Record<string, string>> = {
  accountSid: 'organization_id',
  workspaceId: 'workspace_id',
  number: 'phone_number',
  outboundAgentId: 'agent_id',
}

/** `templates`: every path of the document. */
export const openMemory = (random: Random, templates: readonly string[]): Memory => {
  const values = new Map<string, (string | number)[]>()
  const paths = new Map<string, string[]>()
  const learnItem = (template: string, path: string, item: object): void => {
    const fields = new Map(Object.entries(item))
    for (const [name, value] of fields) {
      if (name !== 'id' && name !== 'version' && isPlain(value)) remember(values, name, value)
    }
    for (const below of templates) {
      const parameter = below.startsWith(`${template}/{`)
        ? /^\{(\w+)\}$/.exec(below.slice(template.length + 1))?.[1]
        : undefined
      const value = parameter === undefined ? undefined : (fields.get(parameter) ?? fields.get('id'))
      if (isPlain(value)) remember(paths, below, `${path}/${encodeURIComponent(value)}`)
    }
  }
  return {
    learn: (template, path, body) => {
      if (template.endsWith('}')) remember(paths, template, path)
      for (const item of Array.isArray(body) ? body.slice(0, 5) : [body])
        if (typeof item === 'object' && item !== null) learnItem(template, path, item)
    },
    recall: name => {
      const list = values.get(name) ?? values.get(ALIASES[name] ?? '')
      return list && pick(random, list)
    },
    recallPath: template => {
      const list = paths.get(template)
      return list && pick(random, list)
    },
  }
}
