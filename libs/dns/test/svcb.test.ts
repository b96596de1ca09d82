// SVCB and HTTPS: the vectors of RFC 9460 Appendix D first, then what others refuse.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeHex, decodeLatin1, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  alpnProtocols,
  decodeRdata,
  encodeRecords,
  formatRdata,
  HTTPS,
  parseRdata,
  parseRecords,
  ROOT,
  SVC_PARAM,
  SVCB,
} from '../src/index.ts'
import { name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const FOO_COM = '03666f6f076578616d706c6503636f6d00'
const FOO_ORG = '03666f6f076578616d706c65036f726700'

/** Text, octets, and the text that we write where it is another. */
const ACCEPTED: readonly (readonly [string, string, string?])[] = [
  ['0 foo.example.com.', `0000${FOO_COM}`],
  ['1 .', '000100'],
  ['16 foo.example.com. port=53', `0010${FOO_COM}000300020035`, '16 foo.example.com. port="53"'],
  ['1 foo.example.com. key667=hello', `0001${FOO_COM}029b000568656c6c6f`, '1 foo.example.com. key667="hello"'],
  ['1 foo.example.com. key667="hello\\210qoo"', `0001${FOO_COM}029b000968656c6c6fd2716f6f`],
  [
    '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
    `0001${FOO_COM}0006002020010db800000000000000000000000120010db8000000000000000000530001`,
  ],
  [
    '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
    '0001076578616d706c6503636f6d000006001020010db8012203440000' + '0000c0000221',
    '1 example.com. ipv6hint="2001:db8:122:344::c000:221"',
  ],
  [
    '16 foo.example.org. (alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1)',
    `0010${FOO_ORG}0000000400010004000100090268320568332d313900040004c0000201`,
    '16 foo.example.org. mandatory="alpn,ipv4hint" alpn="h2,h3-19" ipv4hint="192.0.2.1"',
  ],
  ['16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"', `0010${FOO_ORG}0001000c08665c6f6f2c626172026832`],
  [
    '16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2',
    `0010${FOO_ORG}0001000c08665c6f6f2c626172026832`,
    '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
  ],
  // Keys by number, case of keys, no value, and what stands beside the end of a quote.
  ['1 . key1=\\002h2', '00010000010003026832', '1 . alpn="h2"'],
  ['1 . ALPN=h2 No-Default-Alpn', '000100000100030268320002' + '0000', '1 . alpn="h2" no-default-alpn'],
  ['1 . key65535', '000100ffff0000'],
  ['1 . key667=', '000100029b0000', '1 . key667'],
  ['1 . ech="AQID"', '000100000500030102' + '03'],
  ['1 . dohpath=/q{?dns}', '00010000070008' + '2f717b3f646e737d', '1 . dohpath="/q{?dns}"'],
  ['1 . ohttp', '00010000080000'],
  ['1 . tls-supported-groups=29,23', '00010000090004001d0017', '1 . tls-supported-groups="29,23"'],
  ['1 . docpath', '000100000a0000'],
  ['1 . docpath=n,s', '000100000a0004016e0173', '1 . docpath="n,s"'],
]
for (const type of [SVCB, HTTPS]) {
  for (const [text, hex, written] of ACCEPTED) {
    test(`reads ${type.mnemonic} ${text}`, () => {
      const rdata = expectOk(parseRdata(type.code, text), 'parse')
      assert.equal(encodeHex(rdata), hex)
      assert.equal(formatRdata(type.code, rdata), written ?? text)
      assert.deepEqual(expectOk(parseRdata(type.code, formatRdata(type.code, rdata)), 'read again'), rdata)
    })
  }
}

const REFUSED: readonly (readonly [string, string])[] = [
  // RFC 9460 Appendix D.3
  ['1 foo.example.com. (key123=abc key123=def)', 'rdata-malformed'],
  ['1 foo.example.com. mandatory', 'bad-value'],
  ['1 foo.example.com. alpn', 'bad-value'],
  ['1 foo.example.com. port', 'bad-value'],
  ['1 foo.example.com. ipv4hint', 'bad-value'],
  ['1 foo.example.com. ipv6hint', 'bad-value'],
  ['1 foo.example.com. no-default-alpn=abc', 'bad-value'],
  ['1 foo.example.com. mandatory=key123', 'bad-value'],
  ['1 foo.example.com. mandatory=mandatory', 'rdata-malformed'],
  ['1 foo.example.com. (mandatory=key123,key123 key123=abc)', 'rdata-malformed'],
  // What stands nowhere in the appendix.
  ['1', 'field-missing'],
  ['65536 .', 'number-too-large'],
  ['1 . no-default-alpn', 'bad-value'],
  ['1 . unknown=x', 'bad-value'],
  ['1 . key01=x', 'bad-value'],
  ['1 . key65536=x', 'bad-value'],
  ['1 . "alpn=h2"', 'bad-value'],
  ['1 . alpn=h2"h3"', 'bad-value'],
  ['1 . alpn="h2', 'unclosed-quote'],
  ['1 . alpn= "h2"', 'bad-value'],
  ['1 . alpn=h2,', 'bad-value'],
  ['1 . alpn=\\,h2', 'bad-value'],
  ['1 . alpn=h2\\\\x', 'bad-value'],
  ['1 . key667=\\300', 'bad-escape'],
  ['1 . port=65536', 'bad-value'],
  ['1 . port=-1', 'bad-value'],
  ['1 . ipv4hint=::1', 'bad-value'],
  ['1 . ipv4hint=192.0.2.1,', 'bad-value'],
  ['1 . ipv6hint=192.0.2.1', 'bad-value'],
  ['1 . ech=AQI', 'bad-value'],
  ['1 . ech=""', 'rdata-malformed'],
  ['1 . ohttp=1', 'bad-value'],
  ['1 . tls-supported-groups', 'bad-value'],
  ['1 . tls-supported-groups=29,29', 'rdata-malformed'],
  ['1 . docpath=n,,s', 'bad-value'],
  ['1 . pvd=x', 'bad-value'],
  ['1 . dohpath', 'rdata-malformed'],
  ['1 . dohpath=q{?dns}', 'rdata-malformed'],
  ['1 . dohpath=/q{?name}', 'rdata-malformed'],
  ['1 . dohpath=/{?dns}\\255', 'rdata-malformed'],
]
for (const [text, kind] of REFUSED) {
  test(`refuses SVCB ${text}: ${kind}`, () => {
    const result = parseRdata(SVCB.code, text, name('example'))
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

const REFUSED_OCTETS: readonly (readonly [string, string, string])[] = [
  ['cut in the target', '000103', 'cut-short'],
  ['a compressed target', '0001c00c', 'pointer-not-allowed'],
  ['cut in a key', '00010000', 'cut-short'],
  ['a value beyond the end', '00010000030003' + '0035', 'cut-short'],
  ['keys that descend', '000100000300020035' + '000100030268' + '32', 'rdata-malformed'],
  ['a key twice', '000100' + '029b0000029b0000', 'rdata-malformed'],
  ['a port of one octet', '000100000300' + '0135', 'rdata-malformed'],
  ['an alpn with an empty protocol', '0001000001000100', 'rdata-malformed'],
  ['an alpn that is cut', '00010000010002' + '0268', 'rdata-malformed'],
  ['an alpn of nothing', '00010000010000', 'rdata-malformed'],
  ['a mandatory list that descends', '0001000000000400040001', 'rdata-malformed'],
  ['a mandatory list with itself', '000100000000020000', 'rdata-malformed'],
  ['an odd mandatory list', '0001000000000300' + '0104', 'rdata-malformed'],
  ['an ipv4hint of five octets', '00010000040005' + 'c000020101', 'rdata-malformed'],
  ['no-default-alpn with a value', '0001000002000101', 'rdata-malformed'],
]
for (const [what, hex, kind] of REFUSED_OCTETS) {
  test(`refuses SVCB with ${what}: ${kind}`, () => {
    const result = decodeRdata(SVCB, expectOk(decodeHex(hex), 'read the test'))
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

test('the protocols of alpn', () => {
  const rdata = expectOk(parseRdata(HTTPS.code, '1 . alpn=h2,h3'), 'parse')
  const { params } = expectOk(decodeRdata(HTTPS, rdata), 'decode')
  const alpn = params.find((param) => param.key === SVC_PARAM.ALPN)
  assert.deepEqual(alpnProtocols(alpn?.value ?? new Uint8Array(0)).map(decodeLatin1), ['h2', 'h3'])
})

test('dnspython: text and generic form are the same', (t) => {
  const directory = join(VECTORS, 'dns/dnspython/tests')
  if (!existsSync(directory)) return t.skip('vectors absent')
  const octets = (form: string): readonly string[] => {
    const text = readFileSync(join(directory, `svcb_test_vectors.${form}`), 'latin1')
    const lines = `$TTL 1\n${text.replaceAll(form === 'text' ? /^(?=[0-9])/gm : /^(?=\\)/gm, '@ SVCB ')}`
    return expectOk(parseRecords(lines, ROOT), form).map(({ rdata }) => encodeHex(rdata))
  }
  assert.deepEqual(octets('text'), octets('generic'))
  assert.ok(octets('text').length >= 10)
})

test('NSD: good SVCB records are read, each failure case is refused', (t) => {
  const directory = join(VECTORS, 'dns/nsd/tpkg/svcb.tdir')
  if (!existsSync(directory)) return t.skip('vectors absent')
  // oots is of a draft that has no number yet, echconfig (s02) is what older drafts called ech,
  // and the template of s09 has no variable "dns" by RFC 6570 §2.3: it is {é?dns}.
  const lines = (file: string): readonly string[] => readFileSync(join(directory, file), 'utf8').split('\n')
  const read = (file: string) =>
    parseRecords(
      lines(file)
        .map((line) => (/^(?:oots-s|s02|s09)/.test(line) ? '' : line))
        .join('\n'),
      ROOT,
    )
  const failures = readdirSync(directory).filter((file) => /^svcb\.failure-cases-\d+$/.test(file))
  const accepted = failures.filter((file) => read(file).ok)
  assert.deepEqual(accepted, [])
  assert.ok(failures.length >= 30)
  const [presentation, wire] = ['svcb.test-vectors-pf.zone', 'svcb.test-vectors-wf.zone'].map((file) => {
    return encodeHex(encodeRecords(expectOk(read(file), file)))
  })
  assert.equal(presentation, wire)
  expectOk(read('svcb.success-cases.zone'), 'read the good cases')
})
