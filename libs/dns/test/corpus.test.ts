// Thousands of packets that broke others: each gives an answer, and what is accepted, written and read again, is the same.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { readTar } from '@scop/hamlet/node'
import { decodeHex, decodeLatin1, encodeHex, equalOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  decodeMessage,
  decodeName,
  decodeRdata,
  encodeMessage,
  encodeRdata,
  formatName,
  formatRdata,
  formatRecord,
  type Message,
  parseName,
  parseRdata,
  parseRecords,
  parseZone,
  recordType,
  ROOT,
} from '../src/index.ts'
import { name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const CORPUS = join(VECTORS, 'dns/dns-fuzzing/packet-corpus-9774.tar.gz')
const BIND = join(VECTORS, 'dns/bind9/fuzz')
const UNBOUND = join(VECTORS, 'dns/unbound/vectors')

test('the packets of dns-fuzzing and of BIND', async (t) => {
  if (!existsSync(CORPUS) || !existsSync(BIND)) return t.skip('vectors absent')
  const refused: Record<string, number> = {}
  let accepted = 0
  const take = (file: string, octets: Uint8Array): void => {
    const kind = stable(file, octets)
    if (kind === undefined) accepted++
    else refused[kind] = (refused[kind] ?? 0) + 1
  }
  for await (const { name: file, octets } of readTar(whole(new Uint8Array(gunzipSync(readFileSync(CORPUS)))))) {
    if (file.endsWith('.pkt')) take(file, octets)
  }
  const messages = join(BIND, 'dns_message_parse.in')
  for (const file of readdirSync(messages)) take(file, new Uint8Array(readFileSync(join(messages, file))))
  t.diagnostic(`${accepted} accepted; ${JSON.stringify(refused)}`)
  // dnspython accepts 9,950 of the 10,074, counting those that it refuses only for a TSIG key that it does not know.
  assert.equal(accepted, 10_001)
  assert.deepEqual(refused, {
    'cut-short': 15,
    'pointer-not-backwards': 4,
    'label-type-unknown': 3,
    'trailing-octets': 51,
  })
})

test('BIND: signed messages, names and data from octets, text of every kind', (t) => {
  if (!existsSync(BIND)) return t.skip('vectors absent')
  const files = (directory: string): readonly Uint8Array[] =>
    readdirSync(join(BIND, directory)).map((file) => new Uint8Array(readFileSync(join(BIND, directory, file))))
  for (const octets of files('dns_message_checksig.in')) stable('checksig', octets)
  for (const octets of [...files('dns_name_fromwire.in'), ...files('dns_qpkey_name.in'), ...files('dns_qp.in')]) {
    const decoded = decodeName(octets)
    if (decoded.ok) assert.deepEqual(parseName(formatName(decoded.value)), decoded)
  }
  // Type and class stand before the data.
  for (const octets of files('dns_rdata_fromwire_text.in')) {
    for (const code of [((octets[0] ?? 0) << 8) | (octets[1] ?? 0), octets[0] ?? 0])
      rdataIsStable(code, octets.subarray(4))
  }
  for (const octets of files('dns_rdata_fromtext.in')) {
    const text = decodeLatin1(octets)
    for (const code of [1, 2, 6, 16, 25, 29, 35, 37, 42, 45, 46, 47, 48, 50, 55, 64, 256, 257]) {
      const parsed = parseRdata(code, text, ROOT)
      if (parsed.ok) rdataIsStable(code, parsed.value)
    }
    parseRecords(`x 5 ${text}`, ROOT)
  }
  for (const directory of ['dns_master_load.in', 'isc_lex_gettoken.in', 'isc_lex_getmastertoken.in']) {
    for (const octets of files(directory)) parseZone(decodeLatin1(octets), name('example'))
  }
})

test('Unbound: packets of its own tests, in hexadecimal', (t) => {
  if (!existsSync(UNBOUND)) return t.skip('vectors absent')
  const counts = { accepted: 0, refused: 0 }
  for (const file of readdirSync(UNBOUND).filter((each) => each.startsWith('test_packets.'))) {
    const text = readFileSync(join(UNBOUND, file), 'latin1')
    // A packet a line, or, in most files, a packet over many lines with comments.
    const packets = /[23]$/.test(file) ? text.split('\n') : text.split(/\n\s*\n|;-+ ?next packet/)
    for (const packet of packets) {
      const octets = decodeHex(packet.replaceAll(/;.*|\s/g, ''))
      if (!octets.ok || octets.value.length < 12) continue
      const kind = stable(file, octets.value)
      counts[kind === undefined ? 'accepted' : 'refused']++
    }
  }
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.accepted > 0)
})

/** `undefined` where the message is accepted and stays what it is; else why it is refused. */
function stable(file: string, octets: Uint8Array): string | undefined {
  const first = decodeMessage(octets)
  if (!first.ok) return first.error.kind
  const once = encodeMessage(first.value)
  const second = expectOk(decodeMessage(once.octets), `decode ${file} again`)
  if (once.truncated === first.value.truncated) assert.deepEqual(shown(second), shown(first.value), file)
  assert.equal(encodeHex(encodeMessage(second).octets), encodeHex(once.octets), file)
  const plain = encodeMessage(first.value, { compress: false })
  assert.ok(plain.octets.length <= 0xffff && decodeMessage(plain.octets).ok, file)
  return undefined
}

/** All that a message says, but for the case of names, in which compressed ones differ. */
function shown(message: Message): unknown {
  const { questions, answers, authorities, additionals, tsig: _, ...header } = message
  const records = [answers, authorities, additionals].map((section) =>
    section.map((record) => formatRecord(record).toLowerCase()),
  )
  return { header, questions: questions.map((each) => [each.name.key, each.type, each.class]), records }
}

function rdataIsStable(code: number, rdata: Uint8Array): void {
  const again = parseRdata(code, formatRdata(code, rdata), ROOT)
  const type = recordType(code)
  const data = type === undefined ? undefined : decodeRdata(type, rdata)
  if (type === undefined || data?.ok !== true) return
  assert.ok(again.ok && equalOctets(again.value, rdata), formatRdata(code, rdata))
  const written = encodeRdata(type, data.value)
  assert.equal(encodeHex(encodeRdata(type, expectOk(decodeRdata(type, written), 'decode'))), encodeHex(written))
}

async function* whole(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  yield octets
}
