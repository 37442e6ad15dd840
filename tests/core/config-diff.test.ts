import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateSync } from 'json-schema-faker'
import { canonicalJson } from '#core/canonical-json.ts'
import { type ConfigChange, diffConfigs } from '#core/config-diff.ts'
import { listChanges, summarizeChanges } from '#core/offline-comparison.ts'
import type { AgentConfig } from '#core/version.ts'
import { mutate } from '#tests/fuzz/mutate.ts'
import { SMALL } from '#tests/fuzz/samples.ts'
import { seededRandom } from '#tests/sip/fuzz.ts'
import { agentConfigDocument } from '#wire/agent-config.ts'
import { parseAgentConfig } from '#wire/parse-agent-config.ts'

const PAIRS = 500
/** Made once: making one takes 20 ms. */
const CONFIGS = 100
const seed = 6902

type Parent = Record<string, unknown> | unknown[]

/** RFC 6902 4.1 to 4.3, as the RFC has it: members that it does not define are not looked at. */
const apply = (document: unknown, { op, path, value }: Pick<ConfigChange, 'op' | 'path' | 'value'>): unknown => {
  if (path === '') return structuredClone(value)
  const tokens = path
    .slice(1)
    .split('/')
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = tokens.pop() ?? ''
  const parent = tokens.reduce<Parent>(
    (at, token) => (at as Record<string, unknown>)[token] as Parent,
    document as Parent,
  )
  if (Array.isArray(parent)) {
    const index = Number(last)
    assert.ok(index <= parent.length - (op === 'add' ? 0 : 1), `${path} is in the list`)
    parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [structuredClone(value)]))
  } else {
    assert.equal(Object.hasOwn(parent, last), op !== 'add', `${op} ${path}`)
    if (op === 'remove') delete parent[last]
    else parent[last] = structuredClone(value)
  }
  return document
}

const applyAll = (config: AgentConfig, changes: readonly ConfigChange[]): unknown =>
  changes.reduce<unknown>(apply, structuredClone(config))

/** Half of them are neighbours, as versions are; half have nothing in common. */
const pairs = (): readonly (readonly [AgentConfig, AgentConfig])[] => {
  const random = seededRandom(seed)
  const configs = Array.from({ length: CONFIGS }, (_, index): AgentConfig => {
    const parsed = parseAgentConfig(generateSync(agentConfigDocument(), { ...SMALL, seed: seed + index }))
    assert.ok(parsed.ok)
    return parsed.config
  })
  const pick = (): AgentConfig => configs[Math.floor(random() * CONFIGS)] as AgentConfig
  return Array.from({ length: PAIRS }, (_, index) => {
    const before = pick()
    if (index % 2 === 0) return [before, pick()]
    let after: AgentConfig = before
    for (let step = 0; step < 5; step++) {
      const parsed = parseAgentConfig(mutate(random, after))
      // No body brings this key: the parser refuses it.
      if (parsed.ok && !JSON.stringify(parsed.config).includes('"__proto__"')) after = parsed.config
    }
    return [before, after]
  })
}

test(`over ${PAIRS} pairs of configs (seed ${seed}) the changes applied to one give the other, and the text names each`, () => {
  let differing = 0
  for (const [before, after] of pairs()) {
    const diff = diffConfigs(before, after)
    assert.equal(canonicalJson(applyAll(before, diff.changes)), canonicalJson(after))
    // It survives being sent.
    assert.equal(canonicalJson(applyAll(before, JSON.parse(JSON.stringify(diff.changes)))), canonicalJson(after))
    assert.equal(diff.changes.length === 0, canonicalJson(before) === canonicalJson(after))
    const lines = listChanges(diff).split('\n')
    for (const { field, words, old, value } of diff.changes) {
      assert.ok(
        lines.some(line => line.startsWith(`- ${field} was `) || line.startsWith(`- ${field}: `)),
        `${field} is named`,
      )
      if (!words) continue
      assert.equal(words.flatMap(({ kind, text }) => (kind === 'added' ? [] : [text])).join(''), old)
      assert.equal(words.flatMap(({ kind, text }) => (kind === 'removed' ? [] : [text])).join(''), value)
    }
    if (diff.changes.length > 0) differing += 1
  }
  assert.ok(differing > PAIRS / 2)
})

const tool = (name: string, description = '') => ({ name, description, actions: [] })

const CASES: readonly (readonly [name: string, before: object, after: object, changes: readonly object[]])[] = [
  ['nothing', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
  [
    'a field',
    { limits: { silence: 30, max: 10 } },
    { limits: { silence: 15, max: 10 } },
    [{ op: 'replace', path: '/limits/silence', old: 30, value: 15, field: 'limits.silence' }],
  ],
  [
    'tools by their names, whatever their places',
    { tools: [tool('a'), tool('b'), tool('c', 'old')] },
    { tools: [tool('x'), tool('a'), tool('c', 'new')] },
    [
      { op: 'remove', path: '/tools/1', field: 'tools.b' },
      { op: 'add', path: '/tools/0', field: 'tools.x' },
      { op: 'replace', path: '/tools/2/description', field: 'tools.c.description', old: 'old', value: 'new' },
    ],
  ],
  [
    'tools in another order',
    { tools: [tool('a'), tool('b')] },
    { tools: [tool('b'), tool('a')] },
    [{ op: 'replace', path: '/tools', field: 'tools' }],
  ],
  [
    'knowledge bases by their ids',
    { knowledge_bases: [{ id: 'k', top_n: 5 }] },
    { knowledge_bases: [{ id: 'k', top_n: 3 }, { id: 'l' }] },
    [
      { op: 'add', path: '/knowledge_bases/1', field: 'knowledge_bases.l' },
      { op: 'replace', path: '/knowledge_bases/0/top_n', field: 'knowledge_bases.k.top_n' },
    ],
  ],
  [
    'a name with dots, slashes and tildes',
    { v: { 'a/b~c.d': 1 } },
    { v: {} },
    [{ op: 'remove', path: '/v/a~1b~0c.d', field: 'v."a/b~c.d"', old: 1 }],
  ],
]

for (const [name, before, after, expected] of CASES)
  test(`the diff of ${name}`, () => {
    const { changes } = diffConfigs(before as AgentConfig, after as AgentConfig)
    assert.equal(changes.length, expected.length, JSON.stringify(changes))
    assert.partialDeepStrictEqual(changes, expected)
  })

test('what differs, in sentences', () => {
  const diff = diffConfigs(
    { instructions: 'Be kind to everybody who calls.', limits: { silence: 30 }, tools: [] },
    {
      instructions: 'Be brief to everybody who calls.',
      limits: { silence: 15 },
      tools: [tool('book', 'Books a day.')],
    },
  )
  assert.equal(
    listChanges(diff),
    [
      '- instructions: 1 word removed, 1 word added.',
      '    - “kind”',
      '    + “brief”',
      '- tools.book was added: “Books a day.”',
      '- limits.silence was 30 and is 15 now.',
    ].join('\n'),
  )
  assert.equal(
    summarizeChanges(diff),
    '3 changes, in what it is told to do, what it can do and how long it stays on the line. Everything else is the same in both versions.',
  )
  assert.match(summarizeChanges({ changes: [] }), /do not differ/)
})
