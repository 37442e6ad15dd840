/** Header names: the long, lower-case form that we work with, and the spelling that we write. */

/** Compact forms: RFC 3261 7.3.3 and the IANA registry of SIP header fields. */
const compact: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

const spellings = [
  ...['Accept', 'Accept-Encoding', 'Accept-Language', 'Allow', 'Authorization', 'Call-ID', 'Contact'],
  ...['Content-Disposition', 'Proxy-Authenticate', 'Proxy-Authorization', 'WWW-Authenticate'],
  ...['Content-Encoding', 'Content-Length', 'Content-Type', 'CSeq', 'Date', 'Expires', 'From', 'Max-Forwards'],
  ...['P-Asserted-Identity', 'Record-Route', 'Require', 'Retry-After', 'Route', 'Server', 'Supported', 'To'],
  ...['Unsupported', 'User-Agent', 'Via', 'Warning', 'X-Patchcord-Agent', 'X-Patchcord-Version'],
]

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/
const written = new Map(spellings.map(spelling => [spelling.toLowerCase(), spelling]))
const known = new Map<string, string>()
for (const [short, long] of Object.entries(compact)) known.set(short, long).set(short.toUpperCase(), long)
for (const spelling of spellings) known.set(spelling, spelling.toLowerCase())

/** The name as we keep it, or null when it is no token. */
export function headerName(received: string): string | null {
  const found = known.get(received)
  if (found !== undefined) return found
  return token.test(received) ? received.toLowerCase() : null
}

export function spellHeader(name: string): string {
  return written.get(name) ?? name
}

/** RFC 3261 25.1 `token`: methods, header names, option tags. */
export function isToken(text: string): boolean {
  return token.test(text)
}
