/** Knowledge bases on a real database: what is found, what stays, what is kept apart. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { boundTo, transact } from '#app/context.ts'
import { askKnowledgeBase, createKnowledgeBase, lookUp, makeKnowledgeBase } from '#app/knowledge.ts'
import { addPages } from '#app/knowledge-content.ts'
import { addSource, deleteSource, getSource } from '#app/knowledge-sources.ts'
import { Refused } from '#app/refused.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
before(async () => {
  t = await startTestApp()
})
after(() => t.close())

const ours = () => boundTo(t.app, t.caller.organization_id)
const make = async (language = 'en') =>
  (await makeKnowledgeBase(ours(), t.caller, { name: 'Riverside', description: null, language })).id

const SITE = [
  {
    url: 'https://riverside.example/',
    title: 'Riverside Dental',
    markdown: '# Riverside Dental\n\nWe are a family practice. We look after the teeth of patients of every age.',
  },
  {
    url: 'https://riverside.example/hours',
    title: 'Opening hours',
    markdown: '# Opening hours\n\nMonday to Friday, 9 am to 5 pm. Saturday by appointment. We are closed on Sundays.',
  },
  {
    url: 'https://riverside.example/prices',
    title: 'Prices',
    markdown:
      '# Prices\n\n## Cleaning\n\nA cleaning costs $90.\n\n## Whitening\n\nWhitening costs $250 and takes an hour.',
  },
  {
    url: 'https://riverside.example/team',
    title: 'Our team',
    markdown: '# Our team\n\nDr. Ann Müller looks after patients since 2004. Dr. Lee looks after children.',
  },
]

const addSite = (id: string, pages = SITE) => transact(ours(), tx => addPages(tx, t.caller.organization_id, id, pages))
const first = async (id: string, query: string) => {
  const { passages, corrections } = await askKnowledgeBase(ours(), t.caller, id, query, 5)
  return { url: passages[0]?.place.url?.replace('https://riverside.example', ''), passages, corrections }
}

/** Counts as they are kept against counts as they are. */
const assertCounted = async (id: string): Promise<void> => {
  const { rows } = await sql<{ word: string; kept: number | null; is: number | null }>`
    with counted as (
      select word, count(*)::int as chunk_count from knowledge_chunks c,
        unnest(tsvector_to_array(knowledge_vector('simple', heading || ' ' || body))) word
      where c.knowledge_base_id = ${id} and knowledge_vector(c.search_configuration, word) <> '' group by word)
    select coalesce(k.word, c.word) as word, k.chunk_count as kept, c.chunk_count as is
    from (select * from knowledge_words where knowledge_base_id = ${id}) k full join counted c on c.word = k.word
    where k.chunk_count is distinct from c.chunk_count`.execute(t.app.db)
  assert.deepEqual(rows, [])
  const chunks = await sql<{ same: boolean }>`select chunk_count = (select count(*) from knowledge_chunks c
    where c.knowledge_base_id = b.id) as same from knowledge_bases b where id = ${id}`.execute(t.app.db)
  assert.deepEqual(chunks.rows, [{ same: true }])
}

describe('looking up', () => {
  let id: string
  before(async () => {
    id = await make()
    await addSite(id)
  })
  for (const [query, url] of [
    ['What are your opening hours?', '/hours'],
    ['when do you open on saturday', '/hours'],
    ['How much is a cleaning?', '/prices'],
    ['whitening price', '/prices'],
    ['Who looks after children?', '/team'],
    ['Dr Muller', '/team'],
    ['openning houers', '/hours'],
    ['whitning', '/prices'],
    ['wihtening', '/prices'],
  ] as const)
    test(`${query} → ${url}`, async () => {
      const found = await first(id, query)
      assert.equal(found.url, url, JSON.stringify(found.passages))
      for (const { score } of found.passages) assert.ok(score > 0 && score <= 1, String(score))
    })
  test('a passage says where it stands', async () => {
    const { passages } = await first(id, 'whitening')
    assert.deepEqual(passages[0]?.place, {
      title: 'Prices',
      url: 'https://riverside.example/prices',
      file: null,
      page: null,
      heading: 'Whitening',
      offset: 46,
    })
    assert.equal(passages[0]?.text, '## Whitening\n\nWhitening costs $250 and takes an hour.')
  })
  test('a misspelt word is said with what it was read as', async () => {
    assert.deepEqual((await first(id, 'whitning')).corrections, [{ asked: 'whitning', meant: 'whitening' }])
  })
  for (const query of ['the of and', '???', "' & | ! ( :* \\", 'zzzzzz', ' ', '😀', '90 95 17'])
    test(`${JSON.stringify(query)} is answered`, async () => {
      const { passages } = await first(id, query)
      assert.ok(passages.length <= 5)
    })
  test('as many as are asked for, over several collections, the best first', async () => {
    const other = await make()
    await addSite(other)
    const { passages } = await lookUp(ours(), t.caller.organization_id, [id, other, id], 'opening hours', 3)
    assert.deepEqual(
      passages
        .slice(0, 2)
        .map(passage => passage.knowledge_base_id)
        .sort(),
      [id, other].sort(),
    )
    assert.ok(passages.length <= 3)
  })
})

test('a collection is found however its id is written', async () => {
  const id = await make()
  await addSite(id)
  const { passages } = await lookUp(ours(), t.caller.organization_id, [id.toUpperCase()], 'openning houers', 5)
  assert.match(passages[0]?.text ?? '', /9 am to 5 pm/)
})

test('of a question full of misspelt words a few are read as others', async () => {
  const id = await make('simple')
  const words = Array.from({ length: 20 }, (_, nth) => String.fromCharCode(97 + nth).repeat(4) + 'woodland')
  await addSite(id, [{ url: 'https://a.example/', title: 'Places', markdown: words.join(' ') }])
  const { corrections } = await first(id, words.map(word => word.replace('land', 'lnad')).join(' '))
  assert.equal(corrections.length, 8)
})

describe('languages', () => {
  test('words are found in all their forms', async () => {
    const id = await make('de-CH')
    await addSite(id, [
      { url: 'https://a.example/', title: 'Zeiten', markdown: 'Unsere Öffnungszeiten: Montags geöffnet.' },
    ])
    assert.equal((await first(id, 'Ist montag geöffnet?')).passages.length, 1)
  })
  test('scripts without spaces are searched by characters', async () => {
    const id = await make('ja')
    const page = { url: 'https://a.example/', title: '案内', markdown: '当院の営業時間は九時から五時までです。' }
    await addSite(id, [page, { url: 'https://a.example/2', title: '料金', markdown: 'クリーニングは九千円です。' }])
    assert.equal((await first(id, '営業時間')).passages[0]?.place.title, '案内')
  })
})

describe('what a source says', () => {
  test('the same again changes nothing; something else replaces it; counts stay true', async () => {
    const id = await make()
    await addSite(id)
    await assertCounted(id)
    const ids = async () =>
      (
        await sql<{ id: string }>`select id from knowledge_chunks where knowledge_base_id = ${id} order by id`.execute(
          t.app.db,
        )
      ).rows
    const before_it = await ids()
    await addSite(id)
    assert.deepEqual(await ids(), before_it)
    const changed = SITE.map(page => ({ ...page, markdown: page.markdown.replace('$90', '$95') }))
    await addSite(id, changed)
    assert.equal((await ids()).length, before_it.length)
    assert.notDeepEqual(await ids(), before_it)
    await assertCounted(id)
    assert.match((await first(id, 'cleaning')).passages[0]?.text ?? '', /\$95/)
  })
  test('a text is found at once, and gone with its source', async () => {
    const id = await make()
    const input = { kind: 'text', title: 'Parking', text: 'Park behind the house.', media_type: 'text/plain' } as const
    const source = await addSource(ours(), t.caller, id, input)
    assert.equal(source.state, 'ready')
    assert.ok(source.read_at)
    assert.equal((await first(id, 'parking')).passages.length, 1)
    await deleteSource(ours(), t.caller, id, source.id)
    assert.equal((await first(id, 'parking')).passages.length, 0)
    await assertCounted(id)
    await assert.rejects(getSource(ours(), t.caller, id, source.id), Refused)
  })
  test('twenty at once in one collection are all kept', async () => {
    const id = await make()
    await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        addSource(ours(), t.caller, id, {
          ...{ kind: 'text', title: `Text ${nth}`, media_type: 'text/plain' },
          text: `Room ${nth} has a window, a door and number${nth}.`,
        }),
      ),
    )
    await assertCounted(id)
    assert.equal((await first(id, 'number7')).passages[0]?.place.title, 'Text 7')
  })
})

test('nothing is found in a collection of somebody else', async () => {
  const { caller } = await t.organization('Other')
  const theirs = boundTo(t.app, caller.organization_id)
  const id = await transact(theirs, async tx => {
    const base = await createKnowledgeBase(tx, caller, { name: 'x', description: null, language: 'en' })
    await addPages(tx, caller.organization_id, base.id, SITE)
    return base.id
  })
  assert.equal((await lookUp(theirs, caller.organization_id, [id], 'opening hours', 5)).passages.length > 0, true)
  assert.deepEqual(await lookUp(ours(), t.caller.organization_id, [id], 'opening hours', 5), {
    passages: [],
    corrections: [],
  })
  await assert.rejects(askKnowledgeBase(ours(), t.caller, id, 'hours', 5), Refused)
})
