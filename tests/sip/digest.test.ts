/** Digest authentication from both ends: the RFCs' own examples, what the server takes and what it does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { credentialsOf } from '#app/trunk-secrets.ts'
import type { IncomingCall } from '#core/call.ts'
import type { TrunkRoute } from '#core/routing-table.ts'
import { type DigestAlgorithm, digestHash, digestResponse, parseDigest, quoted } from '#voice/sip/digest.ts'
import { answerChallenge, isStale } from '#voice/sip/digest-client.ts'
import { digestNonces, NONCE_LIFE_MS } from '#voice/sip/digest-nonce.ts'
import { createDigestServer } from '#voice/sip/digest-server.ts'
import { headersOf } from '#voice/sip/message.ts'

const SOURCE = { address: '192.0.2.7', port: 5060, transport: 'udp' } as const
const URI = 'sip:+15551234567@sip.example.com'

test('RFC 7616 3.9.1: the examples in MD5 and SHA-256', () => {
  const auth = { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' }
  const asked = { method: 'GET', uri: '/dir/index.html', nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v', auth }
  const expected = {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  } as const
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    const ha1 = digestHash(algorithm, 'Mufasa:http-auth@example.org:Circle of Life')
    assert.equal(digestResponse({ ...asked, algorithm }, ha1), expected[algorithm])
  }
})

test('parameters are read whatever their order, case and quotes; what cannot be read is nothing', () => {
  const read = (text: string) => {
    const values = parseDigest(text)
    return values && Object.fromEntries(values)
  }
  assert.deepEqual(read('digest Realm="a, \\"b\\"" ,qop=auth,\tnc=00000001'), {
    realm: 'a, "b"',
    qop: 'auth',
    nc: '00000001',
  })
  for (const text of [
    'Basic abc',
    'Digest',
    'Digest realm',
    'Digest realm="a',
    'Digest a=1, a=2',
    'Digest a=1;b=2',
    '',
  ])
    assert.deepEqual(read(text) ?? {}, {}, text)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      assert.equal(parseDigest(`Digest realm=${quoted(text)}`)?.get('realm'), text)
      parseDigest(`Digest ${text}`)
    }),
  )
})

const trunk = (id: string, username: string, password: string): TrunkRoute => ({
  id,
  organization_id: id,
  accepts: [],
  transports: ['udp'],
  credentials: credentialsOf(username, password),
  forwarding: 'redirect',
  outbound: null,
})
const ANN = trunk('ann', 'ann', 'correct horse')
const BOB = trunk('bob', 'bob', 'battery staple')

const callWith = (authorization: readonly string[], address: string = SOURCE.address): IncomingCall => ({
  call_id: 'c',
  source: { ...SOURCE, address },
  user: '+15551234567',
  request_uri: URI,
  from_user: null,
  asserted_user: null,
  codecs: ['PCMU'],
  authorization,
  x_headers: {},
})

const open = (algorithms: readonly DigestAlgorithm[] = ['SHA-256', 'MD5']) => {
  let now_ms = Date.parse('2026-11-22T12:00:00Z')
  const server = createDigestServer({ clock: { now_ms: () => now_ms }, key: Buffer.alloc(32, 'k'), algorithms })
  const challenged = (stale = false) => {
    const challenges = server.challenges(SOURCE, stale)
    return headersOf({ fields: challenges.map(value => ['www-authenticate', value] as const) })
  }
  const ask = (authorization: readonly string[], trunks: readonly TrunkRoute[] = [ANN, BOB], address?: string) => {
    const proof = server.authenticate(callWith(authorization, address), trunks)
    return proof.kind === 'proven' ? proof.trunks.map(({ id }) => id) : proof.reason
  }
  /** The Authorization that a client of ours makes, to a challenge of any algorithm. */
  const answer = (username: string, password: string, headers = challenged()) =>
    answerChallenge({ status: 401, headers }, { method: 'INVITE', uri: URI }, { username, password })?.[1] ?? ''
  const pass = (ms: number): void => {
    now_ms += ms
  }
  return { server, challenged, ask, answer, pass }
}

test('algorithms are offered in their order, and taken', () => {
  const { server, ask, answer } = open()
  const challenges = server.challenges(SOURCE, false)
  assert.deepEqual(
    challenges.map(text => parseDigest(text)?.get('algorithm')),
    ['SHA-256', 'MD5'],
  )
  for (const challenge of challenges) {
    const values = parseDigest(challenge)
    assert.deepEqual([values?.get('realm'), values?.get('qop'), values?.get('stale')], ['patchcord', 'auth', undefined])
    const headers = headersOf({
      fields: [['www-authenticate', server.challenges(SOURCE, false)[challenges.indexOf(challenge)] ?? '']],
    })
    assert.deepEqual(ask([answer('ann', 'correct horse', headers)]), ['ann'])
  }
})

test('what was not offered is not taken', () => {
  const { challenged, ask, answer } = open(['SHA-256'])
  assert.equal(challenged().all('www-authenticate').length, 1)
  const nonce = /nonce="([^"]+)"/.exec(challenged().get('www-authenticate') ?? '')?.[1]
  const weaker = headersOf({ fields: [['www-authenticate', `Digest realm="patchcord", nonce="${nonce}", qop="auth"`]] })
  assert.equal(ask([answer('ann', 'correct horse', weaker)]), 'credentials_missing')
  assert.deepEqual(ask([answer('ann', 'correct horse')]), ['ann'])
})

test('whose credentials they are is found; a shared name and password are both', () => {
  const { ask, answer } = open()
  assert.deepEqual(ask([answer('bob', 'battery staple')]), ['bob'])
  assert.deepEqual(ask([answer('ann', 'correct horse')], [ANN, trunk('twin', 'ann', 'correct horse')]), ['ann', 'twin'])
  assert.deepEqual(ask([answer('ann', 'other word')], [ANN, trunk('namesake', 'ann', 'other word')]), ['namesake'])
})

test('what is not an answer to us is none', () => {
  const { ask, answer } = open()
  assert.equal(ask([]), 'credentials_missing')
  const good = answer('ann', 'correct horse')
  const broken = [
    'Basic YW5uOmNvcnJlY3QgaG9yc2U=',
    good.replace('realm="patchcord"', 'realm="elsewhere"'),
    good.replace('qop=auth', 'qop=auth-int'),
    good.replace('nc=00000001', 'nc=1'),
    good.replace(/cnonce="\w+"/, ''),
    good.replace('SHA-256', 'SHA-512-256'),
    good.replace(/response="\w+", /, ''),
  ]
  for (const header of broken) assert.equal(ask([header]), 'credentials_missing', header)
  assert.deepEqual(ask([...broken, good]), ['ann'], 'ours may stand beside others’')
})

test('wrong in any part is wrong', () => {
  const { ask, answer } = open()
  assert.equal(ask([answer('ann', 'Correct horse')]), 'credentials_wrong')
  assert.equal(ask([answer('Ann', 'correct horse')]), 'credentials_wrong')
  assert.equal(ask([answer('ann', 'battery staple')]), 'credentials_wrong')
  assert.equal(ask([answer('ann', 'correct horse').replace('username="ann"', 'username="eve"')]), 'credentials_wrong')
  assert.equal(ask([answer('ann', 'correct horse').replace(URI, 'sip:+4900000000@x')]), 'credentials_wrong')
  assert.equal(ask([answer('ann', 'correct horse').replace(/response="../, 'response="')]), 'credentials_wrong')
})

test('an answer is good once, for five minutes, from where it was asked for', () => {
  const { ask, answer, pass, challenged } = open()
  const first = answer('ann', 'correct horse')
  assert.deepEqual(ask([first]), ['ann'])
  assert.equal(ask([first]), 'credentials_stale', 'replayed')
  const elsewhere = answer('ann', 'correct horse')
  assert.equal(ask([elsewhere], [ANN], '192.0.2.8'), 'credentials_stale', 'from another address')
  const late = answer('ann', 'correct horse')
  pass(NONCE_LIFE_MS + 1)
  assert.equal(ask([late]), 'credentials_stale', 'too late')
  const forged = answer(
    'ann',
    'correct horse',
    headersOf({ fields: [['www-authenticate', 'Digest realm="patchcord", nonce="mfx.0011.x", qop="auth"']] }),
  )
  assert.equal(ask([forged]), 'credentials_stale', 'not our nonce')
  assert.ok(isStale(challenged(true)) && !isStale(challenged(false)))
})

test('a nonce serves again with a higher count, and without counts once', () => {
  const { server, ask } = open()
  const nonce = parseDigest(server.challenges(SOURCE, false)[1] ?? '')?.get('nonce') ?? ''
  const ha1 = ANN.credentials?.md5 ?? ''
  const header = (nc: string | null, of = nonce) => {
    const auth = nc === null ? null : { nc, cnonce: 'c' }
    const response = digestResponse({ algorithm: 'MD5', method: 'INVITE', uri: URI, nonce: of, auth }, ha1)
    const counted = nc === null ? '' : `, qop=auth, nc=${nc}, cnonce="c"`
    return `Digest username="ann", realm="patchcord", nonce="${of}", uri="${URI}", response="${response}"${counted}`
  }
  for (const nc of ['00000001', '00000002', '0000000a']) assert.deepEqual(ask([header(nc)]), ['ann'], nc)
  for (const nc of ['00000003', '0000000a', '00000000']) assert.equal(ask([header(nc)]), 'credentials_stale', nc)
  assert.deepEqual(ask([header(null)]), ['ann'])
  assert.equal(ask([header(null)]), 'credentials_stale')
  assert.equal(ask([header('ffffffff')]), 'credentials_stale')
})

test('ten wrong passwords block a source, not others; a right one among them helps nothing; it is forgiven', () => {
  const { ask, answer, pass } = open()
  for (let tries = 0; tries < 10; tries++) assert.equal(ask([answer('ann', `guess ${tries}`)]), 'credentials_wrong')
  assert.equal(ask([answer('ann', 'correct horse')]), 'credentials_blocked')
  assert.equal(ask([]), 'credentials_missing', 'whoever sends none is told as ever')
  pass(6100)
  assert.deepEqual(ask([answer('ann', 'correct horse')]), ['ann'])
  assert.equal(ask([answer('ann', 'another guess')]), 'credentials_wrong')
  assert.equal(ask([answer('ann', 'correct horse')]), 'credentials_blocked')
})

test('whoever has a /64 of IPv6 is one source, however many of its addresses guess', () => {
  const { server, ask, answer } = open()
  const asked = (address: string) => {
    const fields = server.challenges({ ...SOURCE, address }, false).map(value => ['www-authenticate', value] as const)
    return headersOf({ fields })
  }
  const guess = (address: string, password: string) => ask([answer('ann', password, asked(address))], [ANN], address)
  for (let tries = 0; tries < 10; tries++)
    assert.equal(guess(`2001:db8:0:1::${tries}`, `guess ${tries}`), 'credentials_wrong')
  assert.equal(guess('2001:db8:0:1:ffff::1', 'correct horse'), 'credentials_blocked')
  assert.deepEqual(guess('2001:db8:0:2::1', 'correct horse'), ['ann'])
})

test('answers to forged nonces cannot block anybody, and learn nothing', () => {
  const { ask, answer } = open()
  const headers = headersOf({ fields: [['www-authenticate', 'Digest realm="patchcord", nonce="a.b.c", qop="auth"']] })
  for (let tries = 0; tries < 50; tries++)
    assert.equal(ask([answer('ann', `guess ${tries}`, headers)]), 'credentials_stale')
  assert.equal(ask([answer('ann', 'correct horse', headers)]), 'credentials_stale')
  assert.deepEqual(ask([answer('ann', 'correct horse')]), ['ann'])
})

test('what is used is remembered within bounds, and what is forgotten cannot come again', () => {
  let now_ms = 1_000_000
  const nonces = digestNonces(Buffer.alloc(32), () => now_ms)
  const first = nonces.make('a')
  assert.equal(nonces.use(first, 'a', 1), true)
  now_ms += 1
  for (let count = 0; count < 20_000; count++) assert.equal(nonces.use(nonces.make('a'), 'a', 1), true)
  assert.equal(nonces.use(first, 'a', 1), false)
  assert.equal(nonces.use(first, 'a', 2), false, 'forgotten, so old')
  assert.equal(nonces.use(nonces.make('a'), 'a', 1), true)
})

test('a client answers what it can, proxies too, and gives up at what it cannot', () => {
  const answerTo = (status: number, ...challenges: string[]) => {
    const name = status === 407 ? 'proxy-authenticate' : 'www-authenticate'
    const headers = headersOf({ fields: challenges.map(value => [name, value] as const) })
    return answerChallenge({ status, headers }, { method: 'INVITE', uri: URI }, { username: 'a"b', password: 'p' })
  }
  assert.equal(answerTo(407, 'Digest realm="x", nonce="n"')?.[0], 'proxy-authorization')
  const later = answerTo(
    401,
    'Digest realm="x", nonce="n", algorithm=SHA-512-256',
    'Digest realm="y", nonce="m", opaque="o"',
  )
  const values = parseDigest(later?.[1] ?? '')
  assert.deepEqual(
    ['realm', 'username', 'opaque', 'algorithm', 'qop'].map(name => values?.get(name)),
    ['y', 'a"b', 'o', 'MD5', undefined],
  )
  assert.equal(answerTo(401), null)
  assert.equal(
    answerTo(401, 'Digest realm="x", nonce="n", qop="auth-int"', 'Digest nonce="n"', 'Basic realm="x"'),
    null,
  )
})
