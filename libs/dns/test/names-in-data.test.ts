// Which names inside record data are written compressed, read compressed, and lowered in the canonical form.
// RFC 3597 §4, RFC 4034 §6.2, RFC 6840 §5.1

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  canonicalRdata,
  decodeMessage,
  decodeRecords,
  EMPTY_MESSAGE,
  encodeMessage,
  encodeRecords,
  equalRdata,
  formatRdata,
  parseRdata,
  parseType,
} from '../src/index.ts'
import { name } from './example-zone.ts'

type Rule = 'compressed' | 'lowered' | 'as it is'

const TYPES: readonly (readonly [string, string, Rule])[] = [
  ['NS', 'A.Example.', 'compressed'],
  ['MD', 'A.Example.', 'compressed'],
  ['MF', 'A.Example.', 'compressed'],
  ['CNAME', 'A.Example.', 'compressed'],
  ['SOA', 'A.Example. B.Example. 1 2 3 4 5', 'compressed'],
  ['MB', 'A.Example.', 'compressed'],
  ['MG', 'A.Example.', 'compressed'],
  ['MR', 'A.Example.', 'compressed'],
  ['PTR', 'A.Example.', 'compressed'],
  ['MINFO', 'A.Example. B.Example.', 'compressed'],
  ['MX', '10 A.Example.', 'compressed'],
  ['RP', 'A.Example. B.Example.', 'lowered'],
  ['AFSDB', '1 A.Example.', 'lowered'],
  ['RT', '1 A.Example.', 'lowered'],
  ['SIG', 'A 13 1 5 20300101000000 20200101000000 1 A.Example. AQID', 'lowered'],
  ['PX', '1 A.Example. B.Example.', 'lowered'],
  ['NXT', 'A.Example. A', 'lowered'],
  ['SRV', '0 0 1 A.Example.', 'lowered'],
  ['NAPTR', '1 2 "S" "SIP+D2U" "" A.Example.', 'lowered'],
  ['KX', '1 A.Example.', 'lowered'],
  ['A6', '128 A.Example.', 'lowered'],
  ['DNAME', 'A.Example.', 'lowered'],
  ['RRSIG', 'A 13 1 5 20300101000000 20200101000000 1 A.Example. AQID', 'lowered'],
  ['NSEC', 'A.Example. A', 'as it is'],
  ['NSAP-PTR', 'A.Example.', 'as it is'],
  ['IPSECKEY', '1 3 2 A.Example. AQID', 'as it is'],
  ['HIP', '2 2001 AQID A.Example.', 'as it is'],
  ['TALINK', 'A.Example. B.Example.', 'as it is'],
  ['SVCB', '1 A.Example.', 'as it is'],
  ['HTTPS', '1 A.Example.', 'as it is'],
  ['DSYNC', 'CDS NOTIFY 53 A.Example.', 'as it is'],
  ['LP', '1 A.Example.', 'as it is'],
  ['AMTRELAY', '1 0 3 A.Example.', 'as it is'],
  ['HINFO', '"A.Example." "B"', 'as it is'],
  ['TXT', '"A.Example."', 'as it is'],
]
for (const [mnemonic, text, rule] of TYPES) {
  test(`${mnemonic}: names are ${rule}`, () => {
    const type = parseType(mnemonic) ?? -1
    const rdata = expectOk(parseRdata(type, text), 'parse')
    const lowered = rdata.map((octet) => (octet === 0x41 || octet === 0x42 || octet === 0x45 ? octet + 0x20 : octet))
    const canonical = canonicalRdata(type, rdata)
    const loweredName = formatRdata(type, canonical).includes('a.example.')
    assert.equal(loweredName, rule !== 'as it is')
    if (rule === 'compressed') assert.equal(encodeHex(canonical), encodeHex(lowered))
    assert.equal(equalRdata(type, rdata, canonical), true)

    const record = { name: name('example'), type, class: 1, ttlSeconds: 5, rdata }
    const message = { ...EMPTY_MESSAGE, questions: [{ name: name('example'), type, class: 1 }], answers: [record] }
    const [compressed, plain] = [true, false].map((compress) => encodeMessage(message, { compress }).octets)
    const saved = (plain?.length ?? 0) - (compressed?.length ?? 0)
    // The owner saves 7 octets, a name of the data 7 more.
    assert.equal(saved > 7, rule === 'compressed')
    const read = expectOk(decodeMessage(compressed ?? new Uint8Array(0)), 'decode').answers[0]
    // A name that was compressed comes in the case of what it points to.
    assert.ok(read !== undefined && equalRdata(type, read.rdata, rdata))
  })
}

/** In a message whose question at octet 12 is `example.`; the data end with a pointer to it. */
const POINTING: readonly (readonly [string, string, boolean])[] = [
  ['MX', '000a', true],
  ['RP', '00', true],
  ['AFSDB', '0001', true],
  ['RT', '0001', true],
  ['PX', '000100', true],
  ['SRV', '000000000001', true],
  ['NAPTR', '00010002000000', true],
  ['KX', '0001', true],
  ['DNAME', '', true],
  ['TALINK', '00', false],
  ['LP', '0001', false],
  ['SVCB', '0001', false],
  ['DSYNC', '003b010035', false],
  ['IPSECKEY', '010302', false],
  ['AMTRELAY', '0103', false],
  ['HIP', '01020001aabb', false],
  ['NSEC', '', false],
]
for (const [mnemonic, head, accepted] of POINTING) {
  test(`${mnemonic}: a compressed name is ${accepted ? 'read' : 'refused'}`, () => {
    const type = (parseType(mnemonic) ?? 0).toString(16).padStart(4, '0')
    const length = (head.length / 2 + 2).toString(16).padStart(4, '0')
    const hex = `000184000001000100000000076578616d706c650000010001c00c${type}000100000005${length}${head}c00c`
    const message = decodeMessage(expectOk(decodeHex(hex), 'read the test'))
    assert.equal(message.ok ? 'read' : message.error.kind, accepted ? 'read' : 'pointer-not-allowed')
  })
}

test('a type bitmap with zeros at its end keeps its octets, for its signer has hashed them', () => {
  for (const hex of ['002f', '001e']) {
    const bitmap = hex === '002f' ? '000440000000' : '40000000'
    const length = (1 + bitmap.length / 2).toString(16).padStart(4, '0')
    const octets = expectOk(decodeHex(`00${hex}000100000005${length}00${bitmap}`), 'read the test')
    const records = expectOk(decodeRecords(octets), 'decode')
    assert.equal(encodeHex(encodeRecords(records)), encodeHex(octets))
    const [record] = records
    assert.ok(record !== undefined)
    const again = expectOk(parseRdata(record.type, formatRdata(record.type, record.rdata)), 'read what was written')
    assert.equal(encodeHex(again), encodeHex(record.rdata))
  }
})
