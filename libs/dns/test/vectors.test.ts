// Data of other implementations: what they accept must read here and print the same, what is broken must give a kind.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  CLASS,
  decodeMessage,
  decodeName,
  decodeRecords,
  encodeMessage,
  encodeRecords,
  formatRecord,
  formatType,
  formatZone,
  parseName,
  parseRecords,
  parseZone,
  ROOT,
} from '../src/index.ts'
import { name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const UNBOUND = join(VECTORS, 'dns/unbound/vectors')
const BIND = join(VECTORS, 'dns/bind9')
const OCAML = join(VECTORS, 'originals/ocaml-dns')

test('Unbound: record text and wire agree, both ways', (t) => {
  if (!existsSync(UNBOUND)) return t.skip('vectors absent')
  const counts = { agree: 0, written: 0 }
  const differ: string[] = []
  for (const file of readdirSync(UNBOUND).filter((each) => /^test_ldnsrr\.c\d/.test(each))) {
    const lines = readFileSync(join(UNBOUND, file), 'latin1')
      .split('\n')
      .filter((line) => line !== '')
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const wire = expectOk(decodeHex(lines[i] ?? ''), `read ${file}:${i}`)
      const theirs = (lines[i + 1] ?? '').replace(/ ;\{id = .*\}$/, '')
      if (theirs.includes('\tNSAP-PTR\t')) continue // they have a string where RFC 1348 §3 has a name
      const [record] = expectOk(decodeRecords(wire), `decode ${file}:${i}`)
      assert.ok(record !== undefined)
      if (record.class !== CLASS.IN) continue // TSIG: in messages only
      const [again] = expectOk(parseRecords(formatRecord(record), ROOT), `read what was written, ${file}:${i}`)
      assert.equal(encodeHex(encodeRecords(again === undefined ? [] : [again])), encodeHex(wire))
      const words = (text: string): string => text.trim().split(/\s+/).join(' ').toLowerCase()
      if (words(theirs) === words(formatRecord(record))) counts.written++
      else differ.push(`${formatType(record.type)}`)
      if (theirs.endsWith(' "foo.')) continue // they print a quote in a name without its backslash
      const [parsed] = expectOk(parseRecords(theirs, ROOT), `read ${file}:${i + 1}: ${theirs}`)
      assert.equal(encodeHex(encodeRecords(parsed === undefined ? [] : [parsed])), encodeHex(wire), theirs)
      counts.agree++
    }
  }
  t.diagnostic(`${counts.agree} read the same, ${counts.written} written the same but for the case of letters`)
  assert.ok(counts.agree >= 7700)
  assert.deepEqual(differ.sort(), WRITTEN_OTHERWISE)
})

/** Records of Unbound's that we write in other words. */
const WRITTEN_OTHERWISE: readonly string[] =
  // APL: an address of IPv6 in full. CAA: a tab in a string, which we escape. LOC: 0.00m for 0m. MX: a quote without its
  // backslash. All others: they do not know NINFO and RKEY, nor where other records name these.
  'APL CAA LOC MX NINFO NINFO NSEC NSEC NSEC NSEC RKEY RKEY RRSIG RRSIG RRSIG RRSIG'.split(' ')

test('BIND: fuzz messages give an answer, and what is accepted is stable', (t) => {
  const directory = join(BIND, 'fuzz/dns_message_parse.in')
  if (!existsSync(directory)) return t.skip('vectors absent')
  const counts = { accepted: 0, refused: 0 }
  for (const file of readdirSync(directory))
    counts[stable(readFileSync(join(directory, file))) ? 'accepted' : 'refused']++
  t.diagnostic(`${counts.accepted} accepted, ${counts.refused} refused`)
  assert.ok(counts.accepted > 0 && counts.refused > 0)
})

test('BIND: fuzz names', (t) => {
  const text = join(BIND, 'fuzz/dns_name_fromtext_target.in')
  if (!existsSync(text)) return t.skip('vectors absent')
  for (const file of readdirSync(text)) parseName(readFileSync(join(text, file), 'latin1'), ROOT)
  const wire = join(BIND, 'fuzz/dns_name_fromwire.in')
  for (const file of readdirSync(wire)) decodeName(readFileSync(join(wire, file)))
})

test('BIND: fuzz zone files give an answer', (t) => {
  const directory = join(BIND, 'fuzz/dns_master_load.in')
  if (!existsSync(directory)) return t.skip('vectors absent')
  for (const file of readdirSync(directory)) parseZone(readFileSync(join(directory, file), 'latin1'), name('example'))
})

test('ocaml-dns: packets give an answer, and what is accepted is stable', (t) => {
  const path = join(OCAML, 'packets.json')
  if (!existsSync(path)) return t.skip('vectors absent')
  // as: the file's shape, as its maker describes it
  const packets = JSON.parse(readFileSync(path, 'utf8')) as { readonly hex: string }[]
  let accepted = 0
  for (const { hex } of packets) {
    const octets = decodeHex(hex)
    if (octets.ok && stable(octets.value)) accepted++
  }
  t.diagnostic(`${accepted} of ${packets.length} accepted`)
  assert.ok(accepted > 0)
})

test('ocaml-dns: zone files', (t) => {
  const path = join(OCAML, 'zonefiles.json')
  if (!existsSync(path)) return t.skip('vectors absent')
  // as: an array of texts
  const texts = JSON.parse(readFileSync(path, 'utf8')) as string[]
  const kinds: string[] = []
  for (const text of texts.filter((each) => each.includes('SOA'))) {
    const zone = parseZone(text, name('example'))
    kinds.push(zone.ok ? 'ok' : `${zone.error.kind} ${zone.error.text}`)
    if (!zone.ok) continue
    const again = expectOk(parseZone(formatZone(zone.value), zone.value.origin), 'read what was written')
    assert.equal(formatZone(again), formatZone(zone.value))
  }
  t.diagnostic(kinds.join(', '))
  assert.ok(kinds.filter((kind) => kind === 'ok').length >= 6)
})

/** Whether `octets` are a message; if so, written and read again they say the same. */
function stable(octets: Uint8Array): boolean {
  const message = decodeMessage(octets)
  if (!message.ok) return false
  const once = encodeMessage(message.value)
  const again = expectOk(decodeMessage(once.octets), 'decode what was written')
  const sections = (each: typeof again): readonly (readonly string[])[] =>
    [each.answers, each.authorities, each.additionals].map((records) =>
      records.map((record) => formatRecord(record).toLowerCase()),
    )
  if (!once.truncated || message.value.truncated) assert.deepEqual(sections(again), sections(message.value))
  return true
}
