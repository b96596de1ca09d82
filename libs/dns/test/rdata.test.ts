import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  canonicalRdata,
  decodeRdata,
  encodeRdata,
  equalRdata,
  formatRdata,
  parseRdata,
  parseType,
  recordType,
} from '../src/index.ts'
import { name } from './example-zone.ts'

const ORIGIN = name('example.org')

/** type, text as written, octets, text as we write it (where it differs) */
const ACCEPTED: readonly (readonly [string, string, string, string?])[] = [
  ['A', '192.0.2.1', 'c0000201'],
  ['AAAA', '2001:DB8::1', '20010db8000000000000000000000001', '2001:db8::1'],
  ['AAAA', '::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ['NS', 'ns1', '036e7331076578616d706c65036f726700', 'ns1.example.org.'],
  ['CNAME', '.', '00'],
  ['PTR', 'Host.example.', '04486f7374076578616d706c6500'],
  ['SOA', 'a. b. 1 2h 1m 1w 5', '0161000162000000000100001c200000003c00093a8000000005', 'a. b. 1 7200 60 604800 5'],
  ['MX', '10 m.', '000a016d00'],
  ['MX', '0 .', '000000'],
  ['TXT', '"a b" c "d\\"\\\\\\001"', '0361206201630464225c01', '"a b" "c" "d\\"\\\\\\001"'],
  ['TXT', '""', '00'],
  ['SRV', '0 1 993 m.', '0000000103e1016d00'],
  ['CAA', '128 issuewild "ca.example; x=1"', '800969737375657769 6c6463612e6578616d706c653b20783d31'.replace(' ', '')],
  ['TLSA', '3 1 1 00 11 AaBb', '03010100' + '11aabb', '3 1 1 0011aabb'],
  ['DS', '12345 ECDSAP256SHA256 9 (0011 2233)', '30390d0900112233', '12345 13 9 00112233'],
  ['DS', `1 13 2 ${'ab'.repeat(32)}`, `00010d02${'ab'.repeat(32)}`],
  ['DS', '\\# 5 00010d02ab', '00010d02ab'],
  ['CDS', '0 0 0 00', '0000000000'],
  ['SSHFP', `1 1 ${'ab'.repeat(20)}`, `0101${'ab'.repeat(20)}`],
  ['SSHFP', '1 9 ab', '0109ab'],
  ['ZONEMD', `1 1 1 ${'ab'.repeat(48)}`, `000000010101${'ab'.repeat(48)}`],
  ['ZONEMD', `1 241 1 ${'ab'.repeat(12)}`, `00000001f101${'ab'.repeat(12)}`],
  ['KEY', 'nokey|zone|sig3 dnssec 3', 'c1030303', '49411 3 3'],
  ['KEY', 'HOST|FLAG8 ALL 3 AQ==', '0280ff0301', '640 255 3 AQ=='],
  [
    'RRSIG',
    'A 13 1 60 20240101000000 1 2 a. AQ==',
    '00010d010000003c659200800000000100020161000' + '1',
    'A 13 1 60 20240101000000 19700101000001 2 a. AQ==',
  ],
  ['DNSKEY', '257 3 ED25519 AQID BA==', '0101030f01020304', '257 3 15 AQIDBA=='],
  ['TYPE65280', '\\# 4 c0 00 02 01', 'c0000201', '\\# 4 c0000201'],
  ['TYPE65280', '\\# 0', '', '\\# 0'],
  ['A', '\\# 4 c0000201', 'c0000201', '192.0.2.1'],
  ['TYPE1', '192.0.2.1', 'c0000201'],
  ['TXT', '\\# text', '01230474657874', '"#" "text"'],
  ['NSEC', '. 127 A', '000010' + '40000000000000000000000000000001', '. A TYPE127'],
  ['URI', '30 40 ""', '001e0028'],
  ['SINK', '64 1 AQID', '4001010203', '64 1 1 AgM='],
  ['SINK', '64 1 1 AgM=', '4001010203'],
  ['IPN', '100', '0000000000000064'],
  ['IPN', '1.2', '0000000100000002', '4294967298'],
  ['IPN', '18446744073709551615', 'ffffffffffffffff'],
  ['HINFO', 'a "b c"', '0161036220' + '63', '"a" "b c"'],
  ['LOC', '42 21 N 71 W 10', '0012161389165ae070c3da8000989a68', '42 21 00.000 N 71 00 00.000 W 10m 1m 10000m 10m'],
  [
    'LOC',
    '90 0 0 S 180 0 0 W -100000.00 90000000.00m 0 0.09',
    '009900906cb0270059604e0000000000',
    '90 00 00.000 S 180 00 00.000 W -100000m 90000000m 0m 0.09m',
  ],
  ['NAPTR', '1 2 S "a" "" .', '0001000201530161' + '0000', '1 2 "S" "a" "" .'],
  ['EUI48', '00-00-5E-90-01-2A', '00005e90012a', '00-00-5e-90-01-2a'],
  ['NID', '1 0:4FFF:ff20:ee64', '000100004fffff20ee64', '1 0000:4fff:ff20:ee64'],
  ['APL', '', ''],
  ['APL', '1:10.1.0.0/8 !2:::/0', '00010802' + '0a01' + '00020080'],
  ['CERT', 'pkix 1 rsasha1 AQ==', '000100010501', 'PKIX 1 5 AQ=='],
  ['IPSECKEY', '1 0 0 .', '010000'],
  ['IPSECKEY', '1 2 2 2001:db8::1 AQ==', '01020220010db800000000000000000000000101'],
  ['AMTRELAY', '1 1 3 a.', '0183016100'],
  ['WKS', '192.0.2.1 TCP smtp 53 25', 'c00002010600000040000004', '192.0.2.1 tcp 25 53'],
  ['KEY', '49408 3 1', 'c1000301'],
  ['ATMA', '+1.23', '01313233', '+123'],
  ['GPOS', '1.5 -2 "x"', '03312e35022d320178', '1.5 -2 "x"'],
  ['DOA', '0 1 2 "" -', '000000000000000102' + '00'],
  ['A6', '64 ::1:2 a.', '40000000000001' + '0002016100'],
  ['A6', '0 2001:db8::1', '0020010db8000000000000000000000001'],
  ['DSYNC', 'CDS 1 53 a.', '003b010035016100', 'CDS NOTIFY 53 a.'],
  ['CSYNC', '66 3 A NS', '00000042000300' + '0160'],
  ['X25', '311061700956', '0c333131303631373030393536', '"311061700956"'],
]
for (const [type, text, hex, formatted] of ACCEPTED) {
  test(`reads ${type} ${text}`, () => {
    const code = parseType(type)
    assert.ok(code !== undefined)
    const rdata = expectOk(parseRdata(code, text, ORIGIN), 'parse')
    assert.equal(encodeHex(rdata), hex)
    assert.equal(formatRdata(code, rdata), formatted ?? text)
    assert.deepEqual(expectOk(parseRdata(code, formatRdata(code, rdata)), 'read what was written'), rdata)
  })
}

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['A', '', 'field-missing'],
  ['A', '192.0.2', 'not-an-address'],
  ['A', '192.0.2.1 x', 'field-left-over'],
  ['A', '2001:db8::1', 'not-an-address'],
  ['AAAA', '192.0.2.1', 'not-an-address'],
  ['NS', 'a..b', 'not-a-name'],
  ['SOA', 'a. b. 1 2 3 4', 'field-missing'],
  ['SOA', 'a. b. 1 2x 3 4 5', 'not-a-number'],
  ['SOA', 'a. b. 4294967296 2 3 4 5', 'number-too-large'],
  ['MX', '65536 m.', 'number-too-large'],
  ['MX', '-1 m.', 'not-a-number'],
  ['MX', '10', 'field-missing'],
  ['TXT', '', 'field-missing'],
  ['TXT', '"open', 'unclosed-quote'],
  ['TXT', '"\\256"', 'bad-escape'],
  ['TXT', `"${'a'.repeat(256)}"`, 'string-too-long'],
  ['TXT', '(a', 'unclosed-parenthesis'],
  ['TXT', 'a)', 'unopened-parenthesis'],
  ['SRV', '0 0 0', 'field-missing'],
  ['CAA', '0 bad-tag "x"', 'bad-value'],
  ['CAA', '256 issue "x"', 'number-too-large'],
  ['TLSA', '3 1 1', 'field-missing'],
  ['TLSA', '3 1 1 0', 'not-hex'],
  ['DS', '1 13 2 zz', 'not-hex'],
  ['DNSKEY', '257 3 15 A', 'not-base64'],
  ['DNSKEY', '257 3 NOSUCH AQID', 'not-a-number'],
  ['DNSKEY', '257 3 15 ""', 'rdata-malformed'],
  ['OPT', '1 2', 'bad-value'],
  ['TKEY', 'a. 1 2 3 4 0 0', 'bad-value'],
  ['NULL', 'abcd', 'bad-value'],
  ['IPN', '18446744073709551616', 'bad-value'],
  ['IPN', '4294967296.0', 'bad-value'],
  ['HINFO', 'a', 'field-missing'],
  ['HINFO', 'a b c', 'field-left-over'],
  ['X25', 'a b', 'field-left-over'],
  ['ISDN', 'a b c', 'field-left-over'],
  ['GPOS', '1 2', 'field-missing'],
  ['LOC', '42 N 71 W', 'field-missing'],
  ['LOC', '91 N 71 W 1', 'bad-value'],
  ['LOC', '90 0 0.001 N 71 W 1', 'bad-value'],
  ['LOC', '42 60 N 71 W 1', 'bad-value'],
  ['LOC', '42 1 60 N 71 W 1', 'bad-value'],
  ['LOC', '42 E 71 W 1', 'bad-value'],
  ['LOC', '42 N 71 W -100001', 'bad-value'],
  ['LOC', '42 N 71 W 1 90000001', 'bad-value'],
  ['LOC', '42 N 71 W 1.005', 'bad-value'],
  ['EUI48', '00-00-5e-90-01', 'not-an-address'],
  ['EUI48', '00-00-5e-90-01-2a-ef', 'not-an-address'],
  ['EUI64', '00-00-5e-90-01-2a', 'not-an-address'],
  ['EUI48', '00-00-5e-9r-01-2a', 'not-an-address'],
  ['EUI48', '0-00-5e-90-01-2a', 'not-an-address'],
  ['NID', '1 00ff:4fff:ff20', 'bad-value'],
  ['NID', '1 :::1', 'bad-value'],
  ['L64', '1 2001:db8::', 'bad-value'],
  ['L32', '1 ::1', 'not-an-address'],
  ['APL', '1:192.0.2.0', 'not-an-address'],
  ['APL', '1:192.0.2.0/33', 'not-an-address'],
  ['APL', '2:192.0.2.0/24', 'not-an-address'],
  ['APL', '3:00/8', 'not-an-address'],
  ['CERT', 'NOSUCH 1 1 AQ==', 'not-a-number'],
  ['CERT', '1 1 1', 'field-missing'],
  ['IPSECKEY', '1 0 0 a.', 'bad-value'],
  ['IPSECKEY', '1 1 0 ::1', 'not-an-address'],
  ['IPSECKEY', '1 4 0 .', 'bad-value'],
  ['AMTRELAY', '1 2 0 .', 'bad-value'],
  ['HIP', '2 2001 AQI', 'not-base64'],
  ['HIP', '2 200 AQID', 'not-hex'],
  ['WKS', '192.0.2.1 tcp nosuch', 'not-a-number'],
  ['NSAP', '0x', 'not-hex'],
  ['NSAP', '0x123', 'not-hex'],
  ['NSAP', '1234', 'not-hex'],
  ['ATMA', '+1x', 'not-hex'],
  ['NXT', 'a. TYPE128', 'bad-value'],
  ['A6', '129 ::1 a.', 'bad-value'],
  ['A6', '64 ::1', 'field-missing'],
  ['ZONEMD', '1 1 9 00', 'rdata-malformed'],
  ['ZONEMD', `1 1 1 ${'ab'.repeat(47)}`, 'length-differs'],
  ['DS', `1 13 1 ${'ab'.repeat(32)}`, 'length-differs'],
  ['CDS', '1 13 4 00', 'length-differs'],
  ['SSHFP', '1 2 ab', 'length-differs'],
  ['A', '"192.0.2.1"', 'not-an-address'],
  ['NS', '"a."', 'not-a-name'],
  ['MX', '"10" a.', 'not-a-number'],
  ['SOA', 'a. b. 1 "2h" 1 1 1', 'not-a-number'],
  ['KEY', 'ZONE|NOSUCH 3 3 AQ==', 'not-a-number'],
  ['KEY', 'ZONE NOSUCH 3 AQ==', 'not-a-number'],
  ['RRSIG', 'A 13 1 1h 2 1 2 a. AQ==', 'not-a-number'],
  ['LOC', '42 21 n 71 W 10', 'bad-value'],
  ['LOC', '42 21 N 71 w 10', 'bad-value'],
  ['SSHFP', '1 1', 'field-missing'],
  ['URI', '1 2', 'field-missing'],
  ['DSYNC', 'NOSUCH 1 53 a.', 'bad-value'],
  ['CSYNC', '1 65536 A', 'number-too-large'],
  ['DHCID', '', 'field-missing'],
  ['TYPE65280', 'c0000201', 'bad-value'],
  ['TYPE65280', '\\# 3 c0000201', 'length-differs'],
  ['A', '\\# 3 c00002', 'rdata-malformed'],
  ['MX', '\\# 3 000ac0', 'rdata-malformed'],
]
for (const [type, text, kind] of REFUSED) {
  test(`refuses ${type} ${text.slice(0, 40)}: ${kind}`, () => {
    const result = parseRdata(parseType(type) ?? -1, text, ORIGIN)
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

/** What hostile servers send; each must give a kind and nothing else. */
const REFUSED_OCTETS: readonly (readonly [string, string, string])[] = [
  ['A', 'c00002', 'cut-short'],
  ['A', 'c000020100', 'rdata-too-long'],
  ['AAAA', 'c0000201', 'cut-short'],
  ['NS', '', 'cut-short'],
  ['NS', '0361', 'cut-short'],
  ['NS', 'c00c', 'pointer-not-allowed'],
  ['NS', '8000', 'label-type-unknown'],
  ['NS', '0000', 'rdata-too-long'],
  ['NS', `${'0161'.repeat(127)}016100`, 'name-too-long'],
  ['MX', '', 'cut-short'],
  ['MX', '00', 'cut-short'],
  ['MX', '000a', 'cut-short'],
  ['SRV', '000000', 'cut-short'],
  ['SRV', '000000000000', 'cut-short'],
  ['SOA', '0000', 'cut-short'],
  ['TXT', '', 'cut-short'],
  ['TXT', '05616263', 'cut-short'],
  ['CAA', '00', 'cut-short'],
  ['CAA', '000061', 'rdata-malformed'],
  ['CAA', '00012d61', 'rdata-malformed'],
  ['TLSA', '', 'cut-short'],
  ['TLSA', '03', 'cut-short'],
  ['TLSA', '030101', 'rdata-malformed'],
  ['DS', '30390d02', 'rdata-malformed'],
  ['DNSKEY', '0101030f', 'rdata-malformed'],
  ['OPT', '000a0008aa', 'cut-short'],
  ['TSIG', '00', 'cut-short'],
  ['TKEY', '0000', 'cut-short'],
  ['HINFO', '0161', 'cut-short'],
  ['ISDN', '0161016201' + '63', 'rdata-too-long'],
  ['LOC', '00'.repeat(15), 'cut-short'],
  ['LOC', '00'.repeat(17), 'rdata-too-long'],
  ['NAPTR', '000000000000', 'cut-short'],
  ['SSHFP', '0101', 'rdata-malformed'],
  ['EUI48', '0000000000', 'cut-short'],
  ['EUI64', '00'.repeat(9), 'rdata-too-long'],
  ['APL', '00010801', 'cut-short'],
  ['APL', '0001080100', 'rdata-malformed'],
  ['APL', '00012100', 'rdata-malformed'],
  ['APL', '000108050102030405', 'rdata-malformed'],
  ['CERT', '0000000000', 'rdata-malformed'],
  ['IPSECKEY', '010100', 'cut-short'],
  ['HIP', '0002000101', 'rdata-malformed'],
  ['HIP', 'ff01ffff', 'cut-short'],
  ['NXT', '00', 'rdata-malformed'],
  ['NXT', '0080', 'rdata-malformed'],
  ['A6', '81', 'rdata-malformed'],
  ['A6', '4400000000000000' + 'ff', 'cut-short'],
  ['ZONEMD', '0000000101' + '01' + '00'.repeat(11), 'rdata-malformed'],
  ['NSAP', '', 'rdata-malformed'],
  ['DHCID', '', 'rdata-malformed'],
  ['IPN', '00000000000000', 'cut-short'],
  ['CSYNC', '000000420003' + '0000', 'rdata-malformed'],
  ['NSEC', '00' + '0100014000' + '0140', 'rdata-malformed'],
  ['WKS', 'c000020106' + '00'.repeat(8193), 'rdata-malformed'],
]
for (const [type, hex, kind] of REFUSED_OCTETS) {
  test(`refuses ${type} data ${hex.slice(0, 20) || '(none)'}: ${kind}`, () => {
    const known = recordType(parseType(type) ?? -1)
    assert.ok(known !== undefined)
    const result = decodeRdata(known, expectOk(decodeHex(hex), 'read the test'))
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

test('LOC: a size of nothing times a power of ten has no text of its own', () => {
  const octets = '0001161389165ae070c3da8000989a68'
  const rdata = expectOk(decodeHex(octets), 'read the test')
  assert.equal(formatRdata(29, rdata), `\\# 16 ${octets}`)
  assert.deepEqual(parseRdata(29, formatRdata(29, rdata)), { ok: true, value: rdata })
})

test('a label that begins with a null is kept and escaped', () => {
  const rdata = expectOk(decodeHex('000a0500626f6d62076578616d706c6500'), 'read the test')
  assert.equal(formatRdata(15, rdata), '10 \\000bomb.example.')
})

test('the canonical form lowers names and nothing else', () => {
  const mx = expectOk(parseRdata(15, '10 Mail.Example.'), 'parse')
  assert.equal(formatRdata(15, canonicalRdata(15, mx)), '10 mail.example.')
  assert.ok(equalRdata(15, mx, expectOk(parseRdata(15, '10 mail.EXAMPLE.'), 'parse')))
  assert.ok(!equalRdata(16, expectOk(parseRdata(16, 'A'), 'parse'), expectOk(parseRdata(16, 'a'), 'parse')))
})

test('any octets as data of any type: refused, or the same again by wire and by text', () => {
  const seeds = ACCEPTED.map(([mnemonic, , hex]) => ({
    type: parseType(mnemonic) ?? -1,
    octets: expectOk(decodeHex(hex), 'read the test'),
  }))
  const change = fc.record({ at: fc.nat(300), octet: fc.nat(255) })
  const property = fc.property(
    fc.constantFrom(...seeds),
    fc.array(change, { maxLength: 4 }),
    fc.nat(300),
    (...made) => {
      const [{ type, octets }, changes, length] = made
      const changed = new Uint8Array(octets)
      for (const { at, octet } of changes) if (at < changed.length) changed[at] = octet
      const rdata = length < changed.length ? changed.subarray(0, length) : changed
      const known = recordType(type)
      const data = known === undefined ? undefined : decodeRdata(known, rdata)
      if (known === undefined || data?.ok !== true) return
      const written = encodeRdata(known, data.value)
      assert.deepEqual(decodeRdata(known, written), data)
      const again = expectOk(parseRdata(type, formatRdata(type, rdata)), formatRdata(type, rdata))
      assert.equal(encodeHex(again), encodeHex(rdata))
      const canonical = canonicalRdata(type, rdata)
      assert.equal(encodeHex(canonicalRdata(type, canonical)), encodeHex(canonical))
      assert.equal(equalRdata(type, rdata, canonical), true)
    },
  )
  fc.assert(property, { numRuns: 3000 })
})
