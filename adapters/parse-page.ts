/** One page of HTML as text, links and facts. Runs where hostile pages are parsed. */
import { load } from 'cheerio'
import { decodeText } from '#adapters/decode-text.ts'
import { factsOf } from '#adapters/page-facts.ts'
import { textOf } from '#adapters/page-text.ts'
import type { ParsedPage } from '#core/site.ts'

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/
/** A frame that scripts would fill, or what is said to whoever has none. */
const FRAME = '#root, #app, #__next, #__nuxt, #___gatsby, app-root, [ng-app]'
const ASKS_FOR_SCRIPTS = /javascript/i
/** Letters and digits: a page says more than this, with a frame, or without one. */
const FRAMED_LENGTH = 200
const BARE_LENGTH = 20
const LINKS_LIMIT = 1000
const TITLE_LIMIT = 200
/** One page of a book's length is enough of it. */
const MARKDOWN_LIMIT = 100_000

export const parsePage = (bytes: Uint8Array, content_type: string, url: URL): ParsedPage => {
  const $ = load(decodeText(bytes, content_type))
  const claimed = $('html').attr('lang')?.replace('_', '-') ?? ''
  const language = LANGUAGE.test(claimed) ? claimed : null
  const base = URL.parse($('base').attr('href') ?? '', url.href) ?? url
  const links = $('a[href], area[href]')
    .toArray()
    .slice(0, LINKS_LIMIT)
    .flatMap(link => {
      const href = URL.parse($(link).attr('href')?.trim() ?? '', base.href)?.href
      const is_left_alone = /nofollow/i.test($(link).attr('rel') ?? '')
      return href === undefined || is_left_alone ? [] : [{ href, text: $(link).text().slice(0, 200) }]
    })
  const has_scripts = $('script:not([type="application/ld+json"])').length > 0
  const is_framed = $(FRAME).length > 0 || ASKS_FOR_SCRIPTS.test($('noscript').text())
  const title = ($('title').first().text() || $('h1').first().text()).replace(/\s+/g, ' ').trim().slice(0, TITLE_LIMIT)
  // Facts first: making text takes styles and scripts away.
  const copy = load($.html())
  const { whole, own, visible_length } = textOf($)
  return {
    title,
    language,
    markdown: own.slice(0, MARKDOWN_LIMIT),
    links,
    facts: factsOf(copy, whole, url, language),
    is_script_only: has_scripts && visible_length < (is_framed ? FRAMED_LENGTH : BARE_LENGTH),
  }
}
