import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRouteArguments, ROUTE_USAGE, type RouteArguments } from '#cli/route-arguments.ts'

const DEFAULTS: RouteArguments = {
  number: '+15551234567',
  direction: 'inbound',
  caller: null,
  at: null,
  sip_headers: {},
  call_id: null,
  webhook: false,
  host: null,
  key: null,
  organization_id: null,
  json: false,
}

const UNDERSTOOD: readonly (readonly [line: readonly string[], Partial<RouteArguments>])[] = [
  [['+15551234567'], {}],
  [['+1 (555) 123-4567'], {}],
  [['0015551234567'], {}],
  [['100'], { number: '100' }],
  [['+15551234567', '--from', '+4930123456'], { caller: '+4930123456' }],
  [['+15551234567', '--from='], {}],
  [['--outbound', '+15551234567'], { direction: 'outbound' }],
  [['+15551234567', '--at', '2026-12-24T09:30:00+01:00'], { at: '2026-12-24T09:30:00+01:00' }],
  [['+15551234567', '--header', 'X-A: 1', '--header', 'x-b:2: 3'], { sip_headers: { 'X-A': '1', 'x-b': '2: 3' } }],
  [['+15551234567', '--host', 'localhost:9090'], { host: 'http://localhost:9090' }],
  [['+15551234567', '--host', 'https://calls.example.com/'], { host: 'https://calls.example.com' }],
  [
    ['+15551234567', '--key', 'ak_1.2', '--org', 'o', '--call-id', 'c', '--webhook', '--json'],
    { key: 'ak_1.2', organization_id: 'o', call_id: 'c', webhook: true, json: true },
  ],
]

for (const [line, expected] of UNDERSTOOD) {
  test(`understood: ${line.join(' ')}`, () => assert.deepEqual(parseRouteArguments(line), { ...DEFAULTS, ...expected }))
}

const WRONG: readonly (readonly [line: readonly string[], RegExp])[] = [
  [[], /which number/],
  [['+15551234567', '+15551234568'], /one number at a time/],
  [['kim'], /"kim" is neither/],
  [['+1'], /"\+1" is neither/],
  [['+15551234567', '--at', 'tomorrow'], /--at: "tomorrow"/],
  [['+15551234567', '--at', '2026-12-24T09:30:00'], /with its offset/],
  [['+15551234567', '--header', 'Subject: x'], /--header: "Subject: x"/],
  [['+15551234567', '--host', '::'], /--host: "::"/],
  [['+15551234567', '--webhook', '--outbound'], /ask no webhook/],
  [['+15551234567', '--colour', 'red'], /--colour/],
  [['+15551234567', '--from'], /--from/],
]

for (const [line, sentence] of WRONG) {
  test(`wrong: ${line.join(' ') || 'nothing'}`, () => {
    const result = parseRouteArguments(line)
    assert.ok(typeof result === 'object' && 'wrong' in result, JSON.stringify(result))
    assert.match(result.wrong, sentence)
  })
}

test('help is asked for, whatever else is', () => {
  assert.equal(parseRouteArguments(['--help']), 'help')
  assert.equal(parseRouteArguments(['-h', 'kim']), 'help')
  for (const option of ['from', 'at', 'outbound', 'header', 'call-id', 'webhook', 'host', 'key', 'org', 'json'])
    assert.ok(ROUTE_USAGE.includes(`--${option}`), option)
})
