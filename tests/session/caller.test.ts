import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCallerArguments } from '#voice/caller-arguments.ts'
import { answeredCaller, heard, nextDeed } from '#voice/caller-manners.ts'

const HOP = { host: '127.0.0.1', port: 5060 }

test('arguments: a number, a uri, and everything at once', () => {
  assert.deepEqual(parseCallerArguments(['+1 (555) 123-4567']), {
    target: 'sip:+15551234567@127.0.0.1:5060',
    next_hop: HOP,
    transport: 'udp',
    from: 'anonymous',
    credentials: null,
    say: null,
    record: null,
    dtmf: '',
    seconds: null,
  })
  assert.deepEqual(
    parseCallerArguments([
      'sip:agent@192.0.2.1:5070',
      '--from',
      '+15550001111',
      '--user',
      'carrier-1',
      '--password',
      'a b',
      '--say',
      'a.wav',
      '--record=b.wav',
      '--dtmf',
      '12#',
      '--transport',
      'tcp',
      '--seconds',
      '2.5',
    ]),
    {
      target: 'sip:agent@192.0.2.1:5070',
      next_hop: { host: '192.0.2.1', port: 5070 },
      transport: 'tcp',
      from: '+15550001111',
      credentials: { username: 'carrier-1', password: 'a b' },
      say: 'a.wav',
      record: 'b.wav',
      dtmf: '12#',
      seconds: 2.5,
    },
  )
  const elsewhere = parseCallerArguments(['sip:agent@example.com', '--host', 'localhost:5999'])
  assert.ok(typeof elsewhere !== 'string')
  assert.deepEqual(elsewhere.next_hop, { host: 'localhost', port: 5999 })
  assert.equal(elsewhere.target, 'sip:agent@example.com')
})

const WRONG: readonly [readonly string[], RegExp][] = [
  [[], /say whom to call/],
  [['+15551234567', '+15551234568'], /one number/],
  [['hello there'], /neither a number nor a sip: uri/],
  [['sip:agent@host:99999'], /neither/],
  [['100', '--host', 'a b'], /--host/],
  [['100', '--transport', 'tls'], /--transport/],
  [['100', '--dtmf', '12x'], /--dtmf/],
  [['100', '--from', 'a b'], /--from/],
  [['100', '--user', 'a'], /--user and --password/],
  [['100', '--password', 'a'], /--user and --password/],
  [['100', '--seconds', '0'], /--seconds/],
  [['100', '--seconds', 'ten'], /--seconds/],
  [['100', '--colour', 'red'], /--colour/],
  [['100', '--say'], /--say/],
]
for (const [argv, sentence] of WRONG) {
  test(`arguments that are wrong: ${argv.join(' ')}`, () => {
    const said = parseCallerArguments(argv)
    assert.ok(typeof said === 'string')
    assert.match(said, sentence)
  })
}

test('manners: waits for the greeting, speaks after it, hangs up when the line is quiet', () => {
  let caller = answeredCaller(0, null, true)
  assert.equal(nextDeed(caller, 5000), 'wait')
  caller = heard(caller, true, 5000)
  assert.equal(nextDeed(caller, 60_000), 'wait')
  caller = heard(caller, false, 9000)
  assert.equal(caller.heard_ms, 4000)
  assert.equal(nextDeed(caller, 10_999), 'wait')
  assert.equal(nextDeed(caller, 11_000), 'speak')
  caller = { ...caller, own_words: 'saying' }
  assert.equal(nextDeed(caller, 40_000), 'wait')
  caller = { ...caller, own_words: 'after', last_sound_ms: 41_000 }
  assert.equal(nextDeed(caller, 42_999), 'wait')
  assert.equal(nextDeed(caller, 43_000), 'hang_up')
})

test('manners: hangs up on a silent line, at its limit, and on one who never stops', () => {
  assert.equal(nextDeed(answeredCaller(0, null, false), 6000), 'hang_up')
  const limited = answeredCaller(0, 8000, false)
  assert.equal(nextDeed(limited, 7999), 'wait')
  assert.equal(nextDeed(heard(limited, true, 1000), 8000), 'hang_up')
  assert.equal(nextDeed(heard(answeredCaller(0, null, false), true, 10), 120_000), 'hang_up')
})
