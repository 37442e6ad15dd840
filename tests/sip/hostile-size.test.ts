/** Messages made to be slow to read: the thread that reads them answers every call. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dtmfOfInfo } from '#voice/sip/dtmf-info.ts'
import { parseMessage } from '#voice/sip/parse-message.ts'
import { frameStream, nothing_held } from '#voice/sip/stream-framing.ts'

/** The ways that were found took 280 to 3600 ms; what is in proportion to the size takes less than 5. */
const cpu_limit_ms = 100

const spaces = ' '.repeat(8000)
const info = (body: string) =>
  ({
    kind: 'request',
    method: 'INFO',
    uri: 'sip:a',
    fields: [['content-type', 'application/dtmf-relay']],
    body,
  }) as const

const slow: readonly (readonly [what: string, read: () => unknown])[] = [
  [
    'blanks before the break of a folded header',
    () => parseMessage(`INVITE sip:a@b SIP/2.0\r\n${`X-A: a${spaces}b\r\n c\r\n`.repeat(8)}\r\n`),
  ],
  [
    'blanks in a folded Content-Length of a stream',
    () => frameStream(nothing_held, `INVITE sip:a SIP/2.0\r\nL:${spaces.repeat(3)}\r\n x\r\n\r\n`),
  ],
  ['line breaks in front of a signal', () => dtmfOfInfo(info('\n'.repeat(60_000)))],
  ['line breaks behind a signal', () => dtmfOfInfo(info(`Signal${'\n'.repeat(60_000)}x`))],
]

for (const [what, read] of slow)
  test(`${what} cost no more than their length`, () => {
    const before = process.cpuUsage()
    read()
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1000 < cpu_limit_ms, `${(user + system) / 1000} ms`)
  })
