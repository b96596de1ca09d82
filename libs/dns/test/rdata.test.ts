import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  canonicalRdata,
  decodeRdata,
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
  ['DS', '12345 ECDSAP256SHA256 2 (0011 2233)', '30390d0200112233', '12345 13 2 00112233'],
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
]
for (const [type, hex, kind] of REFUSED_OCTETS) {
  test(`refuses ${type} data ${hex.slice(0, 20) || '(none)'}: ${kind}`, () => {
    const known = recordType(parseType(type) ?? -1)
    assert.ok(known !== undefined)
    const result = decodeRdata(known, expectOk(decodeHex(hex), 'read the test'))
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

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
