/** What an agent's instructions are written from, when all that is known is a website. */

import type { Price } from '#core/site.ts'
import type { SiteFacts, Sourced, SourcedText } from '#core/site-facts.ts'
import type { JsonObject } from '#core/version.ts'

export type SiteBrief = {
  readonly company_name: string
  readonly website: string
  /** As the customer describes the company. */
  readonly overview: string | null
  /** What the customer wants of the agent. */
  readonly wishes: string | null
  /** BCP 47. */
  readonly language: string
}

/** Enough to answer without looking up; the rest is in the knowledge base. */
const KNOWN_PRICES = 30
const KNOWN_SERVICES = 30

/** By the first part of a BCP 47 tag. */
const OPENINGS: Readonly<Record<string, (name: string) => string>> = {
  de: name => `Guten Tag, hier ist ${name}. Wie kann ich Ihnen helfen?`,
  es: name => `Hola, gracias por llamar a ${name}. ¿En qué puedo ayudarle?`,
  fr: name => `Bonjour, bienvenue chez ${name}. Comment puis-je vous aider ?`,
  it: name => `Buongiorno, grazie per aver chiamato ${name}. Come posso aiutarla?`,
  nl: name => `Goedendag, u spreekt met ${name}. Waarmee kan ik u helpen?`,
  pt: name => `Olá, obrigado por ligar para ${name}. Como posso ajudar?`,
}

const openingLine = (name: string, language: string): string => {
  const write =
    OPENINGS[language.split('-')[0]?.toLowerCase() ?? ''] ?? (to => `Thank you for calling ${to}. How can I help you?`)
  return write(name)
}

const priced = ({ what, price }: Sourced<Price>): string => `${what}: ${price}`

/** Contact facts are on every page; the first few are enough. */
const KNOWN_CONTACTS = 3

/** One line of a kind: what was found, and on which pages, so that whoever is asked can say where it stands. */
const factLine = <T extends { readonly page: string }>(
  title: string,
  items: readonly T[],
  said: (item: T) => string,
): string[] => {
  if (items.length === 0) return []
  const pages = [...new Set(items.map(({ page }) => page))].slice(0, 2)
  return [`${title}: ${items.map(said).join('; ')} (From: ${pages.join(', ')})`]
}

/** A line each, as they would be told. */
const factLines = (facts: SiteFacts): string[] => {
  const { opening_hours, services, prices, phone_numbers, addresses, emails } = facts
  const text = ({ text: said }: SourcedText): string => said
  return [
    ...factLine('Opening hours', opening_hours, ({ days, hours }) => `${days} ${hours}`),
    ...factLine('Address', addresses.slice(0, KNOWN_CONTACTS), text),
    ...factLine('Telephone', phone_numbers.slice(0, KNOWN_CONTACTS), text),
    ...factLine('E-mail', emails.slice(0, KNOWN_CONTACTS), text),
    ...factLine('Services', services.slice(0, KNOWN_SERVICES), ({ name }) => name),
    ...factLine('Prices', prices.slice(0, KNOWN_PRICES), priced),
  ]
}

/** The fields of core/builder-inputs.ts. */
export const builderInputsOf = (brief: SiteBrief, facts: SiteFacts): JsonObject => {
  const { company_name, website, overview, wishes, language } = brief
  const description = overview ?? facts.description?.text ?? null
  return {
    industry: description === null ? company_name : `${company_name}. ${description}`,
    purpose: [
      `Answer questions of callers about ${company_name}: what it offers, what it costs, when it is open and where it is.`,
      ...(wishes === null ? [] : [wishes]),
    ],
    personality: 'Friendly, calm and to the point.',
    language,
    opening_line: openingLine(company_name, language),
    conversation_flow: [
      'Listen to what the caller wants, and ask back when it is not clear.',
      'Answer from what you know and from the knowledge base.',
      'When neither says it, say so, and offer to take down a name and a number for somebody to call back.',
    ],
    closing: 'Ask whether there is anything else, and say goodbye by thanking for the call.',
    guardrails: [
      'Promise nothing that the website does not say.',
      'Agree to no price, discount or appointment that you cannot look up.',
    ],
    knowledge: [...factLines(facts), `Everything else that ${website} says is in the knowledge base.`],
  }
}

/** What a page says of the business that its text may not hold as a sentence: footers, tables, what is there for machines. */
export const factsOnPage = (facts: SiteFacts, url: string): string => {
  const here = <T extends { readonly page: string }>(items: readonly T[]): readonly T[] =>
    items.filter(({ page }) => page === url)
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`## ${title}\n\n${lines.map(line => `- ${line}`).join('\n')}`]
  return [
    ...section(
      'Opening hours',
      here(facts.opening_hours).map(({ days, hours }) => `${days}: ${hours}`),
    ),
    ...section('Prices', here(facts.prices).map(priced)),
    ...section(
      'Services',
      here(facts.services).map(({ name }) => name),
    ),
    ...section('Contact', [
      ...here(facts.addresses).map(({ text }) => `Address: ${text}`),
      ...here(facts.phone_numbers).map(({ text }) => `Telephone: ${text}`),
      ...here(facts.emails).map(({ text }) => `E-mail: ${text}`),
    ]),
  ].join('\n\n')
}
