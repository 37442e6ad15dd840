import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { REFUSALS, type RefusalCode } from '#core/refusal.ts'
import { CORE_STATUS, refusalAnswer } from '#wire/core-errors.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)].map(([, code, status, sentence]) => [
    code,
    `${status} ${sentence}`,
  ]),
)
const registry = new Map(
  Object.entries(REFUSALS).map(([code, sentence]) => [code, `${CORE_STATUS[code as RefusalCode]} ${sentence}`]),
)

test('docs/errors.md lists every refusal with its status and sentence, and no other', () => {
  assert.deepEqual(rows, registry)
})

test('a refusal is a sentence with what it is about, and never its private detail', () => {
  const answer = refusalAnswer({ code: 'number_not_found', about: ['+15551234567'], detail: 'secret' }, 'r')
  assert.equal(answer.status, 404)
  assert.deepEqual(answer.body, {
    detail: 'These phone numbers are not registered in this organization. (+15551234567)',
    code: 'number_not_found',
    request_id: 'r',
  })
})

test('a refusal that is a 422 is a list, as every 422', () => {
  const { body } = refusalAnswer({ code: 'cursor_invalid' }, 'r')
  assert.deepEqual(body.detail, [{ loc: ['query', 'cursor'], msg: REFUSALS.cursor_invalid, type: 'cursor_invalid' }])
})
