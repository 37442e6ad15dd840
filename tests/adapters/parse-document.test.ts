/** Documents as they come, and those that are made to do harm. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PARSE_LIMITS, parseDocument } from '#adapters/parse-document.ts'
import { DocumentFault } from '#app/document-reader.ts'
import type { SourceFailureCode } from '#core/source-failure.ts'
import { makePdf } from '#tests/adapters/make-pdf.ts'

const never = new AbortController().signal
const read = (bytes: Buffer | string, media_type: string, limits = PARSE_LIMITS, charset: string | null = null) =>
  parseDocument({ bytes: Buffer.from(bytes as string), media_type, charset }, limits, never)
const fails = (code: SourceFailureCode) => (error: unknown) => error instanceof DocumentFault && error.code === code

test('HTML: the text with its headings and tables, without what is not text', async () => {
  const { title, markdown } = await read(
    `<!doctype html><html><head><title> Riverside </title><style>p{}</style></head><body>
      <nav><a href="/">Home</a></nav><h1>Hours</h1><p>Call <a href="tel:1">us</a>.</p>
      <table><tr><th>Monday</th><td>9–5</td></tr><tr><th>Sunday</th><td>closed</td></tr></table>
      <ul><li>Parking</li></ul><script>alert(1)</script><footer>12 Main Street</footer></body></html>`,
    'text/html',
  )
  assert.equal(title, 'Riverside')
  assert.match(markdown, /^# Hours\n\nCall us\.\n\nMonday \| 9–5\nSunday \| closed\n\n-\s+Parking\n\n12 Main Street$/)
})

test('HTML in the encoding that was said, or that it says itself', async () => {
  const page = (meta: string) => Buffer.from(`<html><head>${meta}</head><body>Zürich</body></html>`, 'latin1')
  assert.equal((await read(page(''), 'text/html', PARSE_LIMITS, 'iso-8859-1')).markdown, 'Zürich')
  assert.equal((await read(page('<meta charset="iso-8859-1">'), 'text/html')).markdown, 'Zürich')
  assert.equal((await read('Zürich', 'text/html', PARSE_LIMITS, 'no-such-charset')).markdown, 'Zürich')
})

test('text: what PostgreSQL cannot keep is no part of it', async () => {
  assert.equal((await read('a\0b\r\nc', 'text/plain')).markdown, 'a b\nc')
})

test('PDF: the texts of its pages', async () => {
  const { title, pages } = await read(
    makePdf([['Cleaning $90', 'Whitening $250'], ['Parking is free']]),
    'application/pdf',
  )
  assert.equal(title, 'Price list')
  assert.equal(pages?.length, 2)
  assert.match(pages?.[0] ?? '', /Cleaning \$90\s+Whitening \$250/)
  assert.match(pages?.[1] ?? '', /Parking is free/)
})

test('what is no PDF is unreadable', async () => {
  for (const bytes of ['', 'hello', '%PDF-1.7\n', makePdf([['x']]).subarray(0, 60)])
    await assert.rejects(read(bytes, 'application/pdf'), fails('source_unreadable'))
})

test('HTML nested a hundred thousand deep is answered, and the next page is read', async () => {
  const deep = await read('<div>'.repeat(100_000), 'text/html', { ...PARSE_LIMITS, time_ms: 1500 }).catch(
    (error: unknown) => error,
  )
  assert.ok(!(deep instanceof Error) || deep instanceof DocumentFault)
  assert.equal((await read('<p>still here</p>', 'text/html')).markdown, 'still here')
})

test('a document that takes too long is ended, and the next one is read', async () => {
  const limits = { ...PARSE_LIMITS, time_ms: 300 }
  const endless = makePdf([Buffer.from('BT /F1 12 Tf (x) Tj ET '.repeat(1_500_000))])
  await assert.rejects(read(endless, 'application/pdf', limits), fails('source_too_slow'))
  assert.equal((await read('<p>still here</p>', 'text/html', PARSE_LIMITS)).markdown, 'still here')
})

test('a PDF that unpacks to a gigabyte is ended before it has', async () => {
  const before_bytes = process.memoryUsage.rss()
  const bomb = makePdf([Buffer.alloc(700 * 1024 * 1024, ' ')])
  const limits = { ...PARSE_LIMITS, heap_mb: 64, buffers_mb: 100, time_ms: 20_000 }
  assert.ok(bomb.length < 2_000_000)
  const outcome = await read(bomb, 'application/pdf', limits).catch((error: unknown) => error)
  assert.ok(outcome instanceof DocumentFault, JSON.stringify(outcome)?.slice(0, 200))
  assert.ok(process.memoryUsage.rss() - before_bytes < 1500 * 1024 * 1024)
})

test('whoever no longer wants to know is not kept waiting', async () => {
  const over = new AbortController()
  const bytes = makePdf([Buffer.from('BT /F1 12 Tf (x) Tj ET '.repeat(1_500_000))])
  const reading = parseDocument({ bytes, media_type: 'application/pdf', charset: null }, PARSE_LIMITS, over.signal)
  over.abort(new Error('enough'))
  await assert.rejects(reading, /enough/)
})

test('ten at once are all read', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, (_, nth) => read(`<p>page ${nth}</p>`, 'text/html')))
  assert.deepEqual(
    all.map(({ markdown }) => markdown),
    Array.from({ length: 10 }, (_, nth) => `page ${nth}`),
  )
})
