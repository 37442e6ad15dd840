import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createSiteReader, type SiteReaderOptions } from '#adapters/site-reader.ts'
import { parseRange } from '#core/ip.ts'
import type { ReadSite } from '#core/site.ts'
import { gatherFacts } from '#core/site-facts.ts'
import { html, PAGE_COUNT, practiceSite, type Respond, serveSite } from '#tests/adapters/practice-site.ts'

const LOCAL = ['127.0.0.0/8'].flatMap(text => parseRange(text) ?? [])
const options = (more: Partial<SiteReaderOptions> = {}): SiteReaderOptions => ({
  allow: LOCAL,
  ...more,
  limits: { pause_ms: 0, ...more.limits },
})

const read = (url: string, more: Partial<SiteReaderOptions> = {}, signal = new AbortController().signal) =>
  createSiteReader(options(more)).read(new URL(url), signal, () => undefined)

const readWell = async (url: string, more: Partial<SiteReaderOptions> = {}): Promise<ReadSite> => {
  const result = await read(url, more)
  assert.equal(result.kind, 'read', JSON.stringify(result))
  return result.kind === 'read' ? result.site : assert.fail()
}

const site = async (t: TestContext, respond: Respond) => (await serveSite(t, respond)).url

const page = (body: string, head = '') =>
  `<html lang="en"><head><title>T</title>${head}</head><body>${body}</body></html>`
const WORDS = `<p>${'We cut hair in the old town, and have done so for forty years. '.repeat(5)}</p>`

test('a site of thirty pages: every page once, one at a time, by our name, and nothing that is forbidden', async t => {
  const served = await serveSite(t, practiceSite)
  const { pages, skipped } = await readWell(served.url)
  assert.equal(pages.length, PAGE_COUNT)
  assert.equal(new Set(pages.map(({ url }) => url)).size, PAGE_COUNT)
  assert.equal(new Set(served.asked).size, served.asked.length, 'nothing is asked for twice')
  assert.deepEqual([served.asked[0], served.asked[1], served.crowd.most], ['/robots.txt', '/', 1])
  assert.ok(!served.asked.some(path => path.includes('private') || path.includes('logo') || path.includes('utm')))
  assert.ok([...served.agents].every(agent => agent.includes('Patchcord')))
  assert.deepEqual(skipped, { forbidden_by_robots: 1 })
  const paths = pages.map(({ url }) => new URL(url).pathname)
  const at = (path: string) => paths.indexOf(path)
  assert.ok(at('/contact') < at('/blog/article-0') && at('/prices') < at('/blog/article-0'), 'what matters comes first')
})

test('its facts, each with the page it was found on', async t => {
  const served = await serveSite(t, practiceSite)
  const { pages } = await readWell(served.url)
  const facts = gatherFacts(pages)
  const on = (path: string) => `${served.url}${path}`
  assert.deepEqual(facts.name, { text: 'Riverside Dental', page: served.url })
  assert.deepEqual(facts.description, { text: 'A family dental practice in Springfield.', page: served.url })
  assert.equal(facts.language, 'en-US')
  assert.deepEqual(facts.opening_hours, [
    { days: 'Monday – Thursday', hours: '8:00 am – 6:00 pm', page: on('contact') },
    { days: 'Friday', hours: '8:00 am – 1:00 pm', page: on('contact') },
    { days: 'Saturday', hours: 'Closed', page: on('contact') },
  ])
  assert.deepEqual(facts.prices, [
    { what: 'Whitening', price: '$350', page: on('prices') },
    { what: 'Check-up', price: '$89', page: on('prices') },
    { what: 'Implants', price: 'from $1,900', page: on('prices') },
  ])
  assert.deepEqual(facts.services[0], { name: 'Whitening', description: 'We do Whitening.', page: on('services') })
  assert.equal(facts.services.length, 6)
  assert.deepEqual(facts.phone_numbers, [{ text: '+14155550132', page: served.url }])
  assert.deepEqual(facts.addresses[0], { text: '12 River Street, 94100 Springfield, CA', page: served.url })
  assert.deepEqual(facts.emails, [{ text: 'hello@riverside.example', page: served.url }])
  assert.deepEqual(
    facts.colors.map(({ text }) => text),
    ['#0a3d62', '#1a7f8e'],
  )
  assert.deepEqual(facts.logo, { text: on('img/logo.svg'), page: served.url })
})

test('a page is its own words: no navigation, no footer, tables as lines, PDF too', async t => {
  const { pages } = await readWell(await site(t, practiceSite))
  const byPath = new Map(pages.map(({ url, markdown }) => [new URL(url).pathname, markdown]))
  assert.match(byPath.get('/prices') ?? '', /^Whitening \| \$350$/m)
  assert.match(byPath.get('/brochure.pdf') ?? '', /implants last for decades/)
  for (const markdown of byPath.values()) assert.doesNotMatch(markdown, /Partner|All rights reserved|--brand|ld\+json/)
})

const robots =
  (text: string | number, home = page(WORDS)): Respond =>
  (request, response) => {
    if (request.url !== '/robots.txt') html(response, home)
    else if (typeof text === 'number') response.writeHead(text).end()
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(text)
  }

const redirect =
  (location: (path: string) => string): Respond =>
  (request, response) => {
    if (request.url === '/robots.txt') response.writeHead(404).end()
    else response.writeHead(302, { location: location(request.url ?? '') }).end()
  }

const answering =
  (headers: Record<string, string>, body: string | Buffer): Respond =>
  (request, response) => {
    if (request.url === '/robots.txt') response.writeHead(404).end()
    else response.writeHead(200, headers).end(body)
  }

const FAULTS: readonly (readonly [name: string, respond: Respond, fault: string])[] = [
  ['robots.txt forbids all', robots('User-agent: *\nDisallow: /'), 'forbidden_by_robots'],
  [
    'robots.txt forbids us',
    robots('User-agent: *\nAllow: /\n\nUser-agent: patchcord\nDisallow: /'),
    'forbidden_by_robots',
  ],
  ['robots.txt fails', robots(503), 'robots_unreachable'],
  [
    'a page made by scripts',
    robots(404, page('<div id="root"></div>', '<script src="/a.js"></script>')),
    'needs_scripts',
  ],
  ['no text', robots(404, page('<img src="a.png">')), 'no_text'],
  ['a picture', answering({ 'content-type': 'image/png' }, 'png'), 'not_text'],
  ['an error', (_, response) => void response.writeHead(_.url === '/robots.txt' ? 404 : 500).end(), 'status'],
  ['a redirect in circles', redirect(path => (path === '/' ? '/a' : '/')), 'redirect_loop'],
  ['a redirect to itself', redirect(path => path), 'redirect_loop'],
  ['a redirect to another site', redirect(() => 'http://127.0.0.2:9/'), 'leaves_site'],
  [
    'an encoding that is broken',
    answering({ 'content-type': 'text/html', 'content-encoding': 'gzip' }, 'no'),
    'unreadable',
  ],
  [
    'an encoding nobody asked for',
    answering({ 'content-type': 'text/html', 'content-encoding': 'zstd' }, 'no'),
    'unreadable',
  ],
  ['a broken answer', (_, response) => void response.socket?.end('HTTP/1.1 junk\r\n\r\n'), 'unreadable'],
]

for (const [name, respond, fault] of FAULTS) {
  test(`cannot be read: ${name}`, async t => {
    const result = await read(await site(t, respond))
    assert.deepEqual([result.kind, result.kind === 'failed' && result.fault], ['failed', fault])
  })
}

test('robots.txt that is missing, refused or too large forbids nothing', async t => {
  for (const status of [404, 401, 403, 410]) await readWell(await site(t, robots(status)))
  await readWell(await site(t, robots(`User-agent: *\n${'Disallow: /\n'.repeat(100_000)}`)))
})

test('the crawl delay of robots.txt is kept to', async t => {
  const times: number[] = []
  const respond = robots('User-agent: *\nCrawl-delay: 0.3', page(`${WORDS}<a href="/a">A</a><a href="/b">B</a>`))
  const url = await site(t, (request, response) => {
    times.push(performance.now())
    respond(request, response)
  })
  await readWell(url)
  const [, , ...after_home] = times
  assert.ok(after_home.length >= 2)
  for (const [index, time] of after_home.entries()) if (index > 0) assert.ok(time - (after_home[index - 1] ?? 0) > 290)
})

test('nobody there, and a name that nothing stands for', async () => {
  const gone = await serveSite({ after: () => undefined } as unknown as TestContext, practiceSite)
  await gone.close()
  assert.deepEqual(await read(gone.url), { kind: 'failed', fault: 'unreachable', status: null })
  const nowhere = await read('http://nowhere.example/', { resolve: async () => [] })
  assert.equal(nowhere.kind === 'failed' && nowhere.fault, 'unreachable')
})

test('whoever gives up waits no longer, and is told why', async t => {
  const over = new AbortController()
  const url = await site(t, () => over.abort(new Error('cancelled')))
  await assert.rejects(read(url, {}, over.signal), /cancelled/)
})

test('a site that never ends ends at its limits', async t => {
  let n = 0
  const url = await site(t, (request, response) => {
    if (request.url === '/robots.txt') response.writeHead(404).end()
    else
      html(
        response,
        page(`${WORDS}<p>${request.url}</p>${Array.from({ length: 50 }, () => `<a href="/p${n++}">x</a>`).join('')}`),
      )
  })
  const { pages } = await readWell(url, { limits: { pages: 7, pause_ms: 0 } })
  assert.equal(pages.length, 7)
})

test('time that runs out leaves what was read until then', async t => {
  const url = await site(t, (request, response) => {
    if (request.url === '/robots.txt') response.writeHead(404).end()
    else if (request.url === '/') html(response, page(`${WORDS}<a href="/slow">x</a>`))
  })
  const { pages } = await readWell(url, { limits: { time_ms: 3000, pause_ms: 0 } })
  assert.equal(pages.length, 1)
})
