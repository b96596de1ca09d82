import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { decodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  A,
  decodeMessage,
  DEFAULT_LIMITS,
  EMPTY_MESSAGE,
  encodeExtendedError,
  encodeMessage,
  extendedErrors,
  formatRecord,
  makeRecord,
  type Message,
  MX,
  NS,
  type ResourceRecord,
  SOA,
  SRV,
  TXT,
} from '../src/index.ts'
import { name } from './example-zone.ts'

const hex = (text: string): Uint8Array => expectOk(decodeHex(text.replaceAll(' ', '')), 'read the test')
const exampleAddress = { address: expectOk(parseIpAddress('192.0.2.1'), 'read') }
/** id 1, a response, with these counts. */
const head = (qd: number, an: number, ns: number, ar: number): string =>
  `00018000${[qd, an, ns, ar].map((count) => count.toString(16).padStart(4, '0')).join('')}`

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['no header', '0001', 'cut-short'],
  ['a question that is not there', head(1, 0, 0, 0), 'cut-short'],
  ['65535 answers in no octets', head(0, 65535, 0, 0), 'cut-short'],
  ['octets after the end', `${head(0, 0, 0, 0)}00`, 'trailing-octets'],
  ['a pointer to itself', `${head(1, 0, 0, 0)}c00c00010001`, 'pointer-not-backwards'],
  ['a pointer forwards', `${head(1, 0, 0, 0)}c00e00010001`, 'pointer-not-backwards'],
  ['a pointer into the header', `${head(1, 0, 0, 0)}c00000010001`, 'pointer-not-backwards'],
  ['two pointers in a circle', `${head(2, 0, 0, 0)}0161c01200010001c00c00010001`, 'pointer-not-backwards'],
  ['a pointer of one octet', `${head(1, 0, 0, 0)}c0`, 'cut-short'],
  ['a label that runs past the end', `${head(1, 0, 0, 0)}3f6100010001`, 'cut-short'],
  ['an extended label type', `${head(1, 0, 0, 0)}410000010001`, 'label-type-unknown'],
  [
    'a label that runs into the pointer that led to it',
    `${head(1, 1, 0, 0)}0461c00c0000010001c00c0001000100000000 0000`,
    'cut-short',
  ],
  ['A data of three octets', `${head(0, 1, 0, 0)}00 0001 0001 00000000 0003 c00002`, 'cut-short'],
  ['MX data of one octet', `${head(0, 1, 0, 0)}00 000f 0001 00000000 0001 00`, 'cut-short'],
  ['a name that leaves its record data', `${head(0, 1, 0, 0)}00 0002 0001 00000000 0002 0361 626300`, 'cut-short'],
  ['record data longer than the message', `${head(0, 1, 0, 0)}00 0001 0001 00000000 ffff c0000201`, 'cut-short'],
  ['OPT among the answers', `${head(0, 1, 0, 0)}00 0029 04d0 00000000 0000`, 'opt-misplaced'],
  ['OPT with an owner', `${head(0, 0, 0, 1)}0161 00 0029 04d0 00000000 0000`, 'opt-misplaced'],
  ['two OPT', `${head(0, 0, 0, 2)}00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000`, 'opt-repeated'],
  ['an option that is cut', `${head(0, 0, 0, 1)}00 0029 04d0 00000000 0004 000a 0001`, 'cut-short'],
  [
    'OPT with 101 options',
    `${head(0, 0, 0, 1)}00 0029 04d0 00000000 0194 ${'000a0000'.repeat(101)}`,
    'opt-options-too-many',
  ],
  [
    'TSIG that is not last',
    `${head(0, 0, 0, 2)}00 00fa 00ff 00000000 0011 00 000000000000 0000 0000 0000 0000 0000 00 0001 0001 00000000 0004 c0000201`,
    'tsig-misplaced',
  ],
]
for (const [what, octets, kind] of REFUSED) {
  test(`refuses ${what}: ${kind}`, () => {
    const result = decodeMessage(hex(octets))
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

test('small octets do not grow to large names: expansion-too-large', () => {
  // One name of 250 octets, then pointers to each of its labels, each of which is a name of its own.
  const base = '0161'.repeat(120)
  const pointers = Array.from({ length: 900 }, (_, i) => `0162${(0xc00c + 2 * (i % 120)).toString(16)}00010001`).join(
    '',
  )
  const result = decodeMessage(hex(`${head(901, 0, 0, 0)}${base}0000010001${pointers}`))
  assert.equal(result.ok ? 'accepted' : result.error.kind, 'expansion-too-large')
  const generous = decodeMessage(hex(`${head(901, 0, 0, 0)}${base}0000010001${pointers}`), {
    ...DEFAULT_LIMITS,
    expansionFactor: 64,
  })
  assert.ok(generous.ok)
})

test('reads what UPDATE has: class ANY and NONE, with and without data', () => {
  const message = expectOk(
    decodeMessage(
      hex(
        `0001 2800 0000 0002 0001 0000  00 0001 00ff 00000000 0000  00 000f 00fe 00000000 0000  00 000f 00fe 00000000 0003 000a00`,
      ),
    ),
    'decode',
  )
  assert.deepEqual(
    message.answers.map(({ rdata }) => rdata.length),
    [0, 0],
  )
  assert.equal(message.authorities[0]?.rdata.length, 3)
})

test('compresses owners and the names of old types, and nothing else', () => {
  const owner = name('mail.example.org')
  const message: Message = {
    ...EMPTY_MESSAGE,
    response: true,
    questions: [{ name: owner, type: MX.code, class: 1 }],
    answers: [
      makeRecord(MX, owner, 60, { preference: 10, exchange: name('Mail.Example.org') }),
      makeRecord(SRV, owner, 60, { priority: 0, weight: 0, port: 25, target: owner }),
      makeRecord(SOA, name('example.org'), 60, {
        primary: owner,
        responsible: name('x.example.org'),
        serial: 1,
        refreshSeconds: 2,
        retrySeconds: 3,
        expireSeconds: 4,
        negativeTtlSeconds: 5,
      }),
    ],
  }
  const { octets } = encodeMessage(message)
  const plain = encodeMessage(message, { compress: false }).octets
  assert.equal(octets.length, 12 + 18 + 4 + (12 + 4) + (12 + 6 + 18) + (12 + 2 + 4 + 20))
  assert.ok(plain.length > octets.length + 60)
  const [a, b] = [expectOk(decodeMessage(octets), 'decode'), expectOk(decodeMessage(plain), 'decode')]
  assert.deepEqual(
    a.answers.map(formatRecord).map((line) => line.toLowerCase()),
    b.answers.map(formatRecord).map((line) => line.toLowerCase()),
  )
})

test('leaves out what does not fit, and says so where it matters', () => {
  const records = Array.from({ length: 60 }, (_, i) =>
    makeRecord(TXT, name(`h${i}.example.org`), 60, { strings: [new Uint8Array(40)] }),
  )
  const long: Message = {
    ...EMPTY_MESSAGE,
    response: true,
    answers: records,
    edns: { udpOctets: 1232, version: 0, dnssecOk: false, options: [] },
  }
  const cut = encodeMessage(long, { maxOctets: 512 })
  assert.ok(cut.truncated && cut.octets.length <= 512)
  const read = expectOk(decodeMessage(cut.octets), 'decode')
  assert.ok(read.truncated && read.answers.length > 3 && read.edns !== undefined)
  const extra = encodeMessage({ ...long, answers: [], authoritative: true, additionals: records }, { maxOctets: 512 })
  assert.ok(!extra.truncated && extra.octets.length <= 512)
  const referral = encodeMessage(
    {
      ...long,
      answers: [],
      authorities: [makeRecord(NS, name('sub.example.org'), 60, { name: name('ns.sub.example.org') })],
      additionals: records,
    },
    { maxOctets: 512 },
  )
  assert.ok(referral.truncated) // RFC 9471: missing glue
})

test('the compression table is bounded', () => {
  const many = Array.from({ length: 400 }, (_, i) =>
    makeRecord(A, name(`a${i}.b${i}.c${i}.example`), 1, exampleAddress),
  )
  const small = encodeMessage(
    { ...EMPTY_MESSAGE, answers: many },
    { limits: { ...DEFAULT_LIMITS, compressionTargets: 0 } },
  )
  const normal = encodeMessage({ ...EMPTY_MESSAGE, answers: many })
  assert.ok(normal.octets.length < small.octets.length)
  assert.ok(decodeMessage(normal.octets).ok && decodeMessage(small.octets).ok)
})

test('extended rcodes and errors travel in OPT', () => {
  const edns = {
    udpOctets: 1232,
    version: 0,
    dnssecOk: true,
    options: [encodeExtendedError({ code: 18, text: 'not you' })],
  }
  const { octets } = encodeMessage({ ...EMPTY_MESSAGE, response: true, rcode: 16, edns })
  const read = expectOk(decodeMessage(octets), 'decode')
  assert.equal(read.rcode, 16)
  assert.deepEqual(extendedErrors(read.edns), [{ code: 18, text: 'not you' }])
  assert.deepEqual(extendedErrors({ ...edns, options: [{ code: 15, octets: new Uint8Array(1) }] }), [])
})

test('a TTL with the top bit set is zero', () => {
  const read = expectOk(decodeMessage(hex(`${head(0, 1, 0, 0)}00 0001 0001 ffffffff 0004 c0000201`)), 'decode')
  assert.equal(read.answers[0]?.ttlSeconds, 0)
})

const record: fc.Arbitrary<ResourceRecord> = fc.oneof(
  fc
    .record({ owner: fc.domain(), exchange: fc.domain(), preference: fc.nat(0xffff), ttl: fc.nat(0x7fffffff) })
    .map((each) =>
      makeRecord(MX, name(each.owner), each.ttl, { preference: each.preference, exchange: name(each.exchange) }),
    ),
  fc
    .record({
      owner: fc.domain(),
      strings: fc.array(fc.uint8Array({ maxLength: 255 }), { minLength: 1, maxLength: 4 }),
    })
    .map((each) => makeRecord(TXT, name(each.owner), 1, { strings: each.strings })),
  fc
    .record({ owner: fc.domain(), target: fc.domain(), port: fc.nat(0xffff) })
    .map((each) =>
      makeRecord(SRV, name(each.owner), 1, { priority: 1, weight: 2, port: each.port, target: name(each.target) }),
    ),
  fc
    .record({ owner: fc.domain(), rdata: fc.uint8Array({ maxLength: 40 }), type: fc.integer({ min: 300, max: 65535 }) })
    .map((each) => ({
      name: name(each.owner),
      type: each.type,
      class: 1,
      ttlSeconds: 5,
      rdata: each.rdata,
    })),
)

test('any message, encoded and decoded, says the same; cut anywhere, it is refused', () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 8 }),
      fc.array(record, { maxLength: 4 }),
      fc.nat(0xffff),
      fc.nat(),
      (answers, additionals, id, cut) => {
        const { octets, truncated } = encodeMessage({ ...EMPTY_MESSAGE, id, response: true, answers, additionals })
        assert.ok(!truncated)
        const read = expectOk(decodeMessage(octets), 'decode')
        const lines = (records: readonly ResourceRecord[]): readonly string[] =>
          records.map((each) => formatRecord(each).toLowerCase())
        assert.deepEqual(lines(read.answers), lines(answers))
        assert.deepEqual(lines(read.additionals), lines(additionals))
        assert.equal(read.id, id)
        assert.equal(decodeMessage(octets.subarray(0, cut % octets.length)).ok, false)
      },
    ),
  )
})
