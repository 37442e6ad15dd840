/** The thread that documents of strangers are read in. It has no more memory and time than one deserves (parse-document.ts). */
import { parentPort } from 'node:worker_threads'
import { parseHTML } from 'linkedom'
import Turndown from 'turndown'
import { extractText, getDocumentProxy, getMeta } from 'unpdf'
import { READY } from '#adapters/bounded-thread.ts'
import type { ReadDocument } from '#core/knowledge.ts'
import type { SourceFailureCode } from '#core/source-failure.ts'

export type ParseTask = {
  readonly bytes: Uint8Array
  readonly media_type: string
  /** As a Content-Type said it; null: it did not. */
  readonly charset: string | null
}
export type ParseResult = { readonly document: ReadDocument } | { readonly failure: SourceFailureCode }

// A parser's complaints are about the document, and may quote it.
for (const name of ['log', 'info', 'warn', 'error'] as const) console[name] = () => undefined

const PAGES_LIMIT = 2000

/** A byte order mark wins (Encoding Standard 6), then who sent it, then what an HTML document says of itself. */
const decode = ({ bytes, media_type, charset }: ParseTask): string => {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2048))
  const own =
    media_type === 'text/html' ? /<meta[^>]{1,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(head)?.[1] : undefined
  const mark = head.startsWith('\xff\xfe') ? 'utf-16le' : head.startsWith('\xfe\xff') ? 'utf-16be' : undefined
  try {
    return new TextDecoder(mark ?? charset ?? own ?? 'utf-8').decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

/** What is no text of the page, or says the same on each. */
const FURNITURE =
  'script,style,noscript,template,svg,canvas,iframe,object,embed,form,button,input,select,textarea,dialog,nav,[role="navigation"],[aria-hidden="true"],[hidden]'

type Row = { readonly children: Iterable<{ readonly textContent: string | null }> }

const cellsOf = (row: Row): string =>
  [...row.children].map(cell => (cell.textContent ?? '').replace(/\s+/g, ' ').trim()).join(' | ')

const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' })
// Hours and prices stand in tables; without this their cells would run into each other.
turndown.addRule('row', { filter: 'tr', replacement: (_content, node) => `${cellsOf(node as unknown as Row)}\n` })
turndown.addRule('table', { filter: 'table', replacement: content => `\n\n${content.trim()}\n\n` })
turndown.addRule('image', { filter: 'img', replacement: () => '' })
// Where links lead is not what the page says.
turndown.addRule('link', { filter: 'a', replacement: content => content })

const readHtml = (html: string): ReadDocument => {
  const { document } = parseHTML(/<html[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`)
  const title =
    document.querySelector('title')?.textContent?.trim() ?? document.querySelector('h1')?.textContent?.trim()
  for (const element of document.querySelectorAll(FURNITURE)) element.remove()
  return {
    title: title || null,
    markdown: turndown.turndown(document.body as unknown as Parameters<typeof turndown.turndown>[0]),
  }
}

const readPdf = async (bytes: Uint8Array): Promise<ParseResult> => {
  const pdf = await getDocumentProxy(bytes, { isEvalSupported: false, maxImageSize: 1_000_000, stopAtErrors: false })
  if (pdf.numPages > PAGES_LIMIT) return { failure: 'source_too_large' }
  const { info } = await getMeta(pdf).catch(() => ({ info: {} as Record<string, unknown> }))
  const { text } = await extractText(pdf, { mergePages: false })
  const pages = text.map(page => clean(page))
  const title = typeof info.Title === 'string' && info.Title.trim() !== '' ? info.Title : null
  return { document: { title, markdown: pages.join('\n\n'), pages } }
}

/** What PostgreSQL and JSON can keep. */
const clean = (text: string): string => text.replaceAll('\0', ' ').replace(/\r\n?/g, '\n').toWellFormed()

const readTask = async (task: ParseTask): Promise<ParseResult> => {
  if (task.media_type === 'application/pdf') return readPdf(task.bytes)
  const text = clean(decode(task))
  if (task.media_type !== 'text/html') return { document: { title: null, markdown: text } }
  const { title, markdown } = readHtml(text)
  return { document: { title, markdown: clean(markdown) } }
}

parentPort?.on('message', async (task: ParseTask) => {
  const result = await readTask(task).catch((): ParseResult => ({ failure: 'source_unreadable' }))
  parentPort?.postMessage(result)
})
parentPort?.postMessage(READY)
