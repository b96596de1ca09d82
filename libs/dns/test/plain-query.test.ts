import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expectOk } from '@scop/result'
import {
  AnswerPackets,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  handleMessage,
  type Message,
  parseType,
  type Reaction,
  zoneSet,
  parseZone,
} from '../src/index.ts'
import { plainMessage, PlainQuery, readPlainQuery } from '../src/plain-query.ts'
import { chainZone } from './chain-zone.ts'
import { EXAMPLE_TEXT, exampleZone, name } from './example-zone.ts'

const question = (owner: string, type: string): Message['questions'][number] => ({
  name: name(owner),
  type: parseType(type) ?? 0,
  class: 1,
})
const asked = (more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({ ...EMPTY_MESSAGE, id: 7, questions: [question('WWW.example.org', 'A')], ...more }).octets
const edns = (more: object = {}): Message['edns'] => ({
  udpOctets: 1232,
  version: 0,
  dnssecOk: false,
  options: [],
  ...more,
})
const changed = (octets: Uint8Array, at: number, value: number): Uint8Array => octets.slice().fill(value, at, at + 1)

const PLAIN: readonly (readonly [string, Uint8Array])[] = [
  ['a question', asked()],
  ['RD, CD, AD', asked({ recursionDesired: true, checkingDisabled: true, authenticData: true })],
  ['the root', asked({ questions: [question('.', 'NS')] })],
  ['EDNS', asked({ edns: edns() })],
  ['EDNS with DO', asked({ edns: edns({ dnssecOk: true }) })],
  ['a cookie of the client', asked({ edns: edns({ options: [{ code: 10, octets: new Uint8Array(8) }] }) })],
  ['a cookie of both', asked({ edns: edns({ options: [{ code: 10, octets: new Uint8Array(24) }] }) })],
]
const OTHER: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['a header', asked().subarray(0, 12)],
  ['a response', asked({ response: true })],
  ['another opcode', asked({ opcode: 4 })],
  ['TC', asked({ truncated: true })],
  ['no question', asked({ questions: [] })],
  ['two questions', asked({ questions: [question('a', 'A'), question('b', 'A')] })],
  ['256 questions', changed(asked(), 4, 1)],
  ['another class', asked({ questions: [{ ...question('a', 'A'), class: 3 }] })],
  ['a pointer', changed(asked(), 12, 0xc0)],
  ['a cut name', asked().subarray(0, 20)],
  ['a cut type', asked().subarray(0, asked().length - 3)],
  ['octets left over', new Uint8Array([...asked(), 0])],
  ['EDNS of version 1', asked({ edns: edns({ version: 1 }) })],
  ['a cut OPT', asked({ edns: edns() }).subarray(0, 40)],
  ['octets behind OPT', new Uint8Array([...asked({ edns: edns() }), 0])],
  ['NSID', asked({ edns: edns({ options: [{ code: 3, octets: new Uint8Array(0) }] }) })],
  ['a cookie of 9', asked({ edns: edns({ options: [{ code: 10, octets: new Uint8Array(9) }] }) })],
  ['a cookie of 41', asked({ edns: edns({ options: [{ code: 10, octets: new Uint8Array(41) }] }) })],
  ['another record', changed(asked(), 11, 1)],
]
for (const [what, octets] of PLAIN) test(`plain: ${what}`, () => assert.ok(readPlainQuery(octets, new PlainQuery())))
for (const [what, octets] of OTHER)
  test(`not plain: ${what}`, () => assert.ok(!readPlainQuery(octets, new PlainQuery())))

test('what is plain, the whole reader reads the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PLAIN.map(([, octets]) => octets)), fc.nat(), fc.nat(255), (octets, at, value) => {
      const input = changed(octets, at % octets.length, value)
      const plain = new PlainQuery()
      if (!readPlainQuery(input, plain)) return
      const message = expectOk(decodeMessage(input), 'read the plain query')
      assert.equal(message.questions.length, 1)
      const read = plainMessage(input, plain)
      const edns_ = message.edns === undefined ? undefined : { ...message.edns, options: [] }
      assert.equal(read.questions[0]?.name.key, message.questions[0]?.name.key)
      assert.deepEqual({ ...read, questions: [] }, { ...message, rcode: read.rcode, edns: edns_, questions: [] })
      assert.equal(message.questions[0]?.type, plain.type)
    }),
  )
})

const ZONES = zoneSet([chainZone(exampleZone(), 'nsec3')])
const PEER = { address: '192.0.2.1', port: 4000 }
const without = { zones: ZONES, keys: [], grants: [] }
const octetsOf = (reaction: Reaction): Uint8Array => {
  assert.ok(reaction.kind === 'reply')
  return reaction.octets
}

test('kept answers are those that would be made, for whoever asks, however often', () => {
  const owners = ['example.org', 'WWW.Example.org', 'www.example.org', 'gone.example.org', 'x.sub.example.org']
  const more = [
    'sub.example.org',
    'none.example.org',
    'a.wild.example.org',
    'big.example.org',
    'b.ent.example.org',
    'else.test',
    '.',
  ]
  const packets = new AnswerPackets({ answers: 16 })
  fc.assert(
    fc.property(
      fc.constantFrom(...owners, ...more),
      fc.constantFrom('A', 'MX', 'TXT', 'DS', 'NS', 'SOA', 'ANY', 'RRSIG', 'AXFR', 'DNSKEY'),
      fc.constantFrom(undefined, edns(), edns({ dnssecOk: true }), edns({ udpOctets: 512, dnssecOk: true })),
      fc.constantFrom('udp', 'tcp', 'tls'),
      fc.record({ id: fc.nat(65_535), recursionDesired: fc.boolean(), checkingDisabled: fc.boolean() }),
      (owner, type, ednsOf, transport, flags) => {
        const octets = asked({ ...flags, questions: [question(owner, type)], edns: ednsOf })
        const incoming = { octets, transport, peer: PEER, now: 1 } as const
        const kept = octetsOf(handleMessage({ ...without, packets }, incoming))
        assert.deepEqual(kept.slice(), octetsOf(handleMessage(without, incoming)).slice())
      },
    ),
    { numRuns: 1000 },
  )
})

test('the next version of a zone is answered from at once, and the one before no more', () => {
  const packets = new AnswerPackets()
  const incoming = {
    octets: asked({ questions: [question('web.example.org', 'A')] }),
    transport: 'udp',
    peer: PEER,
    now: 1,
  } as const
  const address = (zones: typeof ZONES): number | undefined =>
    octetsOf(handleMessage({ zones, keys: [], grants: [], packets }, incoming)).at(-1)
  const after = zoneSet([
    expectOk(parseZone(EXAMPLE_TEXT.replace('192.0.2.80', '192.0.2.99'), name('example.org')), 'read'),
  ])
  assert.equal(address(zoneSet([exampleZone()])), 80)
  assert.equal(address(after), 99)
  assert.equal(address(after), 99)
})

test('an answer is kept when it is asked for again', () => {
  const packets = new AnswerPackets()
  const octets = asked()
  const plain = new PlainQuery()
  readPlainQuery(octets, plain)
  for (const kept of [false, true, true]) {
    handleMessage({ ...without, packets }, { octets, transport: 'udp', peer: PEER, now: 1 })
    assert.equal(packets.find(ZONES, octets, plain) !== undefined, kept)
  }
})

test('answers longer than the bound are not kept, and a bound of none keeps none', () => {
  for (const limits of [{ octets: 20 }, { answers: 0 }]) {
    const packets = new AnswerPackets(limits)
    const octets = asked()
    const incoming = { octets, transport: 'udp', peer: PEER, now: 1 } as const
    for (let i = 0; i < 3; i++) octetsOf(handleMessage({ ...without, packets }, incoming))
    const plain = new PlainQuery()
    readPlainQuery(octets, plain)
    assert.equal(packets.find(ZONES, octets, plain), undefined)
  }
})
