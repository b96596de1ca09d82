// PowerDNS's regression tests: their questions and updates to our server, for unsigned zones and four ways to deny.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  applyUpdate,
  decodeMessage,
  DEFAULT_LIMITS,
  EMPTY_MESSAGE,
  encodeMessage,
  formatName,
  formatRcode,
  formatRdata,
  formatType,
  handleMessage,
  type Message,
  parseName,
  parseRdata,
  parseType,
  parseZone,
  type ResourceRecord,
  ROOT,
  updateMessage,
  RRSIG,
  type Zone,
  zoneRecords,
} from '../src/index.ts'
import { type ChainMode, chainZone, online } from './chain-zone.ts'
import { name } from './example-zone.ts'
import { filtered, outcomes, type PdnsStep, readScript } from './pdns-script.ts'
import { VECTORS } from './vectors.ts'

const PDNS = join(VECTORS, 'dns/pdns/regression-tests')
type Mode = 'unsigned' | 'nsec' | 'nsec3' | 'nsec3-optout' | 'narrow'

/** Which of their files says what a mode should give: the first that is there. */
const EXPECTED: Readonly<Record<Mode, readonly string[]>> = {
  unsigned: [''],
  nsec: ['.dnssec', ''],
  nsec3: ['.nsec3', '.dnssec', ''],
  'nsec3-optout': ['.nsec3-optout', '.nsec3', '.dnssec', ''],
  narrow: ['.narrow', '.nsec3', '.dnssec', ''],
}
/** Their marks of tests that a mode leaves out. */
const LEFT_OUT: Readonly<Record<Mode, readonly string[]>> = {
  unsigned: ['skip.nodnssec'],
  nsec: [],
  nsec3: ['skip.nsec3'],
  'nsec3-optout': ['skip.nsec3', 'skip.optout'],
  narrow: ['skip.nsec3', 'skip.narrow'],
}
const ZONES = [
  'example.com',
  'test.com',
  'wtest.com',
  'minimal.com',
  'stest.com',
  'nztest.com',
  '2.0.192.in-addr.arpa',
  'dnssec-parent.com',
  'delegated.dnssec-parent.com',
  'insecure.dnssec-parent.com',
  'secure-delegated.dnssec-parent.com',
  'cryptokeys.org',
  'hiddencryptokeys.org',
  'powerdnssec.org',
  'cdnskey-cds-test.com',
  'test.dyndns.orig',
  'sub.test.dyndns.orig',
]
const ALGORITHMS: Readonly<Record<string, number>> = { 'secure-delegated.dnssec-parent.com.': 8 }
const UNSIGNED = new Set(['stest.com', 'insecure.dnssec-parent.com', '2.0.192.in-addr.arpa', 'nztest.com'])

for (const mode of ['unsigned', 'nsec', 'nsec3', 'nsec3-optout', 'narrow'] as const) {
  test(`PowerDNS: ${mode}`, (t) => {
    if (!existsSync(PDNS)) return t.skip('vectors absent')
    const server = new TestServer(mode)
    const differ: string[] = []
    let same = 0
    for (const directory of readdirSync(join(PDNS, 'tests'))) {
      const folder = join(PDNS, 'tests', directory)
      if (LEFT_OUT[mode].some((file) => existsSync(join(folder, file)))) continue
      const expected = EXPECTED[mode].map((end) => join(folder, `expected_result${end}`)).find(existsSync)
      if (expected === undefined) continue
      const steps = readScript(readFileSync(join(folder, 'command'), 'latin1'))
      if (steps?.[0] === undefined) continue
      const theirs = outcomes(readFileSync(expected, 'latin1'), (line) => normal(line, mode))
      const ours = outcomes(server.run(steps), (line) => normal(line, mode))
      if (ours.join('\n') === theirs.join('\n')) same++
      else {
        differ.push(directory)
        if (process.env['SHOW'] !== undefined && !(directory in REASONS))
          console.log(`--- ${mode} ${directory}\n${show(theirs, ours)}`)
      }
    }
    t.diagnostic(`${same} agree, ${differ.length} differ for a reason`)
    assert.deepEqual(
      differ.filter((directory) => !(directory in REASONS)),
      [],
    )
    assert.ok(same >= AGREEING[mode])
    for (const directory of differ) REASONS_USED.add(directory)
  })
}

test('PowerDNS: no reason stands without a difference', (t) => {
  if (!existsSync(PDNS)) return t.skip('vectors absent')
  assert.deepEqual([...REASONS_USED].sort(), Object.keys(REASONS).sort())
})

/** How many agree at least. */
const AGREEING: Readonly<Record<Mode, number>> = {
  unsigned: 129,
  nsec: 157,
  nsec3: 156,
  'nsec3-optout': 155,
  narrow: 155,
}

/** Where we answer otherwise, or are not asked by this test. */
const REASONS: Readonly<Record<string, string>> = {
  '0dyndns-prereq-nxrrset-full': 'a prerequisite said twice counts once with us',
  '1dyndns-cname-and-other-data': 'RFC 2136 §3.4.2.2 passes silently over what they refuse',
  '1dyndns-update-add-delete-txt': 'they cut a string of more than 255 octets in two, which we refuse to read',
  '1dyndns-update-delete-ns': 'RFC 2136 §3.4.2.4 keeps the last name server, they keep both of two',
  'alias-address': 'a type of their own',
  'alias-mx': 'a type of their own',
  'any-to-tcp-query': 'one RRset by UDP, as RFC 8482 §4.1 has it, where they give TC',
  axfr: 'transfers are not what this test asks for',
  'cname-and-wildcard-trump': 'their zone has an alias beside other data, which we refuse to read',
  'cname-loop-breakout': 'they say SERVFAIL, we give the circle for the asker to see',
  cryptokeys: 'keys that their tool has put in',
  'direct-rrsig': 'they refuse, we give one signature as to ANY (RFC 8482 §7)',
  'ds-at-unsecure-zone-cut': 'CDS that their tool has put in',
  'publishing-cds-cdnskey': 'CDS that their tool has put in',
  'svcb-servicemode': 'a key with leading zeros (RFC 9460 §14.3.1), and one that is not registered',
  'too-big-for-udp-query-always-truncate-additional': 'additional records that do not fit set no TC (RFC 2181 §9)',
  'very-long-txt': 'they cut a string of more than 255 octets in two, which we refuse to read',
}
const REASONS_USED = new Set<string>()

function show(theirs: readonly string[], ours: readonly string[]): string {
  const [left, right] = [theirs.join('\n').split('\n'), ours.join('\n').split('\n')]
  return [
    ...left.filter((line) => !right.includes(line)).map((line) => `< ${line}`),
    ...right.filter((line) => !left.includes(line)).map((line) => `> ${line}`),
  ].join('\n')
}

class TestServer {
  readonly #plain = new Map<string, Zone>()
  readonly #served = new Map<string, Zone>()
  readonly #mode: Mode

  constructor(mode: Mode) {
    this.#mode = mode
    for (const file of ZONES) this.#take(readZone(file))
  }

  run(steps: readonly PdnsStep[]): string {
    return steps
      .map((step) =>
        step.kind === 'ask'
          ? this.#ask(
              step,
              steps.some(({ kind }) => kind === 'update'),
            )
          : this.#update(step.lines),
      )
      .join('')
  }

  #take(zone: Zone): void {
    this.#plain.set(zone.origin.key, zone)
    const unsigned = this.#mode === 'unsigned' || UNSIGNED.has(formatName(zone.origin).slice(0, -1))
    const chain: ChainMode = this.#mode === 'narrow' || this.#mode === 'unsigned' ? 'online' : this.#mode
    const isSigned = zoneRecords(zone).some(({ type }) => type === RRSIG.code)
    this.#served.set(
      zone.origin.key,
      unsigned || isSigned ? zone : chainZone(zone, chain, { algorithm: ALGORITHMS[formatName(zone.origin)] ?? 13 }),
    )
  }

  /** `whole`: ANY is asked so that all types are given, for it is only there to show what an update did. */
  #ask({ owner, type, options, filter }: PdnsStep & { kind: 'ask' }, whole: boolean): string {
    const isTcp = options.has('tcp') || (whole && type === 'ANY')
    const edns = options.has('dnssec') ? { udpOctets: 2800, version: 0, dnssecOk: true, options: [] } : undefined
    const questions = [
      { name: expectOk(parseName(owner.replaceAll(' ', '\\032'), ROOT), owner), type: parseType(type) ?? -1, class: 1 },
    ]
    const { octets } = encodeMessage({ ...EMPTY_MESSAGE, questions, edns })
    const signer = online('nsec3')
    const reaction = handleMessage(
      {
        zones: this.#served,
        keys: [],
        grants: [],
        onlineSigner: (zone) =>
          this.#mode === 'narrow' && zone !== this.#plain.get(zone.origin.key) ? signer : undefined,
      },
      { octets, transport: isTcp ? 'tcp' : 'udp', peer: { address: '192.0.2.1', port: 4000 }, now: 0 },
      { ...DEFAULT_LIMITS, udpOctets: 2800 },
    )
    assert.ok(reaction.kind === 'reply')
    const reply = expectOk(decodeMessage(reaction.octets), 'decode our reply')
    return filtered(printed(reply, options), filter)
  }

  #update(lines: readonly string[]): string {
    const [prerequisites, updates]: [ResourceRecord[], ResourceRecord[]] = [[], []]
    let zoneName = name('test.dyndns')
    for (const line of lines) {
      const words = line.trim().match(/"[^"]*"|\S+/g) ?? []
      if (words[0] === 'zone') zoneName = name(words[1] ?? '')
      else if (words[0] === 'prereq') prerequisites.push(readPrerequisite(words.slice(1)))
      else if (words[0] === 'update') updates.push(readUpdate(words.slice(1)))
    }
    const outcome = applyUpdate(this.#plain, updateMessage(1, zoneName, prerequisites, updates), () => true)
    if (outcome.kind === 'changed') this.#take(outcome.zone)
    if (!lines.some((line) => line.trim() === 'answer')) return ''
    const rcode = formatRcode(outcome.kind === 'refused' ? outcome.rcode : 0)
    return `;; ->>HEADER<<- opcode: UPDATE, status: ${rcode}, id: [id]\n`
  }
}

/** The words of `nsupdate` behind `prereq`. RFC 2136 §2.4 */
function readPrerequisite([kind, owner = '', ...rest]: readonly string[]): ResourceRecord {
  const isAbsent = kind?.startsWith('nx') ?? false
  const isName = kind?.endsWith('domain') ?? false
  const typeWord = rest[0]?.toUpperCase() === 'IN' ? rest[1] : rest[0]
  const type = isName ? 255 : (parseType(typeWord ?? '') ?? -1)
  const data = rest.slice(rest.indexOf(typeWord ?? '') + 1).join(' ')
  if (isName || data === '')
    return { name: name(owner), type, class: isAbsent ? 254 : 255, ttlSeconds: 0, rdata: new Uint8Array(0) }
  return { name: name(owner), type, class: 1, ttlSeconds: 0, rdata: rdataOf(type, data) }
}

/** The words behind `update`. RFC 2136 §2.5 */
function readUpdate([verb, owner = '', ...rest]: readonly string[]): ResourceRecord {
  const words = rest.filter((word, i) => !(i < 2 && word.toUpperCase() === 'IN'))
  const ttl = /^\d+$/.test(words[0] ?? '') ? Number(words.shift()) : 0
  const type = words[0] === undefined ? 255 : (parseType(words[0]) ?? -1)
  const data = words.slice(1).join(' ')
  const rdata = data === '' ? new Uint8Array(0) : rdataOf(type, data)
  if (verb === 'add') return { name: name(owner), type, class: 1, ttlSeconds: ttl, rdata }
  return { name: name(owner), type, class: data === '' ? 255 : 254, ttlSeconds: 0, rdata }
}

function rdataOf(type: number, text: string): Uint8Array {
  return expectOk(parseRdata(type, text, ROOT), text)
}

function readZone(file: string): Zone {
  const text = readFileSync(join(PDNS, 'zones', file), 'utf8')
  const lines = text.split('\n').filter((line) => !UNREAD.test(line))
  for (let left = MOST_DEVIATIONS; ; left--) {
    const zone = parseZone(lines.join('\n'), name(file.replace(/\.orig$/, '')))
    if (zone.ok) return zone.value
    assert.ok(left > 0, `${file}: ${zone.error.kind} ${zone.error.line} ${zone.error.text}`)
    if (process.env['SHOW'] !== undefined) console.log(file, zone.error.kind, lines[zone.error.line - 1]?.slice(0, 100))
    lines[zone.error.line - 1] = ''
  }
}

const UNREAD = /\s(?:ALIAS|LUA)\s/
const MOST_DEVIATIONS = 8

/** In their form: section, owner, TTL, class, type and data, with tabs between. */
function printed(reply: Message, options: ReadonlySet<string>): string {
  const line = (section: number) => (record: ResourceRecord) => {
    const ttl = options.has('hidettl') ? '[ttl]' : record.ttlSeconds
    return `${section}\t${formatName(record.name)}\t${ttl}\tIN\t${formatType(record.type)}\t${masked(record, options)}\n`
  }
  const lines = [...reply.answers.map(line(0)), ...reply.authorities.map(line(1)), ...reply.additionals.map(line(2))]
  const question = reply.questions[0]
  return [
    ...lines.sort(),
    ...(reply.edns === undefined ? [] : ['2\t.\t32768\tIN\tOPT\t\n']),
    `Rcode: ${reply.rcode} (), RD: 0, QR: 1, TC: ${reply.truncated ? 1 : 0}, AA: ${reply.authoritative ? 1 : 0}, opcode: 0\n`,
    `Reply to question for qname='${question === undefined ? '' : formatName(question.name)}', qtype=${formatType(question?.type ?? 0)}\n`,
  ].join('')
}

/** What differs from run to run is masked in their files, so here too. */
function masked({ type, rdata }: ResourceRecord, options: ReadonlySet<string>): string {
  const text = formatRdata(type, rdata)
  const words = text.split(' ')
  switch (formatType(type)) {
    case 'RRSIG':
      return [...words.slice(0, 4), '[expiry]', '[inception]', '[keytag]', words[7], '...'].join(' ')
    case 'DNSKEY':
      return [...words.slice(0, 3), '...'].join(' ')
    case 'NSEC3':
      return options.has('showflags') ? text : words.with(1, '[flags]').join(' ')
    case 'SOA':
      return options.has('hidesoadetails') ? words.with(2, '[serial]').join(' ') : text
    default:
      return text
  }
}

/** Names and white space do not differ by their case or number. */
function normal(line: string, mode: Mode): string {
  const [section, owner = '', ttl, , type = '', ...data] = line.split('\t')
  const code = parseType(type)
  const text = data.join(' ').trim()
  const parsed = code === undefined ? undefined : parseRdata(code, text, ROOT)
  const form = code !== undefined && parsed?.ok ? formatRdata(code, parsed.value) : text
  // What is made when it is asked for covers nothing that exists, so ours has no need of opt-out.
  const flags = mode === 'narrow' && type === 'NSEC3' ? form.replace(/^1 \S+/, '1 -') : form
  return `${section} ${owner.toLowerCase()} ${ttl} ${type} ${flags.toLowerCase()}`
}
