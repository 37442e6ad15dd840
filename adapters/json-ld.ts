/** What a page says of its business to machines: schema.org in JSON-LD. */
import type { OpeningHours, Price, Service } from '#core/site.ts'

type Json = Readonly<Record<string, unknown>>

export type LinkedData = {
  readonly names: string[]
  readonly descriptions: string[]
  readonly opening_hours: OpeningHours[]
  readonly services: Service[]
  readonly prices: Price[]
  readonly phone_numbers: string[]
  readonly addresses: string[]
  readonly emails: string[]
  readonly logos: string[]
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value == null ? [] : [value])

const TEXT_LIMIT = 300
const textOf = (value: unknown): string | null => {
  const text =
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : ''
  return text === '' ? null : text.slice(0, TEXT_LIMIT)
}

const NODES_LIMIT = 2000
const DEPTH_LIMIT = 12

/** Every object in it, the outer ones first. */
const nodesOf = (value: unknown): Json[] => {
  const nodes: Json[] = []
  const visit = (item: unknown, depth: number): void => {
    if (depth > DEPTH_LIMIT || nodes.length >= NODES_LIMIT) return
    if (isObject(item)) nodes.push(item)
    if (typeof item === 'object' && item !== null) for (const child of Object.values(item)) visit(child, depth + 1)
  }
  visit(value, 0)
  return nodes
}

const typesOf = (node: Json): string => listOf(node['@type']).join(' ')

/** schema.org has some 150 kinds of LocalBusiness; what they share tells them. */
const isBusiness = (node: Json): boolean =>
  /Organization|Business|Corporation|Store|Restaurant|Dentist|Physician|Hotel|Attorney|Salon|Repair|Clinic|Hospital|Agency|Service$|Gym|School|Pharmacy|Dealer/.test(
    typesOf(node),
  ) && !/^(Service|FinancialProduct)$/.test(typesOf(node))

const addressOf = (value: unknown): string | null => {
  if (!isObject(value)) return textOf(value)
  const parts = [value.streetAddress, [value.postalCode, value.addressLocality].map(textOf).filter(Boolean).join(' ')]
  const region = [
    textOf(value.addressRegion),
    textOf(isObject(value.addressCountry) ? value.addressCountry.name : value.addressCountry),
  ]
  return textOf([...parts, ...region].filter(Boolean).join(', '))
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** `https://schema.org/Monday`, `Monday`: `Monday–Friday` when they follow each other. */
const daysOf = (value: unknown): string => {
  const found = listOf(value).flatMap(day => DAYS.indexOf((textOf(day) ?? '').split('/').at(-1) ?? ''))
  const days = [...new Set(found.filter(day => day >= 0))].sort((a, b) => a - b)
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return ''
  if (days.length > 2 && last - first === days.length - 1) return `${DAYS[first]}–${DAYS[last]}`
  return days.map(day => DAYS[day]).join(', ')
}

const hoursOf = (node: Json): OpeningHours[] => {
  const specified = listOf(node.openingHoursSpecification).flatMap(item => {
    if (!isObject(item)) return []
    const [days, opens, closes] = [daysOf(item.dayOfWeek), textOf(item.opens), textOf(item.closes)]
    if (days === '' || opens === null || closes === null) return []
    const hours = opens === closes ? 'closed' : `${opens.slice(0, 5)}–${closes.slice(0, 5)}`
    return [{ days, hours }]
  })
  const written = listOf(node.openingHours).flatMap(item => {
    const [, days, hours] = /^([A-Za-z,\s-]{2,40}?)\s+(\d.{2,30})$/.exec(textOf(item) ?? '') ?? []
    return days === undefined || hours === undefined ? [] : [{ days, hours }]
  })
  return [...specified, ...written]
}

const priceOf = (node: Json): string | null => {
  const specification = listOf(node.priceSpecification).find(isObject) ?? {}
  const price = textOf(node.price) ?? textOf(node.lowPrice) ?? textOf(specification.price)
  const currency = textOf(node.priceCurrency) ?? textOf(specification.priceCurrency)
  if (price === null) return null
  return currency === null || /[^\d.,]/.test(price) ? price : `${price} ${currency}`
}

/** Offers name what they offer, or hang under it. */
const offersOf = (node: Json, found: LinkedData): void => {
  const items = [node.itemOffered, node].filter(isObject)
  const name = items.map(item => textOf(item.name)).find(text => text !== null) ?? null
  if (name === null) return
  const description = items.map(item => textOf(item.description)).find(text => text !== null) ?? null
  const is_thing = /^(Service|Product|MenuItem|Course|MedicalProcedure)$/
  if (items.some(item => is_thing.test(typesOf(item)))) found.services.push({ name, description })
  for (const offer of [node, ...listOf(node.offers).filter(isObject)]) {
    const price = priceOf(offer)
    if (price !== null) found.prices.push({ what: name, price })
  }
}

const push = (list: string[], value: string | null): void => {
  if (value !== null) list.push(value)
}

const businessOf = (node: Json, found: LinkedData): void => {
  push(found.names, textOf(node.name))
  push(found.descriptions, textOf(node.description))
  found.opening_hours.push(...hoursOf(node))
  for (const number of listOf(node.telephone)) push(found.phone_numbers, textOf(number))
  for (const mail of listOf(node.email)) push(found.emails, textOf(mail)?.replace(/^mailto:/i, '') ?? null)
  for (const address of listOf(node.address)) push(found.addresses, addressOf(address))
  for (const logo of listOf(node.logo)) push(found.logos, textOf(isObject(logo) ? (logo.url ?? logo.contentUrl) : logo))
}

const SCRIPTS_LIMIT = 20
const SCRIPT_LENGTH = 500_000

/** `scripts`: the contents of `application/ld+json` scripts. What cannot be parsed is left out. */
export const readLinkedData = (scripts: readonly string[]): LinkedData => {
  const found: LinkedData = {
    names: [],
    descriptions: [],
    opening_hours: [],
    services: [],
    prices: [],
    phone_numbers: [],
    addresses: [],
    emails: [],
    logos: [],
  }
  for (const script of scripts.slice(0, SCRIPTS_LIMIT)) {
    let value: unknown
    try {
      value = JSON.parse(script.slice(0, SCRIPT_LENGTH))
    } catch {
      continue
    }
    for (const node of nodesOf(value)) {
      if (isBusiness(node)) businessOf(node, found)
      offersOf(node, found)
    }
  }
  return found
}
