/** Which addresses belong to one website, and which of them are worth reading first. Pure. */

/** `https://example.com/`; null when it is no address of a website. A bare host is https. */
export const parseSiteAddress = (text: string): URL | null => {
  const trimmed = text.trim()
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return null
  return url
}

const siteHost = ({ hostname }: URL): string => hostname.replace(/\.$/, '').replace(/^www\./, '')

/** The same host with or without `www.`, over http or https; a port that is named must be the same one. */
export const isSameSite = (a: URL, b: URL): boolean => siteHost(a) === siteHost(b) && a.port === b.port

/** What is added to addresses to watch people, and says nothing about what is there. */
const TRACKING = /^(utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|_ga|_gl|ref|phpsessid|jsessionid|sid)$/i

/** Nothing here can be read as text. PDF stays. */
const NOT_TEXT =
  /\.(jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|m4[av]|mov|avi|webm|wav|ogg|zip|gz|tgz|rar|7z|exe|dmg|apk|iso|css|m?js|json|xml|rss|atom|ics|vcf|woff2?|ttf|eot|docx?|xlsx?|pptx?|csv)$/i

/** Where reading would do something, or lead around in circles. */
const NOT_A_PAGE =
  /\/(wp-admin|wp-login|wp-json|xmlrpc|cart|checkout|basket|warenkorb|login|logout|signin|signout|sign-in|register|account|feed|cgi-bin|search|suche)(\/|\.|$)/i

const LENGTH_LIMIT = 1000
const DEPTH_LIMIT = 8

/** One spelling for one page; null: not a page that is read. */
export const normalizePage = (href: string, base: URL): URL | null => {
  if (href.length > LENGTH_LIMIT) return null
  const url = URL.parse(href, base.href)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  if (!isSameSite(url, base) || NOT_TEXT.test(url.pathname) || NOT_A_PAGE.test(url.pathname)) return null
  const parts = url.pathname.split('/').filter(part => part !== '')
  // `/a/b/a/b/…`: relative links that were meant to be absolute make such addresses without end.
  if (parts.length > DEPTH_LIMIT || new Set(parts).size < parts.length - 1) return null
  url.hash = ''
  for (const name of [...url.searchParams.keys()]) if (TRACKING.test(name)) url.searchParams.delete(name)
  url.searchParams.sort()
  // Where the site was found is where it is read, so that one page has one address.
  url.protocol = base.protocol
  url.host = base.host
  return url
}

/** Two spellings of one page have one key. */
export const pageKey = (url: URL): string => `${url.pathname.replace(/\/(index\.(html?|php))?$/, '')}${url.search}`

/** What callers ask about, in the languages that sites are written in. */
const ASKED_ABOUT =
  /contact|kontakt|contacto|about|ueber|uber-uns|sobre|propos|service|leistung|angebot|servicio|price|pricing|preis|precio|tarif|rates|fee|hour|oeffnung|opening|horario|horaire|location|standort|ubicacion|anfahrt|faq|fragen|question|menu|speise|team|treatment|behandlung|product|produkt|booking|termin|appointment|reserv|impressum/i
const SELDOM_ASKED =
  /privacy|datenschutz|privacidad|cookie|terms|agb|legal|blog|news|press|career|karriere|jobs|archive|tag\/|category\/|author\/|page\/\d|\d{4}\/\d{2}/i

/** Higher is read sooner. `text`: what the link said. */
export const worthOf = (url: URL, text: string, depth: number): number => {
  const said = `${decodeLoosely(url.pathname)} ${text.slice(0, 100)}`
  const topic = ASKED_ABOUT.test(said) ? 40 : 0
  const seldom = SELDOM_ASKED.test(said) ? -60 : 0
  const query = url.search === '' ? 0 : -30
  const parts = url.pathname.split('/').filter(part => part !== '').length
  return topic + seldom + query - depth * 10 - parts * 3
}

const decodeLoosely = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
