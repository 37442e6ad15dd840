import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isSameSite, normalizePage, pageKey, parseSiteAddress, worthOf } from '#core/site-address.ts'
import { siteQueue } from '#core/site-queue.ts'

const HOME = new URL('https://www.riverside.example/')

const ADDRESSES: readonly (readonly [text: string, read: string | null])[] = [
  ['riverside.example', 'https://riverside.example/'],
  ['  www.riverside.example/start ', 'https://www.riverside.example/start'],
  ['http://riverside.example:8080', 'http://riverside.example:8080/'],
  ['HTTPS://Riverside.Example', 'https://riverside.example/'],
  ['ftp://riverside.example', null],
  ['javascript://riverside.example', null],
  ['our website', null],
  ['', null],
]

for (const [text, read] of ADDRESSES)
  test(`${JSON.stringify(text)} is ${read}`, () => assert.equal(parseSiteAddress(text)?.href ?? null, read))

const SITES: readonly (readonly [other: string, same: boolean])[] = [
  ['https://riverside.example/a', true],
  ['http://www.riverside.example/', true],
  ['https://www.riverside.example./', true],
  ['https://shop.riverside.example/', false],
  ['https://riverside.example.evil.example/', false],
  ['https://www.riverside.example:8443/', false],
]

for (const [other, same] of SITES)
  test(`${other} is ${same ? 'the same' : 'another'} site`, () => assert.equal(isSameSite(HOME, new URL(other)), same))

const PAGES: readonly (readonly [href: string, page: string | null])[] = [
  ['/prices#top', 'https://www.riverside.example/prices'],
  ['http://riverside.example/prices?utm_source=a&b=2&a=1&fbclid=x', 'https://www.riverside.example/prices?a=1&b=2'],
  ['brochure.pdf', 'https://www.riverside.example/brochure.pdf'],
  ['/photo.JPG', null],
  ['/feed/', null],
  ['/wp-admin/x', null],
  ['/cart', null],
  ['/cartoons', 'https://www.riverside.example/cartoons'],
  ['mailto:a@b.example', null],
  ['https://elsewhere.example/', null],
  ['https://user:pw@www.riverside.example/', null],
  ['/a/b/a/b/a/b', null],
  [`/${'a'.repeat(2000)}`, null],
  ['https://[', null],
]

for (const [href, page] of PAGES)
  test(`${href.slice(0, 60)} is read as ${page}`, () => assert.equal(normalizePage(href, HOME)?.href ?? null, page))

test('one spelling for one page, and it stays', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), text => {
      const base = new URL(text)
      const once = normalizePage(text, base)
      if (once === null) return
      assert.equal(normalizePage(once.href, base)?.href, once.href)
      assert.ok(isSameSite(once, base))
    }),
  )
})

test('a folder, its index and its name without the slash are one page', () => {
  const keys = ['/a', '/a/', '/a/index.html', '/a/index.php'].map(path => pageKey(new URL(path, HOME)))
  assert.deepEqual(new Set(keys), new Set(['/a']))
})

test('what callers ask about is read before what they do not', () => {
  const worth = (path: string, text = '') => worthOf(new URL(path, HOME), text, 1)
  assert.ok(worth('/contact') > worth('/imprint-x'))
  assert.ok(worth('/%C3%BCber-uns/x', '') > worth('/blog/2024/01/x'))
  assert.ok(worth('/x', 'Öffnungszeiten und Preise') > worth('/x', 'Weiter'))
  assert.ok(worth('/a') > worth('/a/b/c'))
  assert.ok(worth('/a') > worth('/a?page=2'))
})

test('a queue gives each page once, the best first, and not a hundred sortings of one', () => {
  const queue = siteQueue()
  const links = ['/blog/x', '/prices', '/prices/', '/contact', '/team'].map(href => ({ href, text: '' }))
  queue.add(links, 1, HOME)
  queue.add(
    Array.from({ length: 100 }, (_, n) => ({ href: `/list?sort=${n}`, text: '' })),
    1,
    HOME,
  )
  assert.equal(queue.waiting, 4 + 5)
  const taken = Array.from({ length: 10 }, () => queue.take()?.url.pathname)
  assert.deepEqual(taken.slice(0, 3), ['/prices', '/contact', '/team'])
  assert.deepEqual(taken.at(-2), '/blog/x')
  assert.deepEqual(taken.at(-1), undefined)
})

test('a queue fills no memory', () => {
  const queue = siteQueue()
  for (let n = 0; n < 5000; n += 100)
    queue.add(
      Array.from({ length: 100 }, (_, i) => ({ href: `/p${n + i}`, text: '' })),
      1,
      HOME,
    )
  assert.equal(queue.waiting, 2000)
})
