/** `/docs`: everything of the document is on the page, and the page needs nothing from anywhere else. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startWorld, type World } from '#tests/harness/world.ts'
import { openApiDocument } from '#wire/openapi.ts'
import { operationList } from '#wire/operations.ts'
import { referencePage } from '#wire/reference-page.ts'

let world: World
let page: string
before(async () => {
  world = await startWorld()
  const response = await world.server.inject({ method: 'GET', url: '/docs' })
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'text/html; charset=utf-8')
  assert.match(String(response.headers['content-security-policy']), /^default-src 'none'/)
  page = response.body
})
after(() => world.close())

test('every operation, each of its statuses, and every schema is there, and every link leads somewhere', () => {
  for (const [id, row] of operationList()) {
    const start = page.indexOf(`<section class="operation" id="${id}">`)
    assert.ok(start >= 0, id)
    const section = page.slice(start, page.indexOf('</section>', start))
    assert.ok(section.includes(row.summary.split('`')[0] ?? ''), id)
    const paths = openApiDocument().paths as Record<string, Record<string, { responses: object }>>
    for (const status of Object.keys(paths[row.path]?.[row.method.toLowerCase()]?.responses ?? {}))
      assert.ok(section.includes(`<td class="status">${status}</td>`), `${id} ${status}`)
  }
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(match => match[1])
  assert.equal(new Set(ids).size, ids.length)
  for (const [, target = ''] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target)
})

test('it is well-formed, and loads nothing', () => {
  assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|https?:\/\/(?!json-schema)[a-z.]+\/[^<]*"/)
  const open: string[] = []
  for (const [, end, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (name === 'meta') continue
    if (end === '') open.push(name)
    else assert.equal(open.pop(), name)
  }
  assert.deepEqual(open, [])
})

test('what a document says is shown as text, whatever it is', () => {
  const hostile = { info: { title: '<script>alert(1)</script>' }, paths: {}, components: {} }
  assert.doesNotMatch(referencePage(hostile), /<script/)
})

test('other methods are not taken', async () => {
  const response = await world.server.inject({ method: 'POST', url: '/docs' })
  assert.equal(response.statusCode, 405)
  assert.equal(response.headers.allow, 'GET, HEAD')
})
