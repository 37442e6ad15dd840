/** What one page says about the business, for people or for machines. Runs where hostile pages are parsed. */
import type { CheerioAPI } from 'cheerio'
import { type CountryCode, findPhoneNumbersInText, isSupportedCountry } from 'libphonenumber-js'
import { readLinkedData } from '#adapters/json-ld.ts'
import { findHours, findPrices } from '#core/find-facts.ts'
import type { PageFacts, Service } from '#core/site.ts'

/** Facts of one kind and page; a page that lists a thousand of something lists no facts. */
const LIMIT = 40
const TEXT_LIMIT = 300

const tidy = (text: string | undefined): string[] => {
  const one_line = text?.replace(/\s+/g, ' ').trim() ?? ''
  return one_line === '' ? [] : [one_line.slice(0, TEXT_LIMIT)]
}

const unique = <T>(items: readonly T[], key: (item: T) => string): T[] =>
  [...new Map(items.toReversed().map(item => [key(item), item])).values()].toReversed().slice(0, LIMIT)
const uniqueTexts = (texts: readonly string[]): string[] => [...new Set(texts)].slice(0, LIMIT)

/** Numbers without a country are of the page's: by its language's region, else by its domain. */
const countryOf = (url: URL, language: string | null): CountryCode | null => {
  const region = language?.split('-')[1]?.toUpperCase() ?? ''
  const domain = url.hostname.split('.').at(-1)?.toUpperCase() ?? ''
  const country = [region, domain === 'UK' ? 'GB' : domain, 'US'].find(code => isSupportedCountry(code))
  return country === undefined ? null : (country as CountryCode)
}

const NUMBERS_TEXT_LIMIT = 20_000

const phonesOf = (
  $: CheerioAPI,
  text: string,
  url: URL,
  language: string | null,
  linked: readonly string[],
): string[] => {
  const links = $('a[href^="tel:"]')
    .toArray()
    .slice(0, LIMIT)
    .map(link => $(link).attr('href')?.slice(4) ?? '')
  const country = countryOf(url, language)
  const options = { v2: true, ...(country === null ? {} : { defaultCountry: country }) } as const
  const spoken = [...linked, ...links, text.slice(0, NUMBERS_TEXT_LIMIT)]
  return uniqueTexts(spoken.flatMap(part => findPhoneNumbersInText(part, options).map(({ number }) => number.number)))
}

const SERVICES = /service|leistung|angebot|treatment|behandlung|servicio|prestation|what we do|was wir/i
/** Headings that hold a page together, and name no service. */
const NO_SERVICE =
  /contact|kontakt|about|über|hours|öffnungszeit|faq|question|why |warum|team|review|testimonial|book|termin|services?$|leistungen$|price|preise|welcome|willkommen|location|call|news|blog/i

const servicesOf = ($: CheerioAPI, url: URL, linked: readonly Service[]): Service[] => {
  const is_about = SERVICES.test(decodeURI(url.pathname)) || SERVICES.test($('h1').first().text())
  const headings = is_about ? $('main, body').first().find('h2, h3').toArray() : []
  const below = $('h1, h2, h3')
    .toArray()
    .filter(heading => SERVICES.test($(heading).text()))
  const items = below.flatMap(heading => $(heading).nextAll('ul, ol').first().find('li').toArray())
  const named = [...headings, ...items].slice(0, 200).flatMap(element => {
    const [name] = tidy($(element).find('h2, h3, h4, strong, b').first().text() || $(element).text())
    if (name === undefined || name.length > 60 || NO_SERVICE.test(name)) return []
    const [description] = tidy($(element).next('p').first().text())
    return [{ name: name.replace(/\s*[:–—-]\s*$/, ''), description: description ?? null }]
  })
  return unique([...linked, ...named], service => service.name.toLowerCase())
}

const addressesOf = ($: CheerioAPI, linked: readonly string[]): string[] => {
  const written = $('address, [itemprop="address"], .address')
    .toArray()
    .slice(0, 10)
    .flatMap(element => {
      const lines =
        $(element)
          .html()
          ?.replace(/<br\s*\/?>|<\/(p|div|li|span)>/gi, ', ')
          .replace(/<[^>]{0,500}>/g, ' ') ?? ''
      const [text] = tidy(lines.replaceAll('&nbsp;', ' ').replaceAll('&amp;', '&'))
      const clean = text?.replace(/(\s*,\s*)+/g, ', ').replace(/^, |, $/g, '')
      return clean !== undefined && /\d/.test(clean) && clean.length < 200 ? [clean] : []
    })
  return uniqueTexts([...linked, ...written])
}

const MAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g

const mailsOf = ($: CheerioAPI, text: string, linked: readonly string[]): string[] => {
  const links = $('a[href^="mailto:"]')
    .toArray()
    .map(link => $(link).attr('href')?.slice(7).split('?')[0] ?? '')
  const found = [...linked, ...links, ...(text.slice(0, NUMBERS_TEXT_LIMIT).match(MAIL) ?? [])]
  return uniqueTexts(
    found.map(mail => mail.trim().toLowerCase()).filter(mail => /^[^@\s]+@[^@\s]+\.\w{2,}$/.test(mail)),
  )
}

const COLOR = /^#[0-9a-f]{3}(?:[0-9a-f]{3})?$/i

const colorsOf = ($: CheerioAPI): string[] => {
  const named = $('meta[name="theme-color"], meta[name="msapplication-TileColor"]')
    .toArray()
    .map(meta => $(meta).attr('content'))
  const css = $('style')
    .toArray()
    .slice(0, 10)
    .map(style => $(style).text().slice(0, 50_000))
    .join('\n')
  const variables = [
    ...css.matchAll(/--[\w-]{0,40}(?:primary|brand|accent|main)[\w-]{0,40}:\s{0,5}(#[0-9a-f]{3,6})\b/gi),
  ]
  const found = [...named, ...variables.map(match => match[1])]
  return uniqueTexts(
    found.flatMap(color => (color !== undefined && COLOR.test(color.trim()) ? [color.trim().toLowerCase()] : [])),
  )
}

const logosOf = ($: CheerioAPI, base: URL, linked: readonly string[]): string[] => {
  const image = $('img')
    .toArray()
    .find(img => /logo/i.test(['src', 'alt', 'class', 'id'].map(name => $(img).attr(name) ?? '').join(' ')))
  const icon = $('link[rel="apple-touch-icon"], link[rel~="icon"]').first().attr('href')
  const found = [...linked, image && $(image).attr('src'), $('meta[property="og:image"]').attr('content'), icon]
  return uniqueTexts(
    found.flatMap(text => {
      const url = text ? URL.parse(text, base.href) : null
      return url !== null && /^https?:$/.test(url.protocol) && url.href.length < 2000 ? [url.href] : []
    }),
  )
}

/** A page's title is what it is about and whose it is: `Prices | Riverside Dental`. */
const namesOf = ($: CheerioAPI, linked: readonly string[]): string[] => {
  const site_name = tidy($('meta[property="og:site_name"]').attr('content'))
  const parts = tidy($('title').first().text()).flatMap(title => title.split(/\s[|–—·-]\s/))
  return uniqueTexts([...linked, ...site_name, ...(parts.length > 1 ? parts.slice(-1) : parts)])
}

/** `text`: all that the page says, its repeated parts too, as markdown. */
export const factsOf = ($: CheerioAPI, text: string, url: URL, language: string | null): PageFacts => {
  const scripts = $('script[type="application/ld+json"]')
    .toArray()
    .map(script => $(script).text())
  const linked = readLinkedData(scripts)
  const description =
    $('meta[name="description"]').attr('content') ?? $('meta[property="og:description"]').attr('content')
  return {
    names: namesOf($, linked.names),
    descriptions: uniqueTexts([...tidy(description), ...linked.descriptions]),
    opening_hours: unique([...linked.opening_hours, ...findHours(text)], item => item.days.toLowerCase()),
    services: servicesOf($, url, linked.services),
    prices: unique([...linked.prices, ...findPrices(text)], item => item.what.toLowerCase()),
    phone_numbers: phonesOf($, text, url, language, linked.phone_numbers),
    addresses: addressesOf($, linked.addresses),
    emails: mailsOf($, text, linked.emails),
    colors: colorsOf($),
    logos: logosOf($, url, linked.logos),
  }
}
