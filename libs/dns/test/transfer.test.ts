import { parseAddressPrefix } from '@scop/identifiers'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk, type Result } from '@scop/result'
import { encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import {
  applyUpdate,
  condenseDiffs,
  CLASS,
  decodeMessage,
  DEFAULT_LIMITS,
  deleteRecord,
  EMPTY_MESSAGE,
  encodeMessage,
  encodeTransferRequest,
  formatRcode,
  formatRecord,
  formatZone,
  handleMessage,
  type Limits,
  makeRecord,
  type Message,
  parseZone,
  type ResourceRecord,
  RCODE,
  serveTransfers,
  type SentTransfer,
  type ServerState,
  SOA,
  soaRecord,
  type TransferError,
  type TransferGrant,
  type TransferOutcome,
  TransferReader,
  TXT,
  TYPE_AXFR,
  TYPE_IXFR,
  updateMessage,
  type Zone,
  type ZoneDiff,
  zoneRecords,
  zoneSet,
  OPTION,
  PADDING_BLOCK,
  findOption,
} from '../src/index.ts'
import { exampleZone, KEY, name } from './example-zone.ts'

const NOW = 1_700_000_000
const ZONE = exampleZone()
const ORIGIN = name('example.org')
const txt = (owner: string, text: string, ttl = 60): ResourceRecord =>
  makeRecord(TXT, name(`${owner}.example.org`), ttl, { strings: [encodeUtf8(text)] })
const lines = (zone: Zone): readonly string[] => zoneRecords(zone).map(formatRecord).toSorted()

function changed(zone: Zone, updates: readonly ResourceRecord[]): { readonly zone: Zone; readonly diff: ZoneDiff } {
  const outcome = applyUpdate(zoneSet([zone]), updateMessage(1, ORIGIN, [], updates), () => true)
  assert.ok(outcome.kind === 'changed')
  return outcome
}
const first = changed(ZONE, [txt('new', 'one')])
const second = changed(first.zone, [deleteRecord(txt('new', 'one')), txt('new', 'two')])
const third = changed(second.zone, [txt('other', 'three')])
const HISTORY = [first.diff, second.diff, third.diff]

const ANYBODY: readonly TransferGrant[] = [{ from: expectOk(parseAddressPrefix('0.0.0.0/0'), 'read') }]
const BY_KEY: readonly TransferGrant[] = [{ key: KEY.name, zone: ORIGIN }]

type Setting = {
  readonly zone: Zone
  readonly grants?: readonly TransferGrant[]
  readonly diffs?: readonly ZoneDiff[]
  readonly limits?: Partial<Limits>
  readonly address?: string
}

/** What a server says to a request, message by message. */
function serve(octets: Uint8Array, transport: 'udp' | 'tcp' | 'tls', setting: Setting): readonly Uint8Array[] {
  const limits = { ...DEFAULT_LIMITS, ...setting.limits }
  const zones = zoneSet([setting.zone])
  const transfer = serveTransfers(
    {
      zones,
      grants: setting.grants ?? ANYBODY,
      changesSince: (zone, serial) => {
        assert.equal(zone, setting.zone)
        const at = (setting.diffs ?? []).findIndex(({ fromSerial }) => fromSerial === serial)
        return at < 0 ? undefined : setting.diffs?.slice(at)
      },
      now: () => NOW,
    },
    limits,
  )
  const state: ServerState = { zones, keys: [KEY], grants: [], transfer }
  const peer = { address: setting.address ?? '192.0.2.1', port: 5353 }
  const reaction = handleMessage(state, { octets, transport, peer, now: NOW }, limits)
  if (reaction.kind === 'reply') return [reaction.octets]
  assert.ok(reaction.kind === 'stream')
  const messages: Uint8Array[] = []
  for (let next = reaction.messages.next(); next.done !== true; next = reaction.messages.next())
    messages.push(next.value)
  return messages
}
function read(
  sent: SentTransfer,
  messages: readonly Uint8Array[],
  limits: Partial<Limits> = {},
): Result<TransferOutcome | undefined, TransferError> {
  const reader = new TransferReader(sent, { ...DEFAULT_LIMITS, ...limits })
  let last: Result<TransferOutcome | undefined, TransferError> | undefined
  for (const octets of messages) {
    last = reader.push(octets, NOW)
    if (!last.ok) break
  }
  assert.ok(last !== undefined)
  return last
}
const request = (more: Partial<SentTransfer> = {}): SentTransfer =>
  encodeTransferRequest({ id: 7, zone: ORIGIN, transport: 'tcp', ...more }, NOW)
const outcome = (result: Result<TransferOutcome | undefined, TransferError>): string =>
  result.ok ? (result.value?.kind ?? 'more') : result.error.kind
const messageOf = (octets: Uint8Array | undefined): Message =>
  expectOk(decodeMessage(octets ?? new Uint8Array(0)), 'decode')

test('AXFR: what arrives is the zone, in one message or in many, signed or not', () => {
  for (const key of [undefined, KEY]) {
    for (const transferMessageOctets of [1, 300, 49_152]) {
      const sent = request(key && { key })
      const messages = serve(sent.octets, 'tcp', { zone: ZONE, limits: { transferMessageOctets } })
      assert.equal(messages.length === 1, transferMessageOctets > 300)
      const result = expectOk(read(sent, messages), 'read')
      assert.ok(result?.kind === 'zone')
      assert.deepEqual(lines(result.zone), lines(ZONE))
      assert.equal(formatZone(result.zone), formatZone(ZONE))
    }
  }
})

test('AXFR: SOA first and last, the question in the first message only, AA in each', () => {
  const messages = serve(request().octets, 'tcp', { zone: ZONE, limits: { transferMessageOctets: 400 } }).map(messageOf)
  const records = messages.flatMap(({ answers }) => answers)
  assert.equal(records.length, ZONE.recordCount + 1)
  for (const record of [records[0], records.at(-1)]) assert.equal(record?.type, SOA.code)
  assert.deepEqual(
    messages.map(({ questions }) => questions.length),
    [1, ...Array.from({ length: messages.length - 1 }).fill(0)],
  )
  assert.ok(messages.every(({ authoritative, id }) => authoritative && id === 7))
})

test('AXFR: so many suffixes of a message are kept for compression, and no more', () => {
  const size = (transferCompressionTargets: number): number =>
    serve(request().octets, 'tcp', { zone: ZONE, limits: { transferCompressionTargets } })[0]?.length ?? 0
  assert.ok(size(2048) < size(3), `${size(2048)} ${size(3)}`)
  assert.ok(size(3) < size(0), `${size(3)} ${size(0)}`)
})

test('AXFR: a slow peer gets the version that it asked for', () => {
  const transfer = serveTransfers(
    { zones: zoneSet([ZONE]), grants: ANYBODY, changesSince: () => undefined, now: () => NOW },
    { ...DEFAULT_LIMITS, transferMessageOctets: 200 },
  )
  const state: ServerState = { zones: zoneSet([ZONE]), keys: [], grants: [], transfer }
  const sent = request()
  const peer = { address: '192.0.2.1', port: 5353 }
  const reaction = handleMessage(state, { octets: sent.octets, transport: 'tcp', peer, now: NOW })
  assert.ok(reaction.kind === 'stream')
  const start = reaction.messages.next()
  changed(ZONE, [txt('new', 'meanwhile')])
  const messages = [start.value ?? new Uint8Array(0)]
  for (let next = reaction.messages.next(); next.done !== true; next = reaction.messages.next())
    messages.push(next.value)
  const result = expectOk(read(sent, messages), 'read')
  assert.ok(result?.kind === 'zone')
  assert.equal(result.zone.soa.serial, 100)
})

/** request; what the server has; answer */
const ixfr = (serial: Zone, transport: 'udp' | 'tcp' = 'tcp'): SentTransfer => request({ before: serial, transport })
const IXFR: readonly (readonly [string, SentTransfer, Setting, string])[] = [
  ['the changes since', ixfr(ZONE), { zone: third.zone, diffs: HISTORY }, 'changes'],
  ['the changes since, by UDP', ixfr(second.zone, 'udp'), { zone: third.zone, diffs: HISTORY }, 'changes'],
  ['the same serial', ixfr(third.zone), { zone: third.zone, diffs: HISTORY }, 'up-to-date'],
  ['the same serial, by UDP', ixfr(third.zone, 'udp'), { zone: third.zone, diffs: HISTORY }, 'up-to-date'],
  ['a serial before the journal', ixfr(ZONE), { zone: third.zone, diffs: HISTORY.slice(1) }, 'zone'],
  ['no journal', ixfr(ZONE), { zone: third.zone }, 'zone'],
  ['no journal, by UDP', ixfr(ZONE, 'udp'), { zone: third.zone, limits: { udpOctets: 512 } }, 'use-tcp'],
  ['a serial that is ahead of the server', ixfr(third.zone), { zone: ZONE }, 'serial-older'],
  [
    'more than a datagram takes',
    ixfr(ZONE, 'udp'),
    { zone: changed(ZONE, [txt('new', 'x'.repeat(250)), txt('new', 'y'.repeat(250))]).zone },
    'use-tcp',
  ],
]
for (const [what, sent, setting, expected] of IXFR) {
  test(`IXFR: ${what}: ${expected}`, () => {
    const result = read(sent, serve(sent.octets, sent.transport, setting))
    assert.equal(outcome(result), expected)
    if (!result.ok || result.value === undefined) return
    if (result.value.kind === 'zone' || result.value.kind === 'changes') {
      assert.deepEqual(lines(result.value.zone), lines(setting.zone))
    }
  })
}

test('IXFR: changes that undo each other are left out; more changes than zone is the zone', () => {
  const count = (diffs: readonly ZoneDiff[], zone: Zone): number =>
    serve(request({ before: ZONE }).octets, 'tcp', { zone, diffs }).flatMap((octets) => messageOf(octets).answers)
      .length
  // new SOA, old SOA, SOA, two records, new SOA
  assert.equal(count(HISTORY, third.zone), 6)
  const condensed = condenseDiffs(HISTORY)
  assert.deepEqual(
    condensed?.added.filter(({ type }) => type !== SOA.code).map(formatRecord),
    [txt('new', 'two'), txt('other', 'three')].map(formatRecord),
  )
  const many = Array.from({ length: 40 }, (_, i) => txt(`n${i}`, 'x'))
  const grown = changed(ZONE, many)
  const shrunk = changed(grown.zone, many.slice(1).map(deleteRecord))
  const replaced = changed(
    shrunk.zone,
    zoneRecords(shrunk.zone)
      .filter(({ type }) => type === TXT.code)
      .map(deleteRecord),
  )
  assert.ok(count([grown.diff, shrunk.diff, replaced.diff], replaced.zone) < 20)
})

test('IXFR of any history gives what the history gives', () => {
  const change = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 }), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(), (history, from) => {
      const versions: Zone[] = [ZONE]
      const diffs: ZoneDiff[] = []
      for (const edits of history) {
        const updates = edits.map(([owner, text, add]) => {
          const record = txt(`p${owner}`, String(text), 60 + text)
          return add ? record : deleteRecord(record)
        })
        const result = applyUpdate(
          zoneSet([versions.at(-1) ?? ZONE]),
          updateMessage(1, ORIGIN, [], updates),
          () => true,
        )
        if (result.kind !== 'changed') continue
        versions.push(result.zone)
        diffs.push(result.diff)
      }
      const last = versions.at(-1) ?? ZONE
      const before = versions[from % versions.length] ?? ZONE
      const sent = request({ before, key: KEY })
      const result = expectOk(read(sent, serve(sent.octets, 'tcp', { zone: last, diffs })), 'read')
      if (before === last) assert.equal(result?.kind, 'up-to-date')
      else assert.ok(result?.kind === 'changes' || result?.kind === 'zone')
      if (result?.kind === 'changes' || result?.kind === 'zone') assert.deepEqual(lines(result.zone), lines(last))
    }),
    { numRuns: 60 },
  )
})

test('who may not have it is refused, and by UDP nobody takes a zone', () => {
  const rcode = (sent: SentTransfer, setting: Partial<Setting>, transport: 'udp' | 'tcp' = 'tcp'): string =>
    formatRcode(messageOf(serve(sent.octets, transport, { zone: ZONE, ...setting })[0]).rcode)
  const inside = [{ from: expectOk(parseAddressPrefix('192.0.2.0/24'), 'read') }]
  const both = [{ key: KEY.name, from: expectOk(parseAddressPrefix('192.0.2.7'), 'read') }]
  assert.equal(rcode(request(), { grants: [] }), 'REFUSED')
  assert.equal(rcode(request(), { grants: BY_KEY }), 'REFUSED')
  assert.equal(rcode(request({ key: KEY }), { grants: BY_KEY }), 'NOERROR')
  assert.equal(rcode(request({ key: KEY }), { grants: [{ key: name('other'), zone: ORIGIN }] }), 'REFUSED')
  assert.equal(rcode(request({ key: KEY }), { grants: [{ key: KEY.name, zone: name('example.net') }] }), 'REFUSED')
  assert.equal(rcode(request(), { grants: inside }), 'NOERROR')
  assert.equal(rcode(request(), { grants: inside, address: '::ffff:192.0.2.9' }), 'NOERROR')
  assert.equal(rcode(request(), { grants: inside, address: '192.0.3.1' }), 'REFUSED')
  assert.equal(rcode(request(), { grants: inside, address: '2001:db8::1' }), 'REFUSED')
  assert.equal(rcode(request({ key: KEY }), { grants: both }), 'REFUSED')
  assert.equal(rcode(request({ key: KEY }), { grants: both, address: '192.0.2.7' }), 'NOERROR')
  assert.equal(rcode(request({ zone: name('example.net') }), {}), 'NOTAUTH')
  assert.equal(rcode(request({ zone: name('sub.example.org') }), {}), 'NOTAUTH')
  assert.equal(rcode(request(), {}, 'udp'), 'FORMERR')
  const without = { ...EMPTY_MESSAGE, questions: [{ name: ORIGIN, type: TYPE_IXFR, class: CLASS.IN }] }
  assert.equal(rcode({ ...request(), octets: encodeMessage(without).octets }, {}), 'FORMERR')
})

const soa = (serial: number): ResourceRecord => makeRecord(SOA, ORIGIN, 3600, { ...ZONE.soa, serial })
const ns = zoneRecords(ZONE).slice(1, 3)
const answerTo = (sent: SentTransfer, answers: readonly ResourceRecord[], more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    id: 7,
    response: true,
    questions: [{ name: ORIGIN, type: sent.before === undefined ? TYPE_AXFR : TYPE_IXFR, class: CLASS.IN }],
    answers,
    ...more,
  }).octets
const AXFR = request()
const CHANGES = request({ before: ZONE })

/** what; request; messages, as records or whole; outcome */
const READS: readonly (readonly [string, SentTransfer, readonly (readonly ResourceRecord[] | Uint8Array)[], string])[] =
  [
    ['a small zone', AXFR, [[soa(1), ...ns, soa(1)]], 'zone'],
    ['one record a message', AXFR, [[soa(1)], ...ns.map((each) => [each]), [soa(1)]], 'zone'],
    ['no end yet', AXFR, [[soa(1), ...ns]], 'more'],
    ['no SOA first', AXFR, [[...ns, soa(1)]], 'no-soa'],
    ['an empty answer', AXFR, [[]], 'no-soa'],
    ['another SOA last', AXFR, [[soa(1), ...ns, soa(2)]], 'ends-with-another-soa'],
    ['an SOA elsewhere', AXFR, [[soa(1), { ...soa(1), name: name('x.example.org') }, soa(1)]], 'ends-with-another-soa'],
    ['data after the end', AXFR, [[soa(1), ...ns, soa(1), ...ns]], 'data-after-end'],
    ['a message after the end', AXFR, [[soa(1), ...ns, soa(1)], [soa(1)]], 'data-after-end'],
    ['a zone without name servers', AXFR, [[soa(1), txt('x', 'y'), soa(1)]], 'bad-zone'],
    [
      'an alias beside data',
      AXFR,
      [[soa(1), ...ns, { ...soa(1), type: 5, rdata: Uint8Array.of(0) }, soa(1)]],
      'bad-zone',
    ],
    ['a name outside', AXFR, [[soa(1), { ...txt('x', 'y'), name: name('example.net') }]], 'not-in-zone'],
    ['class CH', AXFR, [[soa(1), { ...txt('x', 'y'), class: 3 }]], 'not-class-in'],
    ['a meta type', AXFR, [[soa(1), { ...txt('x', 'y'), type: 255 }]], 'meta-type'],
    ['another id', AXFR, [answerTo(AXFR, [soa(1)], { id: 8 })], 'not-the-answer'],
    ['a query', AXFR, [answerTo(AXFR, [soa(1)], { response: false })], 'not-the-answer'],
    ['another opcode', AXFR, [answerTo(AXFR, [soa(1)], { opcode: 4 })], 'not-the-answer'],
    ['no question', AXFR, [answerTo(AXFR, [soa(1)], { questions: [] })], 'not-the-answer'],
    ['another question', AXFR, [answerTo(CHANGES, [soa(1)])], 'not-the-answer'],
    ['TC', AXFR, [answerTo(AXFR, [soa(1)], { truncated: true })], 'truncated'],
    ['a refusal', AXFR, [answerTo(AXFR, [], { rcode: RCODE.REFUSED, questions: [] })], 'refused'],
    ['not a message', AXFR, [new Uint8Array(40)], 'malformed'],
    ['half a message', AXFR, [answerTo(AXFR, [soa(1)]).subarray(0, 30)], 'malformed'],
    ['changes', CHANGES, [[soa(101), soa(100), soa(101), txt('a', 'b'), soa(101)]], 'changes'],
    [
      'two changes',
      CHANGES,
      [
        [soa(102), soa(100), soa(101)],
        [soa(101), soa(102), txt('a', 'b'), soa(102)],
      ],
      'changes',
    ],
    [
      'changes with a gap',
      CHANGES,
      [[soa(103), soa(100), soa(101), soa(102), soa(103), soa(103)]],
      'serial-out-of-order',
    ],
    ['changes that go back', CHANGES, [[soa(103), soa(100), soa(99), soa(99)]], 'serial-out-of-order'],
    ['changes to what is not there', CHANGES, [[soa(101), soa(100), txt('no', 'b'), soa(101), soa(101)]], 'bad-zone'],
    ['changes that end elsewhere', CHANGES, [[soa(103), soa(100), soa(101), soa(101), soa(102)]], 'more'],
    ['the whole in place of changes', CHANGES, [[soa(101), ...ns, soa(101)]], 'zone'],
    ['changes from another serial', CHANGES, [[soa(102), soa(101), soa(102), soa(102)]], 'ends-with-another-soa'],
    ['nothing newer', CHANGES, [[soa(100)]], 'up-to-date'],
    ['something older', CHANGES, [[soa(99)]], 'serial-older'],
    ['something newer, to come', CHANGES, [[soa(101)]], 'more'],
  ]
for (const [what, sent, messages, expected] of READS) {
  test(`a transfer in: ${what}: ${expected}`, () => {
    const octets = messages.map((each) => (each instanceof Uint8Array ? each : answerTo(sent, each)))
    assert.equal(outcome(read(sent, octets)), expected)
  })
}

test('a transfer that must be signed is nothing until its last message is', () => {
  const sent = request({ key: KEY })
  const signed = serve(sent.octets, 'tcp', { zone: ZONE, limits: { transferMessageOctets: 300 } })
  assert.equal(outcome(read(sent, signed)), 'zone')
  assert.equal(outcome(read(sent, serve(AXFR.octets, 'tcp', { zone: ZONE }))), 'bad-tsig')
  const last = messageOf(signed.at(-1))
  const unsignedEnd = [...signed.slice(0, -1), encodeMessage({ ...last, tsig: undefined }).octets]
  assert.equal(outcome(read(sent, unsignedEnd)), 'not-proved')
  assert.equal(outcome(read(sent, [signed[0] ?? new Uint8Array(0), ...signed.slice(2)])), 'bad-tsig')
  const other = request({ key: { ...KEY, secret: new Uint8Array(32) } })
  assert.equal(outcome(read(other, serve(other.octets, 'tcp', { zone: ZONE }))), 'refused')
})

test('an endless transfer ends at a limit: of records, of octets, of messages', () => {
  const stream = (records: readonly ResourceRecord[], limits: Partial<Limits>): string => {
    const reader = new TransferReader(AXFR, { ...DEFAULT_LIMITS, ...limits })
    let result = reader.push(answerTo(AXFR, [soa(1), ...ns]), NOW)
    for (let i = 0; i < 10_000 && result.ok; i++) {
      const fresh = records.map((record) => ({ ...record, name: name(`x${i}.example.org`) }))
      result = reader.push(answerTo(AXFR, fresh), NOW)
    }
    assert.ok(!result.ok)
    return result.error.kind === 'bad-zone' ? result.error.error.kind : result.error.kind
  }
  assert.equal(stream([txt('x', 'y')], { zoneRecords: 50 }), 'too-many-records')
  assert.equal(stream([txt('x', 'y')], { transferOctets: 5000 }), 'too-many-octets')
  assert.equal(stream([txt('x', 'y')], { transferMessages: 20 }), 'too-many-messages')
  assert.equal(stream([], { transferMessages: 20 }), 'too-many-messages')
  const reader = new TransferReader(CHANGES, { ...DEFAULT_LIMITS, zoneRecords: 50 })
  let result = reader.push(answerTo(CHANGES, [soa(101), soa(100)]), NOW)
  for (let i = 0; i < 200 && result.ok; i++) result = reader.push(answerTo(CHANGES, [txt('x', String(i))]), NOW)
  assert.equal(outcome(result), 'too-many-records')
})

test('a transfer in is read the same however its records are spread over messages', () => {
  const records = [soa(100), ...zoneRecords(ZONE).slice(1), soa(100)]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (sizes) => {
      const reader = new TransferReader(AXFR)
      let at = 0
      let last: Result<TransferOutcome | undefined, TransferError> | undefined
      for (const size of [...sizes, records.length]) {
        if (at >= records.length) break
        last = reader.push(answerTo(AXFR, records.slice(at, at + size)), NOW)
        at += size
      }
      assert.ok(last?.ok && last.value?.kind === 'zone')
      assert.deepEqual(lines(last.value.zone), lines(ZONE))
    }),
    { numRuns: 40 },
  )
})

test('a zone that is read from text goes over and comes back', () => {
  const text =
    '@ 60 SOA a b 1 2 3 4 5\n@ NS a\na A 192.0.2.1\n*.x MX 10 a\n_a._b SRV 1 2 3 a\nb TYPE65400 \\# 3 000102\n'
  const zone = expectOk(parseZone(text, ORIGIN), 'read')
  const result = expectOk(read(AXFR, serve(AXFR.octets, 'tcp', { zone })), 'read')
  assert.ok(result?.kind === 'zone')
  assert.equal(formatZone(result.zone), formatZone(zone))
  assert.deepEqual(soaRecord(result.zone), soaRecord(zone))
})

for (const [transport, asked, padded] of [
  ['tls', true, true],
  ['tls', false, false],
  ['tcp', true, false],
] as const) {
  test(`a transfer by ${transport}, padding ${asked ? '' : 'not '}asked for, is ${padded ? '' : 'not '}padded`, () => {
    const options = asked ? [{ code: OPTION.PADDING, octets: new Uint8Array(3) }] : []
    const { octets } = encodeMessage({
      ...EMPTY_MESSAGE,
      questions: [{ name: ORIGIN, type: TYPE_AXFR, class: CLASS.IN }],
      edns: { udpOctets: 1232, version: 0, dnssecOk: false, options },
    })
    const messages = serve(octets, transport, { zone: exampleZone(), limits: { transferMessageOctets: 400 } })
    assert.ok(messages.length > 1)
    for (const message of messages) {
      const { edns } = expectOk(decodeMessage(message), 'decode our own message')
      assert.equal(findOption(edns, OPTION.PADDING) !== undefined, padded)
      if (padded) assert.equal(message.length % PADDING_BLOCK.response, 0)
    }
  })
}
