// What is found in zones that can be read, and BIND's good and bad zones.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { checkZone, DEFAULT_LIMITS, formatZoneFinding, parseZone } from '../src/index.ts'
import { exampleZone, name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const HEAD = '$TTL 60\n@ SOA ns root 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.1\n'

function findings(lines: string, origin = 'example'): readonly string[] {
  return checkZone(expectOk(parseZone(HEAD + lines, name(origin)), 'read the zone')).map(formatZoneFinding)
}

const HASH = '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'
const KEY = `257 3 13 ${'A'.repeat(86)}==`

/** Lines, and what is found. */
const ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['x MX 10 ns', []],
  ['x MX 0 .', []],
  ['x MX 10 other.test.', []],
  ['x MX 10 none', ['warning target-without-address x.example. MX none.example.']],
  ['x MX 10 y\ny CNAME ns', ['warning target-is-alias x.example. MX y.example.']],
  ['_s._tcp.x SRV 0 0 1 y\ny CNAME ns', ['warning target-is-alias _s._tcp.x.example. SRV y.example.']],
  ['*.w A 192.0.2.2\nx MX 10 a.w', []],
  ['x MX 10 192.0.2.1.', ['warning target-is-an-address x.example. MX 192.0.2.1.']],
  ['x CNAME ns', []],
  ['x CNAME none', ['warning alias-leads-nowhere x.example. CNAME none.example.']],
  ['x CNAME none.other.', []],
  // Delegations and their glue.
  ['x NS ns.other.', []],
  ['x NS ns.x\nns.x A 192.0.2.2', []],
  ['x NS ns.x', ['warning glue-missing x.example. NS ns.x.example.']],
  ['x NS ns.y\ny NS ns.x\nns.x A 192.0.2.2', ['warning glue-missing x.example. NS ns.y.example.']],
  ['x NS y', ['warning name-server-without-address x.example. NS y.example.']],
  ['x NS y\ny CNAME ns', ['warning name-server-is-alias x.example. NS y.example.']],
  ['x NS a.y\ny DNAME other.', ['warning name-server-below-dname x.example. NS a.y.example.']],
  ['@ NS a.y\ny DNAME other.', ['error name-server-below-dname example. NS a.y.example.']],
  ['@ NS y\ny CNAME ns', ['error name-server-is-alias example. NS y.example.']],
  ['@ NS none', ['error name-server-without-address example. NS none.example.']],
  ['x NS ns.other.\na.x MX 10 none', ['warning below-delegation a.x.example. x.example.']],
  ['x NS ns.other.\na.x NS none.x', ['warning below-delegation a.x.example. x.example.']],
  ['x DNAME other.\na.x A 192.0.2.1', ['warning below-dname a.x.example. x.example.']],
  ['x AAAA 2001:db8::1', ['warning name-servers-without-ipv6 example. NS']],
  ['ns AAAA 2001:db8::1', []],
  // Names of hosts and mailboxes.
  ['_x A 192.0.2.1', ['error not-a-host-name _x.example. A']],
  ['x-.y AAAA 2001:db8::1\nns AAAA ::1', ['error not-a-host-name x-.y.example. AAAA']],
  ['gc._msdcs A 192.0.2.1\na._spf A 192.0.2.1\n*.x A 192.0.2.1', []],
  ['_x TXT a', []],
  ['x MX 10 a_b.other.', ['error not-a-host-name x.example. MX a_b.other.']],
  ['x NS a\\.b.other.', ['error not-a-host-name x.example. NS a\\.b.other.']],
  ['x RP a\\.b.other. .', []],
  ['x RP a.b_c. .', ['error not-a-mailbox-name x.example. RP a.b_c.']],
  ['x PTR a_b.other.', []],
  ['x SVCB 0 _a.other.', []],
  ['x HTTPS 1 _a.other.', ['error not-a-host-name x.example. HTTPS _a.other.']],
  ['_dns SVCB 1 ns alpn=dot', []],
  ['_dns SVCB 1 ns alpn=h2 dohpath=/{?dns}', []],
  ['_dns SVCB 1 ns alpn=h2', ['error svcb-for-dns _dns.example. SVCB dohpath']],
  ['_853._dns SVCB 1 ns', ['error svcb-for-dns _853._dns.example. SVCB alpn']],
  ['_dns SVCB 0 ns', []],
  // Policies, wildcards, old types.
  ['x TXT "v=spf1 -all"', []],
  ['x TXT "v=spf1 -all"\nx TXT "v=spf1"', ['warning several-spf-records x.example. TXT']],
  ['x SPF "v=spf1"', ['warning obsolete-type x.example. SPF', 'warning spf-type-alone x.example. SPF']],
  ['x SPF "v=spf1"\nx TXT v=spf1', ['warning obsolete-type x.example. SPF']],
  ['x MD ns', ['warning obsolete-type x.example. MD']],
  ['a.*.x TXT a', ['warning wildcard-inside a.*.x.example.']],
  ['*.x NS ns', ['warning wildcard-delegation *.x.example. NS']],
  // DNSSEC.
  [`x NS ns.other.\nx DS 1 13 2 ${'00'.repeat(32)}`, []],
  [`@ DS 1 13 2 ${'00'.repeat(32)}`, ['error ds-at-apex example. DS']],
  [`x DS 1 13 2 ${'00'.repeat(32)}`, ['error ds-without-delegation x.example. DS']],
  ['x NS ns.other.\nx DS \\# 5 00010d0200', ['error digest-length x.example. DS 1 13 2']],
  [`x NS ns.other.\nx DS 1 13 1 ${'00'.repeat(20)}`, ['warning deprecated-digest x.example. DS 1 13 1']],
  [`x NS ns.other.\nx DS 1 5 2 ${'00'.repeat(32)}`, ['warning deprecated-algorithm x.example. DS 1 5 2']],
  [`@ DNSKEY ${KEY}\n@ CDS 1 13 2 ${'00'.repeat(32)}`, []],
  [`@ CDS 1 13 2 ${'00'.repeat(32)}`, ['error cds-without-key example. CDS 13']],
  [`@ CDNSKEY ${KEY}`, ['error cds-without-key example. CDNSKEY 13']],
  ['@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==', []],
  [`@ DNSKEY ${KEY}\n@ CDNSKEY 0 3 0 AA==\n@ CDNSKEY ${KEY}`, ['error cds-deletion-not-alone example. CDNSKEY']],
  ['x CDS 0 0 0 00', ['warning cds-not-at-apex x.example. CDS']],
  [`x DNSKEY ${KEY}`, ['warning dnskey-not-at-apex x.example. DNSKEY']],
  ['x KEY 512 3 5 AQID', ['warning deprecated-algorithm x.example. KEY 5']],
  ['@ NSEC3PARAM 1 0 0 -', []],
  ['@ NSEC3PARAM 1 0 1 -', ['warning nsec3-parameters example. NSEC3PARAM 1 0 1']],
  ['@ NSEC3PARAM 1 1 0 -', ['warning nsec3-parameters example. NSEC3PARAM 1 1 0']],
  ['@ NSEC3PARAM 2 0 0 -', ['warning nsec3-parameters example. NSEC3PARAM 2 0 0']],
  [`${HASH} NSEC3 1 0 0 - ${HASH} A`, []],
  [`${HASH} NSEC3 1 0 0 - ${HASH.slice(0, 24)} A`, [`error nsec3-hash-length ${HASH}.example. NSEC3`]],
  ['cpnmu NSEC3 2 0 0 - cpnmu A', []],
  [`xyz== NSEC3 1 0 0 - ${HASH} A`, ['error nsec3-owner-no-hash xyz==.example.']],
  [`${HASH}.x NSEC3 1 0 0 - ${HASH} A`, [`error nsec3-owner-no-hash ${HASH}.x.example.`]],
  [`@ ZONEMD 1 1 1 ${'00'.repeat(48)}`, []],
  ['@ ZONEMD 1 1 240 616c6c6f7765642062757469', []],
  ['@ ZONEMD \\# 18 000000010102616c6c6f7765642062757469', ['error digest-length example. ZONEMD 1 1 2']],
  ['@ ZONEMD 2 1 240 616c6c6f7765642062757469', ['warning zonemd-serial example. ZONEMD 2']],
  [
    'x A 192.0.2.1\nx 9 RRSIG A 13 2 60 20300101000000 20200101000000 1 @ AQID',
    ['warning signature-ttl x.example. RRSIG'],
  ],
]
for (const [lines, expected] of ROWS) {
  test(`${JSON.stringify(lines.slice(0, 60))}: ${expected.join(', ') || 'nothing found'}`, () => {
    assert.deepEqual(findings(lines), expected)
  })
}

test('in a reverse zone PTR leads to hosts, but not where services are listed', () => {
  const reverse = (line: string): readonly string[] => findings(line, '2.0.192.in-addr.arpa')
  assert.deepEqual(reverse('1 PTR a_b.other.'), ['error not-a-host-name 1.2.0.192.in-addr.arpa. PTR a_b.other.'])
  assert.deepEqual(reverse('1 PTR a.other.\nlb._dns-sd._udp PTR a_b.other.'), [])
})

test('timers of the SOA', () => {
  const soa = (timers: string): readonly string[] => {
    const zone = parseZone(`@ 60 SOA ns root 1 ${timers} 300\n@ NS ns.other.\n`, name('example'))
    return checkZone(expectOk(zone, 'read')).map(formatZoneFinding)
  }
  assert.deepEqual(soa('7200 900 1209600'), [])
  assert.deepEqual(soa('7200 7200 1209600'), ['warning soa-timers example.'])
  assert.deepEqual(soa('7200 900 8100'), ['warning soa-timers example.'])
})

test('the zone of other tests has no errors', () => {
  const errors = checkZone(exampleZone()).filter(({ severity }) => severity === 'error')
  assert.deepEqual(errors.map(formatZoneFinding), [])
})

const BIND = join(VECTORS, 'dns/bind9/bin/tests/system/checkzone/zones')

test('BIND: good zones are accepted, bad ones refused, and there is something to say of those it warns of', (t) => {
  if (!existsSync(BIND)) return t.skip('vectors absent')
  const differ: string[] = []
  const counts = { good: 0, bad: 0, warn: 0 }
  for (const file of readdirSync(BIND)) {
    const expected = /^(good|bad|warn)/.exec(file)?.[1]
    if (expected === undefined) continue
    counts[expected === 'good' ? 'good' : expected === 'bad' ? 'bad' : 'warn']++
    const worst = judge(file)
    if (worst !== { good: 'accepted', bad: 'refused', warn: 'warned of' }[expected]) differ.push(`${file}: ${worst}`)
  }
  t.diagnostic(JSON.stringify(counts))
  assert.deepEqual(differ, DIFFERENCES)
  assert.ok(counts.good >= 14 && counts.bad >= 121 && counts.warn >= 12)
})

/** `good` files may be warned of. */
function judge(file: string): 'refused' | 'warned of' | 'accepted' {
  const include = (path: string) => {
    const found = join(BIND, path.replace(/^zones\//, ''))
    return existsSync(found) && statSync(found).isFile()
      ? { file: found, text: readFileSync(found, 'utf8') }
      : undefined
  }
  const origin = name(file.includes('dns-sd-reverse') ? '0.0.0.0.in-addr.arpa' : 'example')
  const zone = parseZone(readFileSync(join(BIND, file), 'utf8'), origin, DEFAULT_LIMITS, include)
  if (!zone.ok) return 'refused'
  const found = checkZone(zone.value).filter(({ kind }) => kind !== 'soa-timers') // most of these zones have none
  if (found.some(({ severity }) => severity === 'error')) return 'refused'
  return found.length > 0 && !file.startsWith('good') ? 'warned of' : 'accepted'
}

const DIFFERENCES: readonly string[] = [
  'bad-rpz-prefix.db: accepted', // a response policy zone, which no server of ours has
  'warn.inherit.origin.db: accepted', // how a file is written, which the zone no longer shows
  'warn.inherited.owner.db: accepted', // the same
]
