import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { formatMailZone } from '../src/zone-text.ts'

const zone = (domain: string, hostname: string, address: string): string =>
  formatMailZone({
    domain: expectOk(parseDomainName(domain), 'read a name'),
    hostname: expectOk(parseDomainName(hostname), 'read a name'),
    address: expectOk(parseIpAddress(address), 'read an address'),
  })

test('a zone that holds its mail server gives its address', () => {
  assert.equal(
    zone('one.example', 'mx.one.example', '192.0.2.1'),
    `$ORIGIN one.example.
$TTL 3600
@ IN SOA mx.one.example. hostmaster.one.example. 1 7200 900 1209600 300
@ IN NS mx.one.example.
@ IN MX 10 mx.one.example.
mx.one.example. IN A 192.0.2.1
@ IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc IN TXT "v=DMARC1; p=quarantine; adkim=r; aspf=r"
`,
  )
})

test('a mail server elsewhere has no address in the zone', () => {
  const text = zone('shop.example', 'mx.one.example', '192.0.2.1')
  assert.doesNotMatch(text, / A /)
  assert.match(text, /@ IN MX 10 mx\.one\.example\./)
})

test('a mail server with an IPv6 address', () => {
  const text = zone('one.example', 'one.example', '2001:db8::1')
  assert.match(text, /^one\.example\. IN AAAA 2001:db8::1$/m)
  assert.match(text, /v=spf1 ip6:2001:db8::1 -all/)
})
