/** RFC 4475 against a live endpoint: each message gets the right class of answer, and nobody hears of our inside. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Endpoint, headerOf, openEndpoint, statusOf } from '#tests/sip/endpoint.ts'
import { invalid_messages } from '#tests/sip/torture/invalid.ts'
import { semantic_messages } from '#tests/sip/torture/semantics.ts'
import { valid_messages } from '#tests/sip/torture/valid.ts'

const never = { cancelled() {}, confirmed() {}, reoffer: () => ({ status: 488 }), dtmf() {}, ended() {} }
let endpoint: Endpoint
before(async () => {
  endpoint = await openEndpoint(call => {
    call.refuse(486)
    return never
  })
})
after(() => endpoint.close())

for (const { section, name, raw, expected, why } of [...valid_messages, ...invalid_messages, ...semantic_messages]) {
  test(`${section} ${name}: ${expected}${why === undefined ? '' : ` (${why})`}`, async () => {
    const answers = await endpoint.ask(raw)
    const wanted = expected === 'silence' ? [] : [expected === 'call' ? 486 : expected]
    assert.deepEqual(answers.map(statusOf), wanted)
    assert.deepEqual(endpoint.errors, [])
    for (const answer of answers) assert.doesNotMatch(answer, /\.ts|Error:|node:|\/sip\/|at [A-Z]/)
  })
}

test('the refusals name what would do', async () => {
  const of = (name: string) =>
    [...valid_messages, ...semantic_messages].find(message => message.name === name)?.raw ?? ''
  assert.equal(headerOf((await endpoint.ask(of('bext01')))[0], 'Unsupported'), 'nobodyHasThis, norThis')
  assert.match(headerOf((await endpoint.ask(of('intmeth')))[0], 'Allow'), /INVITE/)
  assert.equal(headerOf((await endpoint.ask(of('cparam01')))[0], 'Allow'), 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO')
  assert.equal(headerOf((await endpoint.ask(of('invut')))[0], 'Accept'), 'application/sdp')
})
