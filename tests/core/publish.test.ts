import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Directions } from '#core/phone-number.ts'
import { type HeldSlots, planPublish, refuseKeptSplit, refuseRequest, refuseUnknown } from '#core/publish.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import { editDraft, refusePublish, refuseUpdate } from '#core/version.ts'

const entry = (agent_id: string, weight_bp: number): AssignmentEntry => ({
  agent_id,
  version: 1,
  weight_bp,
  arm: agent_id,
})

/** Assignments that exist: `mine` holds version 2 of agent a alone. */
const LISTS: Readonly<Record<string, readonly AssignmentEntry[]>> = {
  mine: [{ agent_id: 'a', version: 2, weight_bp: 10000, arm: 'a:2' }],
  old: [{ agent_id: 'a', version: 1, weight_bp: 10000, arm: 'a:1' }],
  theirs: [entry('b', 10000)],
  split: [entry('a', 2500), entry('b', 7500)],
}
const slots = (id: string, inbound: string | null, outbound: string | null): HeldSlots => ({
  id,
  phone_number: `+${id}`,
  inbound_assignment_id: inbound,
  outbound_assignment_id: outbound,
})
const HELD = [
  slots('1', null, null),
  slots('2', 'mine', 'old'),
  slots('3', 'theirs', 'theirs'),
  slots('4', 'split', 'old'),
]
const found = new Map(HELD.map(each => [each.phone_number, each]))

const plan = (assign: readonly string[], unassign: readonly string[], direction: Directions, keep_split = false) => {
  const request = { phone_numbers: assign, unassign_phone_numbers: unassign, direction, keep_split }
  const { writes, affected } = planPublish(request, { agent_id: 'a', version: 2 }, found, id => LISTS[id] ?? [], 'mine')
  return {
    writes: writes.map(
      w =>
        `${w.direction} ${w.number_ids.join()} = ${w.entries.map(e => `${e.agent_id}${e.version}@${e.weight_bp}`).join(' ') || 'nobody'}`,
    ),
    affected: affected.join(),
  }
}

test('what publishing a:2 does to slots', () => {
  const table: readonly (readonly [string[], string[], Directions, string[], string])[] = [
    [[], [], 'inbound', [], ''],
    [['+1'], [], 'inbound', ['inbound 1 = a2@10000'], '1'],
    [['+1'], [], 'both', ['inbound 1 = a2@10000', 'outbound 1 = a2@10000'], '1'],
    [['+2'], [], 'inbound', [], '2'],
    [['+2'], [], 'both', ['outbound 2 = a2@10000'], '2'],
    [['+3', '+1', '+3'], [], 'outbound', ['outbound 3,1 = a2@10000'], '3,1'],
    [['+4'], [], 'inbound', ['inbound 4 = a2@10000'], '4'],
    [[], ['+3'], 'both', [], ''],
    [[], ['+2'], 'inbound', ['inbound 2 = nobody'], '2'],
    [[], ['+4'], 'inbound', ['inbound 4 = b1@10000'], '4'],
    [[], ['+4', '+2'], 'outbound', ['outbound 4,2 = nobody'], '4,2'],
    [['+1'], ['+3', '+4'], 'inbound', ['inbound 1 = a2@10000', 'inbound 4 = b1@10000'], '1,4'],
  ]
  for (const [assign, unassign, direction, writes, affected] of table)
    assert.deepEqual(plan(assign, unassign, direction), { writes, affected }, `${assign} / ${unassign} ${direction}`)
})

test('what publishing a:2 does to slots whose split is kept', () => {
  const table: readonly (readonly [string[], string[], Directions, string[], string])[] = [
    [[], [], 'inbound', [], ''],
    [['+2'], [], 'inbound', [], '2'],
    [['+2'], [], 'both', ['outbound 2 = a2@10000'], '2'],
    [['+4', '+2'], [], 'both', ['inbound 4 = a2@2500 b1@7500', 'outbound 4,2 = a2@10000'], '4,2'],
    [['+4'], ['+3', '+2'], 'inbound', ['inbound 4 = a2@2500 b1@7500', 'inbound 2 = nobody'], '4,2'],
  ]
  for (const [assign, unassign, direction, writes, affected] of table)
    assert.deepEqual(
      plan(assign, unassign, direction, true),
      { writes, affected },
      `${assign} / ${unassign} ${direction}`,
    )
})

test('there is a split to keep where the agent stands in every slot that is named', () => {
  const refused = (phone_numbers: readonly string[], direction: Directions, keep_split = true) =>
    refuseKeptSplit(
      { phone_numbers, unassign_phone_numbers: ['+1'], direction, keep_split },
      'a',
      found,
      id => LISTS[id] ?? [],
    )
  assert.equal(refused(['+2', '+4'], 'both'), null)
  assert.equal(refused([], 'both'), null)
  assert.deepEqual(refused(['+3', '+2', '+1', '+3'], 'inbound'), { code: 'slot_without_agent', about: ['+3', '+1'] })
  assert.equal(refused(['+3', '+1'], 'inbound', false), null)
})

test('requests that are refused as a whole', () => {
  const request = {
    phone_numbers: ['+1', '+2'],
    unassign_phone_numbers: ['+2', '+9', '+2'],
    direction: 'inbound',
  } as const
  assert.deepEqual(refuseRequest(request), { code: 'number_in_both_lists', about: ['+2'] })
  assert.deepEqual(refuseUnknown(request, found), { code: 'number_not_found', about: ['+9'] })
  assert.equal(refuseRequest({ ...request, unassign_phone_numbers: ['+3'] }), null)
  assert.equal(refuseUnknown({ ...request, unassign_phone_numbers: ['+3'] }, found), null)
})

test('which states may be published and edited', () => {
  const table = [
    { generating: false, dirty: false, manually_edited: false, publish: null },
    { generating: false, dirty: true, manually_edited: false, publish: 'publish_stale' },
    { generating: false, dirty: true, manually_edited: true, publish: null },
    { generating: true, dirty: false, manually_edited: false, publish: 'publish_generating' },
    { generating: true, dirty: true, manually_edited: true, publish: 'publish_generating' },
  ]
  for (const { publish, ...state } of table)
    assert.equal(refusePublish(state)?.code ?? null, publish, JSON.stringify(state))
  assert.equal(refuseUpdate({ published: true, generating: false })?.code, 'version_published')
  assert.equal(refuseUpdate({ published: false, generating: true })?.code, 'version_generating')
  assert.equal(refuseUpdate({ published: false, generating: false }), null)
})

test('what an edit does to a draft', () => {
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
  const draft = {
    config: { instructions: 'x', language: 'en' },
    instruction_builder_inputs: { p: 1 },
    generated_from: { p: 1 },
    dirty: false,
    manually_edited: false,
  }
  const flags = (edit: Parameters<typeof editDraft>[1]) => {
    const { dirty, manually_edited } = editDraft(draft, edit, same)
    return [dirty, manually_edited]
  }
  assert.deepEqual(flags({ instruction_builder_inputs: { p: 2 } }), [true, false])
  assert.deepEqual(flags({ instruction_builder_inputs: { p: 1 } }), [false, false])
  assert.deepEqual(flags({ config: { instructions: 'y', language: 'en' } }), [false, true])
  assert.deepEqual(flags({ config: { instructions: 'x', language: 'de' } }), [false, false])
  assert.deepEqual(flags({ config: { instructions: 'y' }, instruction_builder_inputs: { p: 2 } }), [true, true])
  assert.deepEqual(editDraft({ ...draft, dirty: true, manually_edited: true }, {}, same), {
    config: draft.config,
    instruction_builder_inputs: { p: 1 },
    dirty: true,
    manually_edited: true,
  })
})
