/** Parts of reading that need no server: linked data, sitemaps however they are cut, pages however they are broken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readLinkedData } from '#adapters/json-ld.ts'
import { parsePage } from '#adapters/parse-page.ts'
import { readSitemap } from '#adapters/sitemap.ts'

test('linked data: a business in a graph, with hours of both kinds, a catalogue and its prices', () => {
  const business = {
    '@type': ['HairSalon', 'LocalBusiness'],
    name: 'Salon Anna',
    telephone: ['+49 30 123456'],
    email: 'mailto:hallo@anna.example',
    address: {
      streetAddress: 'Hauptstr. 1',
      postalCode: '10115',
      addressLocality: 'Berlin',
      addressCountry: { name: 'DE' },
    },
    openingHoursSpecification: [
      { dayOfWeek: ['Tuesday', 'https://schema.org/Wednesday', 'Thursday'], opens: '09:00:00', closes: '18:00:00' },
      { dayOfWeek: 'Sunday', opens: '00:00', closes: '00:00' },
    ],
    openingHours: 'Sa 10:00-14:00',
    logo: { url: 'https://anna.example/logo.png' },
    hasOfferCatalog: {
      itemListElement: [
        { '@type': 'Offer', price: 35, priceCurrency: 'EUR', itemOffered: { '@type': 'Service', name: 'Haarschnitt' } },
      ],
    },
  }
  const found = readLinkedData([
    'not json',
    JSON.stringify({ '@graph': [{ '@type': 'WebPage', name: 'Page' }, business] }),
  ])
  assert.deepEqual(found.names, ['Salon Anna'])
  assert.deepEqual(found.opening_hours, [
    { days: 'Tuesday–Thursday', hours: '09:00–18:00' },
    { days: 'Sunday', hours: 'closed' },
    { days: 'Sa', hours: '10:00-14:00' },
  ])
  assert.deepEqual(found.addresses, ['Hauptstr. 1, 10115 Berlin, DE'])
  assert.deepEqual(found.emails, ['hallo@anna.example'])
  assert.deepEqual(found.logos, ['https://anna.example/logo.png'])
  assert.deepEqual(found.prices[0], { what: 'Haarschnitt', price: '35 EUR' })
  assert.deepEqual(found.services[0]?.name, 'Haarschnitt')
})

test('linked data of any shape says something or nothing, and never fails', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom('Organization', 'Offer', 'Service'), (json, type) => {
      const value: unknown = JSON.parse(json)
      const node = {
        '@type': type,
        name: value,
        address: value,
        openingHoursSpecification: value,
        offers: value,
        logo: value,
      }
      for (const list of Object.values(readLinkedData([JSON.stringify(node)]))) assert.ok(Array.isArray(list))
    }),
  )
})

const SITEMAP = `<?xml version="1.0"?><urlset>${Array.from({ length: 20 }, (_, n) => `<url>\n<loc> https://a.example/p?a=${n}&amp;b=1 </loc><priority>1</priority></url>`).join('')}
  <url><loc><![CDATA[https://a.example/cdata?x=1&y=2]]></loc></url></urlset>`

async function* cut(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('a sitemap is read alike however it is cut', async () => {
  const whole = await readSitemap(cut(SITEMAP, 1e6), 1000)
  assert.deepEqual([whole.is_index, whole.locations.length], [false, 21])
  assert.deepEqual(whole.locations.at(0), 'https://a.example/p?a=0&b=1')
  assert.deepEqual(whole.locations.at(-1), 'https://a.example/cdata?x=1&y=2')
  for (const size of [1, 2, 3, 7, 64, 500]) assert.deepEqual(await readSitemap(cut(SITEMAP, size), 1000), whole)
  assert.equal((await readSitemap(cut(SITEMAP, 64), 5)).locations.length, 5)
  assert.ok((await readSitemap(cut('<sitemapindex><sitemap><loc>x</loc>', 4), 5)).is_index)
})

const parse = (html: string | Buffer, content_type = 'text/html') =>
  parsePage(Buffer.from(html), content_type, new URL('https://a.example/dir/page'))

test('character sets: named by the server, by the page, or by nobody', () => {
  const latin = Buffer.from(
    '<html><head><meta charset="iso-8859-1"></head><body><p>Gr\xfc\xdfe</p></body></html>',
    'latin1',
  )
  assert.equal(parse(latin).markdown, 'Grüße')
  assert.equal(parse(Buffer.from('<p>Gr\xfc\xdfe</p>', 'latin1'), 'text/html; charset=windows-1252').markdown, 'Grüße')
  assert.equal(parse('<p>Grüße</p>').markdown, 'Grüße')
  assert.equal(parse('<p>Hello</p>', 'text/html; charset=klingon').markdown, 'Hello')
})

test('links are taken from where the page says they are', () => {
  const { links } = parse(
    '<base href="/other/"><a href="a">A</a><a href="//b.example/x">B</a><a rel="nofollow" href="c">C</a>',
  )
  assert.deepEqual(links, [
    { href: 'https://a.example/other/a', text: 'A' },
    { href: 'https://b.example/x', text: 'B' },
  ])
})

const TAGS = [
  '<div>',
  '</div>',
  '<table><tr><td>',
  '<p>',
  '<!--',
  '-->',
  '<script>',
  '</script>',
  '<a href="',
  '">',
  '&amp',
  'x',
  '<style>',
  '\0',
  '\ud800',
  '<ul><li>',
  '<h2>',
  ' ',
]

test('no page is so broken that it cannot be parsed', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TAGS), { maxLength: 60 }), parts => {
      assert.equal(typeof parse(parts.join('')).markdown, 'string')
    }),
    { numRuns: 100 },
  )
})
