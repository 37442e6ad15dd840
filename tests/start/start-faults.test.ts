/** Sockets that cannot be opened, in the words that Node has for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '#server/config.ts'
import { startSentence } from '#server/start-faults.ts'

const said = (message: string, env: Record<string, string>): string | null => {
  const result = readConfig(env, { is_root: false, working_dir: '/' })
  assert.ok(result.ok)
  return startSentence(new Error(message), result.config)
}

const ANY = { PORT: '0', SIP_PORT: '0' }

const CASES: readonly (readonly [string, Record<string, string>, string])[] = [
  ['listen EADDRINUSE: address already in use 127.0.0.1:8080', {}, 'Cannot serve HTTP on 127.0.0.1:8080: the port'],
  ['listen EADDRINUSE: address already in use ::1:8080', { HOST: '::1' }, 'Cannot serve HTTP on ::1:8080: the port'],
  ['bind EADDRINUSE 127.0.0.1:5060', {}, 'Cannot serve SIP on 127.0.0.1:5060: the port'],
  ['listen EACCES: permission denied 127.0.0.1:80', { PORT: '80' }, 'Cannot serve HTTP on 127.0.0.1:80: this user'],
  [
    'listen EADDRNOTAVAIL: address not available 10.9.9.9',
    { ...ANY, HOST: '10.9.9.9' },
    'Cannot serve HTTP on 10.9.9.9: this machine',
  ],
  ['bind EADDRNOTAVAIL 10.9.9.9', { ...ANY, SIP_HOST: '10.9.9.9' }, 'Cannot serve SIP on 10.9.9.9: this machine'],
  ['getaddrinfo ENOTFOUND no.such.host', { HOST: 'no.such.host' }, 'Cannot serve HTTP on no.such.host: that host name'],
]

for (const [message, env, sentence] of CASES)
  test(`${message} → ${sentence}`, () => {
    const found = said(message, env)
    assert.ok(found?.startsWith(sentence), String(found))
  })

test('anything else is not a socket that cannot be opened', () => {
  assert.equal(said('connect ECONNREFUSED 127.0.0.1:5432', {}), null)
})
