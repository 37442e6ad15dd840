/** Sources read in the background, from a server of the test's own, by a real worker. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { boundTo } from '#app/context.ts'
import { askKnowledgeBase, deleteKnowledgeBase, makeKnowledgeBase } from '#app/knowledge.ts'
import { addSource, deleteSource, getSource, refreshSource, type SourceInput } from '#app/knowledge-sources.ts'
import { Refused } from '#app/refused.ts'
import type { KnowledgeSource } from '#core/knowledge.ts'
import { makePdf } from '#tests/adapters/make-pdf.ts'
import { openReceiver, watchConnects } from '#tests/adapters/receiver.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { prepareQueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker, type Worker } from '#workflows/worker.ts'

let t: TestApp
let worker: Worker
before(async () => {
  t = await startTestApp({ outbound_allow: ['127.0.0.2'] })
  await prepareQueue(t.address)
  worker = await startWorker({ app: t.app, address: t.address, registry: workflowRegistry, concurrency: 2 })
})
after(async () => {
  await worker.stop(5000)
  await t.close()
})

const ours = () => boundTo(t.app, t.caller.organization_id)
const make = async () =>
  (await makeKnowledgeBase(ours(), t.caller, { name: 'x', description: null, language: 'en' })).id
const add = (id: string, input: SourceInput) => addSource(ours(), t.caller, id, input)
const find = async (id: string, query: string) =>
  (await askKnowledgeBase(ours(), t.caller, id, query, 5)).passages.map(({ text, place }) => ({ text, ...place }))

/** As a client would: by asking until it has been read. */
const settled = async (source: KnowledgeSource): Promise<KnowledgeSource> => {
  for (;;) {
    const now = await getSource(ours(), t.caller, source.knowledge_base_id, source.id)
    if (now.state === 'ready' || now.state === 'failed') return now
    await sleep(20)
  }
}

const page = (title: string, text: string): string =>
  `<html><head><title>${title}</title></head><body><nav>Menu</nav><h1>${title}</h1><p>${text}</p></body></html>`
const html = (response: ServerResponse, body: string): void => {
  response.setHeader('content-type', 'text/html; charset=utf-8').end(body)
}

test('a page is read, found, read again, and replaced only when it says something else', async test => {
  const bodies = ['A cleaning costs $90.', 'A cleaning costs $90.', 'A cleaning costs $95.']
  const server = await openReceiver(
    test,
    (response, nth) => html(response, page('Prices', bodies[nth - 1] ?? '')),
    '127.0.0.2',
  )
  const id = await make()
  const url = `http://127.0.0.2:${server.port}/prices`
  const queued = await add(id, { kind: 'url', title: null, url })
  assert.equal(queued.state, 'queued')
  const read = await settled(queued)
  assert.deepEqual([read.state, read.title, read.media_type, read.failure], ['ready', 'Prices', 'text/html', null])
  assert.deepEqual(await find(id, 'cleaning'), [
    {
      text: '# Prices\n\nA cleaning costs $90.',
      title: 'Prices',
      url,
      file: null,
      page: null,
      heading: null,
      offset: 0,
    },
  ])
  const chunkOf = async () => (await askKnowledgeBase(ours(), t.caller, id, 'cleaning', 1)).passages[0]?.chunk_id
  const first = await chunkOf()
  await settled(await refreshSource(ours(), t.caller, id, read.id))
  assert.equal(await chunkOf(), first)
  await settled(await refreshSource(ours(), t.caller, id, read.id))
  assert.notEqual(await chunkOf(), first)
  assert.match((await find(id, 'cleaning'))[0]?.text ?? '', /\$95/)
  await assert.rejects(
    add(id, { kind: 'url', title: null, url }),
    (error: Refused) => error.refusal.code === 'source_exists',
  )
})

test('a PDF file is found by its pages', async () => {
  const id = await make()
  const content = makePdf([['Parking behind the house'], ['Whitening takes an hour']])
  const file = { kind: 'file', title: null, file_name: 'list.pdf', media_type: 'application/pdf', content } as const
  const read = await settled(await add(id, file))
  assert.deepEqual([read.state, read.title, read.chunk_count], ['ready', 'Price list', 2])
  const [found] = await find(id, 'whitening')
  assert.deepEqual([found?.page, found?.file], [2, 'list.pdf'])
})

const FAILING: readonly (readonly [name: string, code: string, answer: (response: ServerResponse) => void])[] = [
  ['a missing page', 'source_status', response => response.writeHead(404).end()],
  ['an image', 'source_type', response => response.setHeader('content-type', 'image/png').end('x')],
  ['a page made by scripts', 'source_empty', response => html(response, '<div id="app"></div><script>run()</script>')],
  ['a redirect to itself', 'source_redirects', response => response.writeHead(302, { location: '/hook' }).end()],
  [
    'a redirect inside',
    'source_denied',
    response => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  [
    'a redirect to a file',
    'source_denied',
    response => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  ],
  [
    'a gigabyte by its length',
    'source_too_large',
    response => response.writeHead(200, { 'content-type': 'text/html', 'content-length': 2 ** 30 }).write('x'),
  ],
  [
    'a gzip bomb',
    'source_too_large',
    response =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
  ],
  [
    'a damaged PDF',
    'source_unreadable',
    response => response.setHeader('content-type', 'application/pdf').end('%PDF-1.4'),
  ],
  [
    'an unending page',
    'source_too_large',
    response => {
      response.setHeader('content-type', 'text/html')
      const more = (): void => {
        while (response.write(Buffer.alloc(1 << 20, 'x')));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    },
  ],
]

for (const [name, code, answer] of FAILING)
  test(`${name} fails with ${code}, and leaves nothing`, async test => {
    const server = await openReceiver(test, answer, '127.0.0.2')
    const id = await make()
    const read = await settled(await add(id, { kind: 'url', title: null, url: `http://127.0.0.2:${server.port}/hook` }))
    assert.deepEqual([read.state, read.failure?.code, read.chunk_count], ['failed', code, 0])
    assert.match(read.failure?.detail ?? '', /^[A-Z].+\.$/)
  })

test('a reading that fails leaves what an earlier one brought', async test => {
  const server = await openReceiver(
    test,
    (response, nth) => (nth === 1 ? html(response, page('Hours', 'Nine to five.')) : response.writeHead(410).end()),
    '127.0.0.2',
  )
  const id = await make()
  const read = await settled(await add(id, { kind: 'url', title: null, url: `http://127.0.0.2:${server.port}/` }))
  const again = await settled(await refreshSource(ours(), t.caller, id, read.id))
  assert.deepEqual([again.state, again.failure?.code, again.read_at], ['failed', 'source_status', read.read_at])
  assert.equal((await find(id, 'hours')).length, 1)
})

test('what is deleted while it is read stays deleted', async test => {
  const asked = Promise.withResolvers<ServerResponse>()
  const server = await openReceiver(test, response => asked.resolve(response), '127.0.0.2')
  const id = await make()
  const source = await add(id, { kind: 'url', title: null, url: `http://127.0.0.2:${server.port}/` })
  const response = await asked.promise
  await deleteSource(ours(), t.caller, id, source.id)
  html(response, page('Hours', 'Nine to five.'))
  await deleteKnowledgeBase(ours(), t.caller, id)
  await assert.rejects(getSource(ours(), t.caller, id, source.id), Refused)
})

const DENIED = [
  '127.0.0.1',
  'localhost',
  '2130706433',
  '0x7f.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '10.0.0.1',
  '169.254.169.254',
  '[fd00::1]',
  '0.0.0.0',
  '127.0.0.1.',
]

test('addresses that are not public are refused when they are given, and no socket is opened', async test => {
  const server = await openReceiver(test, response => response.end(), '0.0.0.0')
  const connects = watchConnects(test)
  const id = await make()
  const before_it = connects()
  for (const host of DENIED)
    for (const protocol of ['http', 'https', 'ftp', 'file'])
      await assert.rejects(
        add(id, { kind: 'url', title: null, url: `${protocol}://${host}:${server.port}/` }),
        (error: Refused) => error.refusal.code === 'source_url_refused',
        host,
      )
  for (const host of DENIED)
    await assert.rejects(ours().documents.fetch(`http://${host}:${server.port}/`, new AbortController().signal), {
      code: 'source_denied',
    })
  assert.deepEqual(server.called, [])
  // The database's own sockets, at most as many as its pools hold.
  assert.ok(connects() - before_it <= 16)
})
