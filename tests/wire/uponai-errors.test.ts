import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { REFUSALS, type RefusalCode } from '#core/refusal.ts'
import { CORE_STATUS } from '#wire/core-errors.ts'
import { dialectOf, refusalStatuses } from '#wire/operation.ts'
import { operationList } from '#wire/operations.ts'
import { UPONAI_STATUS, uponaiFaultsAnswer, uponaiRefusalAnswer } from '#wire/uponai-errors.ts'

const codes = Object.keys(REFUSALS) as readonly RefusalCode[]

test('a refusal is one sentence with what it is about; its code is beside it, its private detail nowhere', () => {
  assert.deepEqual(uponaiRefusalAnswer({ code: 'agent_not_found', about: ['x'], detail: 'secret' }), {
    status: 400,
    body: { error: 'There is no agent with this id in this organization. (x)' },
    headers: { 'x-error-code': 'agent_not_found' },
  })
})

test('faults are one sentence that points at each, and counts those that it does not name', () => {
  const faults = Array.from({ length: 7 }, (_, index) => ({
    path: ['inboundAgents', index, 'weight'],
    type: 'type',
    message: 'must be number',
  }))
  assert.equal(
    uponaiFaultsAnswer('body', faults.slice(0, 2)).body.error,
    'The body is not valid: /inboundAgents/0/weight: must be number; /inboundAgents/1/weight: must be number.',
  )
  assert.match(uponaiFaultsAnswer('body', faults).body.error, /\/inboundAgents\/4\/.*, and 2 more\.$/)
  assert.equal(
    uponaiFaultsAnswer('body', [{ path: [], type: 'required', message: 'a JSON body is required' }]).body.error,
    'The body is not valid: a JSON body is required.',
  )
})

test('whether an account exists is not said', () => {
  assert.deepEqual(
    uponaiRefusalAnswer({ code: 'not_a_member' }).body,
    uponaiRefusalAnswer({ code: 'organization_mismatch' }).body,
  )
})

test('this dialect knows no 422, and its operations answer with no status but these', () => {
  assert.deepEqual(
    codes.filter(code => UPONAI_STATUS[code] === 422),
    [],
  )
  const known = new Set([400, 401, 403, 404, 409, 412, 413, 415, 429, 500, 503])
  for (const [id, row] of operationList())
    if (dialectOf(row.path) === 'uponai')
      for (const status of refusalStatuses(row).keys()) assert.ok(known.has(status), `${id} ${status}`)
})

test('the page for those who come from UponAI lists each code whose status differs', () => {
  const page = readFileSync(new URL('../../docs/coming-from-uponai.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (\d{3}) \|$/gm)].map(([, ...row]) => row.join(' '))
  const declared = new Set(
    operationList().flatMap(([, row]) =>
      dialectOf(row.path) === 'uponai' ? [...refusalStatuses(row).values()].flat() : [],
    ),
  )
  const different = codes.filter(code => declared.has(code) && UPONAI_STATUS[code] !== CORE_STATUS[code])
  assert.deepEqual(
    new Set(listed),
    new Set(different.map(code => `${code} ${CORE_STATUS[code]} ${UPONAI_STATUS[code]}`)),
  )
})
