/** A page's words as markdown. Runs where hostile pages are parsed. */
import { Readability } from '@mozilla/readability'
import type { CheerioAPI } from 'cheerio'
import { parseHTML } from 'linkedom'
import TurndownService from 'turndown'

const INVISIBLE =
  'script, style, noscript, template, svg, canvas, iframe, object, video, audio, form, button, select, input, dialog, [hidden], [aria-hidden="true"], [style*="display:none"], [style*="display: none"]'
/** What every page of a site repeats. */
const REPEATED =
  'nav, footer, aside, body > header, [role="navigation"], [role="banner"], [role="contentinfo"], [class*="cookie" i], [id*="cookie" i], [class*="consent" i], [class*="breadcrumb" i], [class*="skip-link" i]'

/** Of an element's methods, those that are used; the types of browsers are not loaded. */
type Attributed = { getAttribute(name: string): string | null }
type BrowserDocument = ConstructorParameters<typeof Readability>[0]

const turndown = (): TurndownService => {
  const service = new TurndownService({ headingStyle: 'atx', bulletListMarker: '-', codeBlockStyle: 'fenced' })
  // Addresses of links and pictures say nothing when they are spoken.
  service.addRule('links', { filter: 'a', replacement: content => content })
  service.addRule('pictures', {
    filter: 'img',
    replacement: (_, node) => (node as unknown as Attributed).getAttribute('alt') ?? '',
  })
  service.addRule('cells', {
    filter: ['td', 'th'],
    replacement: content => `${content.replace(/\s*\n\s*/g, ' ').trim()} | `,
  })
  service.addRule('rows', { filter: 'tr', replacement: content => `\n${content.replace(/[\s|]+$/, '')}\n` })
  service.addRule('terms', { filter: ['dt'], replacement: content => `\n${content.trim()}: ` })
  service.addRule('definitions', { filter: ['dd'], replacement: content => `${content.trim()}\n` })
  // Nothing of it is shown as markdown, so nothing needs a backslash.
  service.escape = text => text
  return service
}

const toMarkdown = (html: string): string =>
  turndown()
    .turndown(html)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Mozilla's reader, for long texts: it knows an article from what stands around it. null: it finds none. */
const articleOf = (html: string): string | null => {
  const { document } = parseHTML(html)
  // Its types ask for a browser's; it works on anything with the DOM's methods.
  const article = new Readability(document as unknown as BrowserDocument, { maxElemsToParse: 50_000 }).parse()
  return article?.content ?? null
}

const visibleLength = (markdown: string): number => markdown.replace(/[^\p{L}\p{N}]+/gu, '').length

export type PageText = {
  /** All of it. */
  readonly whole: string
  /** The page's own. */
  readonly own: string
  /** Letters and digits in `whole`. */
  readonly visible_length: number
}

/** An article that is most of the page is the page; of pages made of sections the reader would lose some. */
const ARTICLE_SHARE = 0.7

/** Takes what is invisible out of the document it is given. */
export const textOf = ($: CheerioAPI): PageText => {
  $(INVISIBLE).remove()
  const whole = toMarkdown($('body').html() ?? '')
  $(REPEATED).remove()
  const main = $('main, [role="main"]').first()
  const sections = toMarkdown((main.length > 0 ? main : $('body')).html() ?? '')
  const article = articleOf($.html())
  const read = article === null ? '' : toMarkdown(article)
  const own = visibleLength(read) > ARTICLE_SHARE * visibleLength(sections) ? read : sections
  return { whole, own: own === '' ? whole : own, visible_length: visibleLength(whole) }
}
