/** A website of thirty pages: a dental practice, as small businesses have them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export type Respond = (request: IncomingMessage, response: ServerResponse) => void

export type SiteServer = {
  readonly url: string
  /** Paths, in the order they were asked for. */
  readonly asked: string[]
  readonly agents: Set<string>
  /** How many were being answered at once, at most. */
  readonly crowd: { most: number }
  close(): Promise<void>
}

export const openSite = async (respond: Respond): Promise<SiteServer> => {
  const asked: string[] = []
  const agents = new Set<string>()
  const crowd = { most: 0 }
  let answering = 0
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    agents.add(request.headers['user-agent'] ?? '')
    answering += 1
    crowd.most = Math.max(crowd.most, answering)
    response.on('close', () => {
      answering -= 1
    })
    response.on('error', () => undefined)
    respond(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    agents,
    crowd,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export const serveSite = async (t: TestContext, respond: Respond): Promise<SiteServer> => {
  const site = await openSite(respond)
  t.after(() => site.close())
  return site
}

export const html = (response: ServerResponse, body: string, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body)
}

const NAV = `<header><nav><a href="/">Home</a> <a href="/services">Services</a> <a href="/prices?utm_source=nav">Prices</a>
  <a href="/contact">Contact</a> <a href="/team">Team</a> <a href="/brochure.pdf">Brochure</a> <a href="/logo.png">Logo</a>
  <a href="https://elsewhere.example/">Partner</a> <a href="/private/records">Staff</a> <a href="mailto:hello@riverside.example">Mail</a></nav></header>`
const FOOTER = '<footer>© Riverside Dental. All rights reserved.</footer>'

const page = (title: string, body: string, head = ''): string =>
  `<!doctype html><html lang="en-US"><head><title>${title} | Riverside Dental</title>${head}
  <style>:root { --brand-color: #1a7f8e }</style><script src="/app.js"></script></head>
  <body>${NAV}<main><h1>${title}</h1>${body}</main>${FOOTER}</body></html>`

const LINKED_DATA = {
  '@context': 'https://schema.org',
  '@type': 'Dentist',
  name: 'Riverside Dental',
  telephone: '+1 415 555 0132',
  email: 'hello@riverside.example',
  address: {
    '@type': 'PostalAddress',
    streetAddress: '12 River Street',
    addressLocality: 'Springfield',
    addressRegion: 'CA',
    postalCode: '94100',
  },
  logo: '/img/logo.svg',
}

export const TREATMENTS = ['Whitening', 'Implants', 'Root canal', 'Braces', 'Crowns', 'Veneers'] as const
const ARTICLES = 17

const PAGES: Readonly<Record<string, string>> = {
  '/': page(
    'Welcome',
    `<p>Riverside Dental looks after the teeth of Springfield, gently and without hurry, since 1987.</p>
     <p>Call us at (415) 555-0132.</p>`,
    `<meta name="description" content="A family dental practice in Springfield."><meta name="theme-color" content="#0A3D62">
     <script type="application/ld+json">${JSON.stringify(LINKED_DATA)}</script>`,
  ),
  '/services': page(
    'Our services',
    TREATMENTS.map(
      name => `<h2><a href="/services/${name.toLowerCase().replace(' ', '-')}">${name}</a></h2><p>We do ${name}.</p>`,
    ).join(''),
  ),
  '/prices': page(
    'Prices',
    `<table><tr><th>Treatment</th><th>Price</th></tr><tr><td>Whitening</td><td>$350</td></tr>
     <tr><td>Check-up</td><td>$89</td></tr><tr><td>Implants</td><td>from $1,900</td></tr></table>`,
  ),
  '/contact': page(
    'Contact',
    `<h2>Opening hours</h2><table><tr><td>Monday – Thursday</td><td>8:00 am – 6:00 pm</td></tr>
     <tr><td>Friday</td><td>8:00 am – 1:00 pm</td></tr><tr><td>Saturday</td><td>Closed</td></tr></table>
     <address>12 River Street<br>Springfield, CA 94100</address>`,
  ),
  '/team': page('Our team', '<p>Dr. Ada Moreno and Dr. Sam Lee have worked here for twenty years.</p>'),
  '/faq': page('Questions', '<h2>Is there parking?</h2><p>Yes, behind the house, for free.</p>'),
  ...Object.fromEntries(
    TREATMENTS.map(name => [
      `/services/${name.toLowerCase().replace(' ', '-')}`,
      page(name, `<p>${name} takes an hour or two, and most patients tell us that it hurt less than they feared.</p>`),
    ]),
  ),
  ...Object.fromEntries(
    Array.from({ length: ARTICLES }, (_, n) => [
      `/blog/article-${n}`,
      page(`Article ${n}`, `<p>Brushing twice a day matters, says number ${n} of our little series on teeth.</p>`),
    ]),
  ),
}

export const PAGE_COUNT = Object.keys(PAGES).length + 1

/** One page of text, as small as a PDF can be. */
export const pdfOf = (text: string): Buffer => {
  const stream = `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const xref = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const trailer = `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF`
  return Buffer.from(`${body}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${xref}${trailer}`, 'latin1')
}

export const practiceSite: Respond = (request, response) => {
  const path = (request.url ?? '').split('?')[0] ?? ''
  const known = PAGES[path]
  if (known !== undefined) html(response, known)
  else if (path === '/robots.txt')
    response
      .writeHead(200, { 'content-type': 'text/plain' })
      .end(`User-agent: *\nDisallow: /private/\nSitemap: http://${request.headers.host}/map.xml\n`)
  else if (path === '/map.xml') {
    const entries = Object.keys(PAGES).map(name => `<url><loc>http://${request.headers.host}${name}</loc></url>`)
    response.writeHead(200, { 'content-type': 'application/xml' }).end(`<urlset>${entries.join('')}</urlset>`)
  } else if (path === '/brochure.pdf')
    response
      .writeHead(200, { 'content-type': 'application/pdf' })
      .end(pdfOf('Our brochure: implants last for decades.'))
  else response.writeHead(404).end()
}
