import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { createSiteReader, type SiteReaderOptions } from '#adapters/site-reader.ts'
import { parseRange } from '#core/ip.ts'
import { html, pdfOf, type Respond, serveSite } from '#tests/adapters/practice-site.ts'
import { openReceiver, watchConnects } from '#tests/adapters/receiver.ts'

const allow = ['127.0.0.0/8'].flatMap(text => parseRange(text) ?? [])
const MIB = 1024 * 1024

const read = (url: string, more: Partial<SiteReaderOptions> = {}) =>
  createSiteReader({ allow, limits: { pause_ms: 0 }, ...more }).read(
    new URL(url),
    new AbortController().signal,
    () => {},
  )

const HOME = `<html><body><p>${'We cut hair in the old town, and have done so for forty years. '.repeat(5)}</p>
  <a href="/prices">x</a><a href="/about">About us</a></body></html>`
const ABOUT = `<html><body><p>${'About us there is much to tell, and this is how it begins. '.repeat(5)}</p></body></html>`

/** A good home page and a good page, and beside them whatever `trap` does. */
const withTrap =
  (trap: Respond): Respond =>
  (request, response) => {
    if (request.url === '/') html(response, HOME)
    else if (request.url === '/about') html(response, ABOUT)
    else if (request.url === '/prices') trap(request, response)
    else response.writeHead(404).end()
  }

const zeros = Buffer.alloc(MIB, 'a ')

/** Sends on and on; says how much went out. */
const endless = (sent: { bytes: number }, limit_bytes: number, headers: Record<string, string>): Respond => {
  function* chunks() {
    for (; sent.bytes < limit_bytes; sent.bytes += zeros.length) yield zeros
  }
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', ...headers })
    Readable.from(chunks())
      .on('error', () => undefined)
      .pipe(response)
  }
}

const bomb = gzipSync(Buffer.alloc(200 * MIB))
const brotli_bomb = brotliCompressSync(Buffer.alloc(20 * MIB))
/** A thousand characters a byte, and every one of them an instruction to draw. */
const pdfBomb = (): Buffer => {
  const stream = deflateSync(Buffer.alloc(120 * MIB, '(a) Tj\n'), { level: 1 })
  const plain = pdfOf('x').toString('latin1')
  const [before = '', after = ''] = plain.split(/<< \/Length \d+ >>\nstream\n[\s\S]*?\nendstream/)
  const object = `<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`
  return Buffer.concat([Buffer.from(before + object, 'latin1'), stream, Buffer.from(`\nendstream${after}`, 'latin1')])
}
const deep = `<html><body>${'<div>'.repeat(300_000)}x</body></html>`

const sendHtml =
  (body: string | Buffer, headers: Record<string, string>): Respond =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(body)

const TRAPS: readonly (readonly [name: string, trap: Respond, faults: readonly string[]])[] = [
  ['a bomb of gzip', sendHtml(bomb, { 'content-encoding': 'gzip' }), ['too_large']],
  ['a bomb of brotli', sendHtml(brotli_bomb, { 'content-encoding': 'br' }), ['too_large']],
  ['a length beyond the limit', sendHtml('x', { 'content-length': String(2 ** 30) }), ['too_large']],
  [
    'a PDF that draws a hundred million letters',
    (_, response) => void response.writeHead(200, { 'content-type': 'application/pdf' }).end(pdfBomb()),
    ['too_hard'],
  ],
  [
    'a PDF that is none',
    (_, response) => void response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.7 nothing'),
    ['unreadable'],
  ],
  ['elements in elements without end', sendHtml(deep, {}), ['unreadable', 'too_hard']],
  ['silence', () => undefined, ['timed_out']],
]

for (const [name, trap, faults] of TRAPS) {
  test(`one page is ${name}: it is left out, and the rest is read`, async t => {
    const { url } = await serveSite(t, withTrap(trap))
    const result = await read(url, { timeout_ms: 2000, parse_limits: { time_ms: 2500, heap_mb: 128, buffers_mb: 128 } })
    assert.equal(result.kind, 'read', JSON.stringify(result))
    if (result.kind !== 'read') return
    const { pages, skipped } = result.site
    assert.equal(pages.length, 2)
    assert.ok(faults.includes(Object.keys(skipped).join()), JSON.stringify(skipped))
  })
}

test('a page of 1 GB is given up after a few MB, as home page with its reason', async t => {
  const sent = { bytes: 0 }
  const { url } = await serveSite(t, (request, response) => {
    if (request.url === '/robots.txt') response.writeHead(404).end()
    else endless(sent, 1024 * MIB, {})(request, response)
  })
  assert.deepEqual(await read(url), { kind: 'failed', fault: 'too_large', status: null })
  assert.ok(sent.bytes < 64 * MIB, `${sent.bytes / MIB} MiB were sent`)
})

const entry = (n: number): string => `<url><loc>/page-${n}</loc><lastmod>2026-01-01</lastmod></url>`
function* millionEntries(): Generator<string> {
  yield '<?xml version="1.0"?><urlset>'
  for (let n = 0; n < 1_000_000; n += 1000) yield Array.from({ length: 1000 }, (_, i) => entry(n + i)).join('')
  yield '</urlset>'
}

test('of a sitemap of a million entries a thousand are heard of', async t => {
  let sent_chunks = 0
  const { url, asked } = await serveSite(t, (request, response) => {
    if (request.url === '/') html(response, HOME)
    else if (request.url === '/sitemap.xml') {
      const counted = function* () {
        for (const chunk of millionEntries()) {
          sent_chunks += 1
          yield chunk.replaceAll('<loc>', `<loc>http://${request.headers.host}`)
        }
      }
      response.writeHead(200, { 'content-type': 'application/xml' })
      Readable.from(counted())
        .on('error', () => undefined)
        .pipe(response)
    } else if (request.url?.startsWith('/page-')) html(response, ABOUT.replace('About', request.url))
    else response.writeHead(404).end()
  })
  const result = await read(url, { limits: { pause_ms: 0, pages: 10 } })
  assert.equal(result.kind === 'read' && result.site.pages.length, 10)
  assert.ok(sent_chunks < 200, `${sent_chunks} of 1002 pieces were sent`)
  assert.ok(asked.length < 20)
})

test('sitemaps that name each other, lead elsewhere, or burst are left out; a packed one is read', async t => {
  const { url, asked } = await serveSite(t, (request, response) => {
    const host = `http://${request.headers.host}`
    const index = (...names: string[]) =>
      `<sitemapindex>${names.map(name => `<sitemap><loc>${name}</loc></sitemap>`).join('')}</sitemapindex>`
    if (request.url === '/') html(response, HOME)
    else if (request.url === '/sitemap.xml')
      response.end(
        index(`${host}/sitemap.xml`, 'http://127.0.0.2:9/map.xml', `${host}/bomb.xml.gz`, `${host}/packed.xml.gz`),
      )
    else if (request.url === '/bomb.xml.gz') response.end(bomb)
    else if (request.url === '/packed.xml.gz')
      response.end(gzipSync(`<urlset><url><loc><![CDATA[${host}/found?a=1&b=2]]></loc></url></urlset>`))
    else if (request.url === '/found?a=1&b=2') html(response, ABOUT)
    else response.writeHead(404).end()
  })
  const result = await read(url)
  assert.equal(result.kind, 'read')
  assert.deepEqual(
    asked.filter(path => /xml|found/.test(path)),
    ['/sitemap.xml', '/bomb.xml.gz', '/packed.xml.gz', '/found?a=1&b=2'],
  )
})

const INNER = [
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '10.0.0.1',
  '169.254.169.254',
  '192.168.1.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[fd00::1]',
  'localhost',
  'inner.localhost',
]

test('no address that is not public opens a socket', async t => {
  const receiver = await openReceiver(t, response => response.end(), '0.0.0.0')
  const connects = watchConnects(t)
  for (const host of INNER) {
    const result = await read(`http://${host}:${receiver.port}/`, { allow: [] })
    assert.deepEqual(result, { kind: 'failed', fault: 'address_denied', status: null }, host)
  }
  const named = await read(`http://inner.example:${receiver.port}/`, {
    allow: [],
    resolve: async () => ['10.0.0.1', '::1'],
  })
  assert.equal(named.kind === 'failed' && named.fault, 'address_denied')
  assert.deepEqual([connects(), receiver.called], [0, []])
})

test('no redirect, link, sitemap or robots.txt leads to one either', async t => {
  const inner = await openReceiver(t, response => response.end('<p>secret</p>'), '127.0.0.2')
  const there = `http://127.0.0.2:${inner.port}`
  const siteWith = (robots: Respond) =>
    serveSite(t, (request, response) => {
      if (request.url === '/robots.txt') robots(request, response)
      else if (request.url === '/') html(response, `${HOME}<a href="${there}/a">x</a><a href="/hop">Contact</a>`)
      else if (request.url === '/hop') response.writeHead(302, { location: `${there}/b` }).end()
      else if (request.url === '/about') html(response, ABOUT)
      else if (request.url === '/sitemap.xml') response.end(`<urlset><loc>${there}/c</loc></urlset>`)
      else response.writeHead(404).end()
    })
  const only = ['127.0.0.1'].flatMap(text => parseRange(text) ?? [])
  const led_away = await siteWith(
    (_, response) => void response.writeHead(302, { location: `${there}/robots.txt` }).end(),
  )
  const denied = await read(led_away.url, { allow: only })
  assert.equal(denied.kind === 'failed' && denied.fault, 'address_denied')
  const plain = await siteWith((_, response) => void response.writeHead(404).end())
  const found = await read(plain.url, { allow: only })
  assert.deepEqual(found.kind === 'read' && found.site.skipped, { leaves_site: 1, status: 1 })
  assert.deepEqual(inner.called, [])
})
