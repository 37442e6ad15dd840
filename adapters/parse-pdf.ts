/** The text of a PDF. Runs where hostile files are parsed. */
import { extractText, getDocumentProxy, getMeta } from 'unpdf'
import { findHours, findPrices } from '#core/find-facts.ts'
import type { ParsedPage } from '#core/site.ts'

const MARKDOWN_LIMIT = 100_000

export const parsePdf = async (bytes: Uint8Array, url: URL): Promise<ParsedPage> => {
  const pdf = await getDocumentProxy(bytes, { isEvalSupported: false, stopAtErrors: false })
  const { text } = await extractText(pdf, { mergePages: false })
  const { info } = await getMeta(pdf)
  const markdown = text
    .map((page, index) => `## Page ${index + 1}\n\n${page.trim()}`)
    .join('\n\n')
    .slice(0, MARKDOWN_LIMIT)
  const named: unknown = info?.Title
  const title = typeof named === 'string' && named.trim() !== '' ? named.trim() : (url.pathname.split('/').at(-1) ?? '')
  const nothing = {
    names: [],
    descriptions: [],
    services: [],
    phone_numbers: [],
    addresses: [],
    emails: [],
    colors: [],
    logos: [],
  }
  const has_text = text.some(page => page.trim() !== '')
  return {
    title: title.slice(0, 200),
    language: null,
    markdown: has_text ? markdown : '',
    links: [],
    facts: { ...nothing, opening_hours: findHours(markdown), prices: findPrices(markdown) },
    is_script_only: false,
  }
}
