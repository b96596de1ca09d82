// PowerDNS's regression tests for unsigned zones: their questions to our answers.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  answer,
  EMPTY_MESSAGE,
  formatName,
  formatRdata,
  formatType,
  type Message,
  parseName,
  parseRdata,
  parseType,
  parseZone,
  type ResourceRecord,
  ROOT,
  type Zone,
  zoneSet,
} from '../src/index.ts'
import { name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const PDNS = join(VECTORS, 'dns/pdns/regression-tests')
const ZONES = ['example.com', 'test.com', 'wtest.com', 'minimal.com', 'stest.com', 'nztest.com', '2.0.192.in-addr.arpa']

test('PowerDNS: answers of unsigned zones', (t) => {
  if (!existsSync(PDNS)) return t.skip('vectors absent')
  const zones = ZONES.map((file) => readZone(file))
  const set = zoneSet(zones)
  const differ: string[] = []
  let same = 0
  for (const directory of readdirSync(join(PDNS, 'tests'))) {
    const [command, expected] = ['command', 'expected_result'].map((file) => join(PDNS, 'tests', directory, file))
    if (command === undefined || expected === undefined || !existsSync(expected) || !existsSync(command)) continue
    const lines = readFileSync(command, 'latin1')
      .split('\n')
      .filter((line) => line.startsWith('cleandig '))
    const [, owner, type, ...options] = (lines[0] ?? '').split(/\s+/)
    const code = parseType(type ?? '')
    if (lines.length !== 1 || owner === undefined || code === undefined || options.includes('dnssec')) continue
    const parsed = parseName(owner, ROOT)
    if (!parsed.ok) continue
    const reply = answer(set, { ...EMPTY_MESSAGE, questions: [{ name: parsed.value, type: code, class: 1 }] })
    const theirs = normal(readFileSync(expected, 'latin1'))
    const ours = shown(reply)
    if (ours === theirs) same++
    else differ.push(directory)
  }
  t.diagnostic(`${same} agree, ${differ.length} differ for a reason`)
  assert.deepEqual(differ, Object.keys(REASONS))
  assert.ok(same >= 56)
})

/** Where we answer otherwise, or cannot be asked here. */
const REASONS: Readonly<Record<string, string>> = {
  '0dyndns-prereq-nxrrset-full': 'asks after updates that are not made here',
  'alias-mx': 'a type of their own',
  axfr: 'no transfers yet',
  'cname-and-wildcard-trump': 'their zone has an alias beside other data, which we refuse to read',
  'cname-loop-breakout': 'they say SERVFAIL, we give the circle for the asker to see',
  'dname-self': 'no DNAME yet',
  'ds-at-parent': 'in a zone that is signed',
  'ent-axfr': 'no transfers yet',
  'too-big-for-udp-query': 'the answer before it is cut for UDP',
  'too-big-for-udp-query-always-truncate-additional': 'the answer before it is cut for UDP',
  'very-long-txt': 'they cut a string of more than 255 octets in two, which we refuse to read',
}

/** A zone of theirs, without the lines that we do not read: types of their own, and deviations. */
function readZone(file: string): Zone {
  const text = readFileSync(join(PDNS, 'zones', file), 'utf8')
  const lines = text.split('\n').filter((line) => !UNREAD.test(line))
  for (let left = MOST_DEVIATIONS; ; left--) {
    const zone = parseZone(lines.join('\n'), name(file))
    if (zone.ok) return zone.value
    assert.ok(left > 0, `${file}: ${zone.error.kind} ${zone.error.text}`)
    lines[zone.error.line - 1] = ''
  }
}

const UNREAD = /\s(?:ALIAS|SVCB|DNAME)\s/
const MOST_DEVIATIONS = 3

function shown(reply: Message): string {
  const line = (section: number) => (record: ResourceRecord) =>
    `${section} ${formatName(record.name).toLowerCase()} ${record.ttlSeconds} ${formatType(record.type)} ${formatRdata(record.type, record.rdata).toLowerCase()}`
  const lines = [...reply.answers.map(line(0)), ...reply.authorities.map(line(1)), ...reply.additionals.map(line(2))]
  return [...lines.sort(), `rcode ${reply.rcode} aa ${reply.authoritative ? 1 : 0}`].join('\n')
}

function normal(text: string): string {
  const lines: string[] = []
  let status = ''
  for (const each of text.split('\n')) {
    const record = /^(\d)\t(\S+)\t(?:IN\t)?(\d+)\t(?:IN\t)?(\S+)\t?(.*)$/.exec(each)
    const header = /^Rcode: (\d+).*AA: (\d)/.exec(each)
    if (header !== null) status = `rcode ${header[1]} aa ${header[2]}`
    if (record === null || record[4] === 'OPT') continue
    const [, section, owner, ttl, type, rdata] = record
    const code = parseType(type ?? '')
    const parsed = code === undefined ? undefined : parseRdata(code, rdata ?? '', ROOT)
    const data = code !== undefined && parsed?.ok ? formatRdata(code, parsed.value) : (rdata ?? '')
    lines.push(`${section} ${(owner ?? '').toLowerCase()} ${ttl} ${type} ${data.toLowerCase()}`)
  }
  return [...lines.sort(), status].join('\n')
}
