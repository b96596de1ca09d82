// Laws of record data, of every type, from octets and from text: what is read, written and read again, is the same; so
// are records one after the other, and the names of types and classes.

import assert from 'node:assert/strict'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import {
  canonicalRdata,
  decodeBase32Hex,
  decodeRdata,
  decodeRecords,
  encodeBase32Hex,
  encodeRdata,
  encodeRecords,
  formatClass,
  formatRdata,
  formatType,
  parseClass,
  parseRdata,
  parseType,
  recordType,
} from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))

export const seeds: readonly (string | Uint8Array)[] = [
  hex('01 c0000201'),
  hex('0f 000a 0161 00'),
  hex('10 026162 00'),
  hex('06 0161 00 0162 00 00000001 00000002 00000003 00000004 00000005'),
  '\u0001192.0.2.1',
  '\u000f10 a.example.',
  '\u0010"a b" c\\032d',
  '\u0021\\# 7 00010002000300',
  hex('0161 00 0001 0001 0000003c 0004 c0000201'),
  '\u000b192.0.2.1 tcp 25 domain',
  '\u000d"a b" c',
  '\u00160x47.0005',
  '\u001b1.5 "-2" 3',
  '\u001d42 21 28.764 N 71 00 51.6 W -44m 2000m 10m 1m',
  '\u001ea. A MX',
  '"+1.908',
  '#1 2 "s" "SIP+D2U" "" a.',
  '%PKIX 1 RSASHA1 AQID',
  '&64 ::1 a.',
  '(1 2 3 AQID',
  '*1:192.0.2.0/24 !2:ff00::/8',
  ',1 2 aabb',
  '-10 1 2 192.0.2.38 AQID',
  '1AQID',
  '72 2001 AwEAAbdx rv.',
  '>66 3 A NS AAAA',
  '?1 1 1 616c6c6f7765642062757469',
  'BCDS NOTIFY 5359 a.',
  'h10 14:4fff:ff20:ee64',
  'i10 192.0.2.1',
  'l00-00-5e-90-01-2a',
  'm00-00-5e-ef-00-00-00-2a',
  hex('81 000a 0001 687474703a'),
  hex('80 0000 00000001 00000002 0003 0000 0001 aa 0000'),
  hex('85 0a 83 0161 00'),
  hex('84 00000001 00000002 03 00 aa'),
  '@1 a. alpn="f\\\\\\\\oo\\\\,bar,h2" no-default-alpn port=53 mandatory=port ipv4hint=192.0.2.1 key9="x" dohpath=/{?dns}',
  'A16 . ipv6hint=2001:db8::1 ech=AQID',
  'CLASS32',
  'TYPE65280',
]

/** The first octet is the type, from 128 on one of `BEYOND`; the rest its data. */
export function fuzz(input: Uint8Array): void {
  const records = decodeRecords(input)
  if (records.ok) assert.deepEqual(decodeRecords(encodeRecords(records.value)), records)
  const word = decodeLatin1(input)
  const base32 = decodeBase32Hex(word)
  if (base32.ok) assert.equal(encodeBase32Hex(base32.value), word.toLowerCase())
  const klass = parseClass(word)
  if (klass !== undefined) assert.equal(parseClass(formatClass(klass)), klass)
  const named = parseType(word)
  if (named !== undefined) assert.equal(parseType(formatType(named)), named)
  const first = input[0] ?? 0
  const code = first < 128 ? first : (BEYOND[first - 128] ?? 0)
  const type = recordType(code)
  if (type === undefined || code === 41 || code === 250) return
  const octets = input.slice(1)
  const data = decodeRdata(type, octets)
  if (data.ok) {
    const written = encodeRdata(type, data.value)
    assert.deepEqual(decodeRdata(type, written), data)
    readsAgain(code, written)
    const canonical = canonicalRdata(code, octets)
    assert.deepEqual(canonicalRdata(code, canonical), canonical)
  }
  const text = decodeUtf8(octets)
  const parsed = text.ok ? parseRdata(code, text.value) : undefined
  if (parsed?.ok === true) readsAgain(code, parsed.value)
}

const BEYOND = [249, 256, 257, 258, 259, 260, 261, 262, 263, 264, 32768, 32769]

function readsAgain(code: number, rdata: Uint8Array): void {
  const again = parseRdata(code, formatRdata(code, rdata))
  assert.ok(again.ok, formatRdata(code, rdata))
  assert.deepEqual([...again.value], [...rdata])
}
