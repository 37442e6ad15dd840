import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { WORKFLOW_FAULTS } from '#core/workflow-fault.ts'

const page = readFileSync(new URL('../../docs/workflows.md', import.meta.url), 'utf8')

test('docs/workflows.md lists every way that work fails, with its sentence, and no other', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|$/gm)].map(([, code, sentence]) => [code, sentence])
  assert.deepEqual(Object.fromEntries(rows), WORKFLOW_FAULTS)
})
