import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Action } from '#core/mind-config.ts'
import { fillAction, isDue } from '#core/tool-run.ts'

const call = { id: 'c', name: 't', arguments: { day: 'Monday' } }
const fill = (action: Action, values: Record<string, string>) => fillAction(action, values, call)
const request = (more: object): Action => ({
  ...{
    type: 'http_request',
    method: 'POST',
    url: 'https://example.com/a?d={{v}}',
    headers: { 'X-A': '{{v}}' },
    body: null,
  },
  ...more,
})

test('values are text: once, and never a template, a part of a URL, a header or a JSON that they were not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), raw => {
      const v = raw.toWellFormed()
      const filled = fill(request({ body: '{"a":["{{v}}"],"b":1}' }), { v })
      const url = new URL(String(filled.url))
      assert.equal(url.host, 'example.com')
      assert.equal(url.searchParams.get('d'), v)
      assert.deepEqual([...url.searchParams.keys()], ['d'])
      assert.deepEqual(JSON.parse(String(filled.body)), { a: [v], b: 1 })
      const header = (filled.headers as Record<string, string>)['X-A'] ?? ''
      assert.doesNotMatch(header, /[\u0000-\u001f\u007f]/)
    }),
  )
  assert.equal(fill({ type: 'play_message', text: '{{v}}' }, { v: '{{w}}', w: 'x' }).text, '{{w}}')
})

test('a body is what the config says, else the arguments; a GET has none', () => {
  assert.equal(fill(request({}), {}).body, '{"day":"Monday"}')
  assert.equal(fill(request({ body: 'day={{v}}' }), { v: 'x' }).body, 'day=x')
  assert.equal(fill(request({ method: 'GET' }), {}).body, null)
})

test('half a surrogate pair does not break a URL', () => {
  assert.match(String(fill(request({}), { v: '\ud800' }).url), /d=%EF%BF%BD$/)
})

const CONDITIONS: readonly (readonly [condition: object | null | undefined, due: boolean])[] = [
  [undefined, true],
  [null, true],
  [{ value: '{{v}}', is: null, is_not: null }, true],
  [{ value: '{{nothing}}', is: null, is_not: null }, false],
  [{ value: ' {{v}} ', is: 'x', is_not: null }, true],
  [{ value: '{{v}}', is: 'y', is_not: null }, false],
  [{ value: '{{v}}', is: null, is_not: 'x' }, false],
  [{ value: '{{nothing}}', is: null, is_not: 'x' }, true],
  [{ value: '{{v}}', is: 'x', is_not: 'x' }, false],
]

test('an action happens when its condition is met', () => {
  for (const [condition, due] of CONDITIONS)
    assert.equal(isDue({ type: 'wait', condition }, { v: 'x' }), due, JSON.stringify(condition))
})

test('a value cannot climb out of the path that it is put in', () => {
  const url = 'https://example.com/users/{{v}}/notes?of={{v}}'
  for (const v of ['..', '.']) assert.equal(fill(request({ url }), { v }).url, null)
  for (const v of ['a..b', '%2e%2e', '../..', '...']) {
    const { pathname } = new URL(String(fill(request({ url }), { v }).url))
    assert.match(pathname, /^\/users\/[^/]+\/notes$/)
  }
  assert.equal(fill(request({ url: 'https://example.com/{{v}}{{v}}/x' }), { v: '.' }).url, null)
  assert.equal(fill(request({ url: 'https://example.com/a/../{{v}}' }), { v: 'x' }).url, 'https://example.com/a/../x')
  assert.equal(fill(request({ url: 'https://example.com/a?d={{v}}' }), { v: '..' }).url, 'https://example.com/a?d=..')
})
