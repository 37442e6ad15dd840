import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAddress, parseRange } from '#core/ip.ts'
import { refuseUrl, URL_REFUSALS } from '#core/outbound-url.ts'
import { mayReach } from '#core/special-addresses.ts'

const ranges = (...texts: readonly string[]) => texts.map(text => parseRange(text) ?? assert.fail(text))

const TABLE: readonly (readonly [url: string, refusal: keyof typeof URL_REFUSALS | null])[] = [
  ['https://example.com/hook', null],
  ['http://example.com', null],
  ['HTTPS://EXAMPLE.COM:8443/a?b=c@d#e', null],
  ['https://app.uponai.com/inbound-dynamic-vars/1/uponaiworkspace-913', null],
  ['https://bücher.example/', null],
  ['https://8.8.8.8/', null],
  ['https://[2606:4700::1111]/', null],
  ['https://[::ffff:8.8.8.8]/', null],
  ['https://localhost.example.com/', null],
  ['https://notlocalhost/', null],
  [`https://example.com/${'x'.repeat(2028)}`, null],
  [`https://example.com/${'x'.repeat(2029)}`, 'url_too_long'],
  ['', 'url_malformed'],
  ['#fragment', 'url_malformed'],
  ['example.com/hook', 'url_malformed'],
  ['//example.com/', 'url_malformed'],
  ['https:', 'url_malformed'],
  ['https://', 'url_malformed'],
  ['https:example.com', 'url_malformed'],
  ['https:/example.com', 'url_malformed'],
  ['https:///example.com', 'url_malformed'],
  ['https:\\\\example.com', 'url_malformed'],
  ['https://example.com\\@10.0.0.1/', 'url_malformed'],
  [' https://example.com/', 'url_malformed'],
  ['https://example.com/\n', 'url_malformed'],
  ['ht\ntps://example.com/', 'url_malformed'],
  ['https://exa mple.com/', 'url_malformed'],
  ['https://example.com/\0', 'url_malformed'],
  ['https://example.com/\ud800', 'url_malformed'],
  ['https://example.com:99999/', 'url_malformed'],
  ['https://example.com:0/', 'url_malformed'],
  ['https://256.1.1.1/', 'url_malformed'],
  ['https://[::1/', 'url_malformed'],
  ['ftp://example.com/', 'url_scheme'],
  ['file:///etc/passwd', 'url_scheme'],
  ['javascript:alert(1)', 'url_scheme'],
  ['wss://example.com/', 'url_scheme'],
  ['localhost:8080', 'url_scheme'],
  ['https://ann@example.com/', 'url_userinfo'],
  ['https://ann:secret@example.com/', 'url_userinfo'],
  ['https://:@example.com/', 'url_userinfo'],
  ['https://@example.com/', 'url_userinfo'],
  ...[
    ['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'loc%61lhost', '127.0.0.1', '127.0.0.1.', '127.1'],
    ['2130706433', '0x7f.1', '0177.0.0.1', '%31%32%37.0.0.1', '１２７.0.0.1', '0', '0.0.0.0', '10.0.0.1'],
    ['169.254.169.254', '0xa9fea9fe', '192.168.0.1', '255.255.255.255', '[::]', '[::1]', '[::ffff:127.0.0.1]'],
    ['[64:ff9b::7f00:1]', '[fd00::1]', '[fe80::1]', '[2002:7f00:1::]', '[ff02::1]'],
  ]
    .flat()
    .map(host => [`http://${host}:8080/`, 'url_host_denied'] as const),
]

for (const [url, refusal] of TABLE) {
  test(`${JSON.stringify(url.slice(0, 60))}: ${refusal ?? 'may be saved'}`, () =>
    assert.equal(refuseUrl(url, []), refusal))
}

test('what the operator allows may be saved', () => {
  const loopback = ranges('127.0.0.0/8')
  for (const host of ['127.0.0.1', '2130706433', 'localhost', 'a.localhost.', '[::ffff:7f00:1]'])
    assert.equal(refuseUrl(`http://${host}:3000/`, loopback), null, host)
  assert.equal(refuseUrl('http://[::1]/', loopback), 'url_host_denied')
  assert.equal(refuseUrl('http://10.0.0.1/', loopback), 'url_host_denied')
  assert.equal(refuseUrl('http://localhost/', ranges('::1')), null)
})

test('whatever the text: no refusal throws, and what may be saved names no address that may not be reached', () => {
  const host = fc.oneof(
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6().map(text => `[${text}]`),
    fc.webAuthority(),
    fc.string(),
  )
  const url = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.tuple(fc.constantFrom('http://', 'https://', '//', 'http:'), host, fc.string()).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(url, text => {
      const refusal = refuseUrl(text, [])
      if (refusal !== null) return assert.ok(URL_REFUSALS[refusal].endsWith('.'))
      const { hostname, protocol } = new URL(text)
      assert.match(protocol, /^https?:$/)
      const address = parseAddress(hostname.replace(/^\[|\]$/g, ''))
      assert.ok(address === null || mayReach(address, []), text)
    }),
    { numRuns: 3_000 },
  )
})
