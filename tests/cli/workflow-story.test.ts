import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventReader } from '#cli/event-stream.ts'
import { lineOf, outcomeOf, type WorkflowAnswer } from '#cli/workflow-story.ts'

const step = (more: Partial<WorkflowAnswer['steps'][number]>): WorkflowAnswer['steps'][number] => ({
  ...{ name: 'read_site', status: 'queued', progress: 0, detail: null, started_at: null, finished_at: null },
  ...more,
})

const LINES: readonly (readonly [WorkflowAnswer['steps'][number], string])[] = [
  [step({}), '· Read the website'],
  [
    step({ status: 'running', progress: 0.5, detail: '15 pages read' }),
    '▸ Read the website          ██████████░░░░░░░░░░  50 %  15 pages read',
  ],
  [
    step({ status: 'completed', started_at: '2026-11-22T12:00:00Z', finished_at: '2026-11-22T12:00:04.2Z' }),
    '✓ Read the website          4.2 s',
  ],
  [step({ name: 'later_step', status: 'cancelled' }), '– later_step'],
  [
    step({ status: 'running', detail: 'a\u001b[2Jb' }),
    '▸ Read the website          ░░░░░░░░░░░░░░░░░░░░   0 %  a\ufffd[2Jb',
  ],
]

for (const [given, line] of LINES) test(line, () => assert.equal(lineOf(given), line))

test('no line is longer than the terminal', () => {
  assert.equal(lineOf(step({ status: 'running', detail: 'x'.repeat(200) }), 40).length, 40)
  // A terminal that does not know its width says 0: nothing at all was shown there.
  assert.equal(lineOf(step({ status: 'running', detail: 'x'.repeat(200) }), 0).length, 80)
})

const workflow = (more: Partial<WorkflowAnswer>): WorkflowAnswer => ({
  ...{ workflow_id: 'w', status: 'completed', steps: [], result: null, error: null },
  ...more,
})

test('what came of it', () => {
  const error = { code: 'site_no_text', detail: 'There is no text.', step: 'read_site' }
  assert.deepEqual(outcomeOf(workflow({ status: 'failed', error })), ['There is no text.'])
  assert.deepEqual(outcomeOf(workflow({ status: 'cancelled' })), ['It was cancelled.'])
  const result = { agent_id: 'a', version: 2, collection_id: 'c', phone_numbers: ['+15551234567'] }
  assert.deepEqual(outcomeOf(workflow({ result })), [
    'Agent      a, version 2',
    'Knowledge  c',
    'Number     +15551234567',
  ])
})

test('events are read whatever way they are cut', () => {
  const text = ': hello\n\nid: 1\nevent: x\ndata: {"a":1}\n\ndata: one\r\ndata: two\r\n\r\n: beat\n\ndata: cut off'
  for (let size = 1; size <= text.length; size++) {
    const read = eventReader()
    const found: string[] = []
    for (let at = 0; at < text.length; at += size) found.push(...read(text.slice(at, at + size)))
    assert.deepEqual(found, ['{"a":1}', 'one\ntwo'], `pieces of ${size}`)
  }
})
