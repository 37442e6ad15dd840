/** Random and mutated datagrams against a live endpoint: it lives, stays quiet inside, and goes on answering calls. */
import assert from 'node:assert/strict'
import { type Endpoint, headerOf, openEndpoint, request, statusOf, toTagOf } from '#tests/sip/endpoint.ts'
import { invalid_messages } from '#tests/sip/torture/invalid.ts'
import { sdp } from '#tests/sip/torture/message.ts'
import { semantic_messages } from '#tests/sip/torture/semantics.ts'
import { valid_messages } from '#tests/sip/torture/valid.ts'

/** Mulberry32: small, seeded, good enough to choose bytes with. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pieces = [
  ...[
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '<',
    '>',
    '"',
    '\\',
    '@',
    '%',
    '%00',
    '%ZZ',
    '?',
    '=',
    ';;',
    '\xff',
    '\xc3\x28',
  ],
  ...[
    '-1',
    '0',
    '4294967296',
    '99999999999999999999',
    'SIP/2.0',
    'SIP/3.0',
    'sip:',
    'tel:',
    'sip:@',
    ';lr',
    ';tag=',
    ';branch=z9hG4bK',
    ';rport',
    ';rport=0',
  ],
  ...[
    'INVITE',
    'ACK',
    'BYE',
    'CANCEL',
    'OPTIONS',
    'INFO',
    'Via: SIP/2.0/UDP x',
    'Content-Length: 5',
    'l: 1',
    'Route: <sip:a>',
    'Record-Route: <sip:b;lr>',
  ],
  ...['Require: x', 'A'.repeat(300), '('.repeat(200), ' \r\n '.repeat(50), ';a=b'.repeat(200)],
]

/** Whole dialogs among the single messages, so that mutations reach the machines behind the parser. */
function seedCorpus(port: number): string[] {
  const offer = sdp.join('\r\n')
  const lone = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'INFO', 'UPDATE', 'REGISTER', 'PRACK']
  const torture = [...valid_messages, ...invalid_messages, ...semantic_messages]
  return [
    ...lone.map(method => request(method, { port, body: method === 'INVITE' ? offer : '' })),
    ...lone.map(method => request(method, { port, to_tag: 'fuzz', cseq: 2 })),
    ...torture.map(message => message.raw),
  ]
}

function mutate(text: string, corpus: readonly string[], random: () => number): string {
  const pick = (below: number) => Math.floor(random() * below)
  let mutated = text
  for (let left = 1 + pick(6); left > 0; left -= 1) {
    const at = pick(mutated.length + 1)
    const to = Math.min(mutated.length, at + 1 + pick(random() < 0.9 ? 12 : 400))
    const kind = pick(7)
    if (kind === 0) mutated = mutated.slice(0, at) + String.fromCharCode(pick(256)) + mutated.slice(at + 1)
    else if (kind === 1) mutated = mutated.slice(0, at) + mutated.slice(to)
    else if (kind === 2) mutated = mutated.slice(0, at) + (pieces[pick(pieces.length)] ?? '') + mutated.slice(at)
    else if (kind === 3) mutated = mutated.slice(0, to) + mutated.slice(at, to).repeat(1 + pick(4)) + mutated.slice(to)
    else if (kind === 4) mutated = mutated.slice(0, at) + (corpus[pick(corpus.length)] ?? '').slice(pick(600))
    else if (kind === 5) mutated = mutated.slice(0, at)
    else mutated = swapLines(mutated, pick)
  }
  return mutated.slice(0, 20_000)
}

function swapLines(text: string, pick: (below: number) => number): string {
  const lines = text.split('\r\n')
  const one = pick(lines.length)
  const other = pick(lines.length)
  ;[lines[one], lines[other]] = [lines[other] ?? '', lines[one] ?? '']
  return lines.join('\r\n')
}

function noise(random: () => number): string {
  let text = ''
  for (let left = Math.floor(random() * 200); left > 0; left -= 1)
    text += String.fromCharCode(Math.floor(random() * 256))
  return text
}

const batch = 50

/**
 * Sends `datagrams` and, after each thousand, places a call that must be answered and ended properly. Rejects with an
 * AssertionError that names the seed. Timers run too: time moves on with every batch.
 */
export async function fuzzSip({
  datagrams,
  seed,
}: {
  readonly datagrams: number
  readonly seed: number
}): Promise<{ readonly calls: number; readonly answers: number }> {
  const random = seededRandom(seed)
  const endpoint = await openEndpoint(call => {
    const events = { cancelled() {}, confirmed() {}, reoffer: () => 'v=0\r\n', dtmf() {}, ended() {} }
    const die = random()
    if (call.call_id.startsWith('alive-') || die < 0.6) call.answer('v=0\r\n')
    else if (die < 0.8) call.refuse(302, { headers: [['Contact', '<sip:elsewhere@127.0.0.1>']] })
    else if (die < 0.9) call.ringing()
    return events
  })
  const corpus = seedCorpus(endpoint.port)
  let answers = 0
  let calls = 0
  try {
    for (let sent = 1; sent <= datagrams; sent += 1) {
      endpoint.send(
        random() < 0.05 ? noise(random) : mutate(corpus[Math.floor(random() * corpus.length)] ?? '', corpus, random),
      )
      if (sent % batch !== 0 && sent !== datagrams) continue
      const answered = await endpoint.received()
      answers += answered.length
      learn(corpus, answered, endpoint.port)
      endpoint.timers.advance(250)
      if (sent % 1000 !== 0 && sent !== datagrams) continue
      calls += 1
      await callIsAnswered(endpoint, calls, `seed ${seed}, after ${sent} datagrams`)
    }
  } finally {
    await endpoint.close()
  }
  return { calls, answers }
}

/** Requests inside of the dialogs that the mutants have opened: a slot of the corpus is theirs. */
function learn(corpus: string[], answered: readonly string[], port: number): void {
  const success = answered.find(answer => statusOf(answer) === 200 && headerOf(answer, 'CSeq').endsWith('INVITE'))
  if (success === undefined) return
  const dialog = {
    port,
    call_id: headerOf(success, 'Call-ID'),
    to_tag: toTagOf(success),
    from_tag: /;tag=([^;\s]+)/.exec(headerOf(success, 'From'))?.[1] ?? '',
  }
  const methods = ['ACK', 'INVITE', 'INFO', 'BYE', 'OPTIONS'] as const
  methods.forEach((method, index) => {
    corpus[index] = request(method, {
      ...dialog,
      cseq: method === 'ACK' ? 1 : index + 1,
      branch: `z9hG4bK-learned-${index}`,
    })
  })
}

async function callIsAnswered(endpoint: Endpoint, number: number, where: string): Promise<void> {
  const call_id = `alive-${number}`
  const own = (text: string) => headerOf(text, 'Call-ID') === call_id
  const parts = { call_id, port: endpoint.port }
  const invited = (
    await endpoint.ask(request('INVITE', { ...parts, branch: `z9hG4bKa${number}`, body: sdp.join('\r\n') }))
  ).filter(own)
  assert.deepEqual(invited.map(statusOf), [200], `no answer to a call: ${where}`)
  const to_tag = toTagOf(invited[0])
  endpoint.send(request('ACK', { ...parts, branch: `z9hG4bKb${number}`, to_tag }))
  const ended = (await endpoint.ask(request('BYE', { ...parts, branch: `z9hG4bKc${number}`, to_tag, cseq: 2 }))).filter(
    own,
  )
  assert.deepEqual(ended.map(statusOf), [200], `no answer to BYE: ${where}`)
  assert.deepEqual(endpoint.errors, [], where)
}
