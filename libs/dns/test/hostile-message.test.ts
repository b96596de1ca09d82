// Messages made to cost much: each is refused, or its cost is bounded, which is counted here, not timed.
// RFC 9267 §2 (compression), RFC 1035 §4.1.4

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatOctets, decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, prependLabel, ROOT, type ResourceRecord } from '../src/index.ts'
import { CompressionTargets } from '../src/compression-targets.ts'
import { name } from './example-zone.ts'

const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value)
const octetsOf = (hex: string): Uint8Array => expectOk(decodeHex(hex.replaceAll(' ', '')), 'read the test')

/** A response with these records, each of them from its owner on, and no question. */
function response(...records: Uint8Array[]): Uint8Array {
  return concatOctets([octetsOf('0001 8400 0000'), u16(records.length), octetsOf('0000 0000'), ...records])
}

/** Type, class IN, TTL 5, and data. */
function body(type: number, rdata: Uint8Array): Uint8Array {
  return concatOctets([u16(type), octetsOf('0001 00000005'), u16(rdata.length), rdata])
}

function kindOf(message: Uint8Array): string {
  const decoded = decodeMessage(message)
  return decoded.ok ? 'accepted' : decoded.error.kind
}

const ROOT_OWNER = Uint8Array.of(0)

/** The owner of the second record is a pointer to the end of a chain of `count` pointers in the data of the first. */
function chain(count: number): Uint8Array {
  const start = 12 + 1 + 10 // the data of the first record
  const links = Array.from({ length: count - 1 }, (_, i) => u16(0xc000 | (i === 0 ? start : start + 1 + 2 * (i - 1))))
  const data = concatOctets([ROOT_OWNER, ...links])
  const last = count === 1 ? start : start + 1 + 2 * (count - 2)
  return response(
    concatOctets([ROOT_OWNER, body(65_280, data)]),
    concatOctets([u16(0xc000 | last), body(1, octetsOf('c0000201'))]),
  )
}

for (const [count, kind] of [
  [1, 'accepted'],
  [127, 'accepted'],
  [128, 'too-many-pointers'],
  [8000, 'too-many-pointers'],
] as const) {
  test(`a name by ${count} pointers: ${kind}`, () => assert.equal(kindOf(chain(count)), kind))
}

/** The name of a record, at octet 12. */
const OWNERS: readonly (readonly [string, string, string])[] = [
  ['a pointer to itself', 'c00c', 'pointer-not-backwards'],
  ['a pointer forwards', 'c00e', 'pointer-not-backwards'],
  ['a pointer into the header', 'c000', 'pointer-not-backwards'],
  ['a pointer beyond the end', 'ffff', 'pointer-not-backwards'],
  ['a label, and a pointer to that label', '0161c00c', 'pointer-not-backwards'],
  ['a label of another kind', '4100', 'label-type-unknown'],
  ['a label that is cut', '3f61', 'cut-short'],
  ['half a pointer', 'c0', 'cut-short'],
]
for (const [what, hex, kind] of OWNERS) {
  test(`${what}: ${kind}`, () => {
    assert.equal(
      kindOf(
        response(
          octetsOf(hex).length < 3 && kind === 'cut-short'
            ? octetsOf(hex)
            : concatOctets([octetsOf(hex), body(1, octetsOf('c0000201'))]),
        ),
      ),
      kind,
    )
  })
}

/** Data whose length ends inside a name or a field: what stands behind belongs to the next record. */
const CROSSING: readonly (readonly [string, number, string, string])[] = [
  ['a name', 2, '0361', 'cut-short'],
  ['a name without its end', 2, '0161', 'cut-short'],
  ['the pointer of a name', 15, '000ac0', 'cut-short'],
  ['the second name of SOA', 6, '0003', 'cut-short'],
  ['the signer of RRSIG', 46, '0001080000000005000000050000000500010361', 'cut-short'],
  ['a string', 16, '0561', 'cut-short'],
  ['the next name of NSEC', 47, '01', 'cut-short'],
  ['a block of NSEC', 47, '0000ff40', 'cut-short'],
  ['an address', 1, 'c00002', 'cut-short'],
  ['the value of a parameter', 64, '00010000030002' + '35', 'cut-short'],
  ['a name that ends before', 2, '0000', 'rdata-too-long'],
]
for (const [what, type, hex, kind] of CROSSING) {
  test(`data end within ${what}: ${kind}`, () => {
    // The octets that follow would complete it.
    const next = concatOctets([ROOT_OWNER, body(16, octetsOf('0161'))])
    assert.equal(kindOf(response(concatOctets([ROOT_OWNER, body(type, octetsOf(hex))]), next)), kind)
  })
}

test('a name in data may not come from behind its pointer', () => {
  const inside = concatOctets([ROOT_OWNER, body(2, octetsOf('c019'))]) // points behind itself
  assert.equal(
    kindOf(response(inside, concatOctets([ROOT_OWNER, body(1, octetsOf('c0000201'))]))),
    'pointer-not-backwards',
  )
})

test('one long name, repeated by pointers, grows no further than the bound', () => {
  const long = concatOctets([...Array.from({ length: 126 }, () => octetsOf('0161')), ROOT_OWNER])
  const first = concatOctets([long, body(1, octetsOf('c0000201'))])
  const pointing = (count: number): Uint8Array =>
    response(first, ...Array.from({ length: count }, () => concatOctets([u16(0xc00c), body(2, u16(0xc00c))])))
  assert.equal(kindOf(pointing(3)), 'accepted')
  assert.equal(kindOf(pointing(4000)), 'expansion-too-large')
})

test('counts that promise more records than there are', () => {
  const message = response()
  message.set([0xff, 0xff], 6)
  assert.equal(kindOf(message), 'cut-short')
})

/** How often the writer asks whether a name was written before, while `work` runs. */
function lookUps(work: () => void): number {
  const original = Object.getOwnPropertyDescriptor(CompressionTargets.prototype, 'find')
  assert.ok(original !== undefined)
  let count = 0
  const counted = function (this: CompressionTargets, ...asked: unknown[]): unknown {
    count++
    return Reflect.apply(original.value as typeof counted, this, asked) // as: the method that is replaced
  }
  Object.defineProperty(CompressionTargets.prototype, 'find', { ...original, value: counted })
  try {
    work()
  } finally {
    Object.defineProperty(CompressionTargets.prototype, 'find', original)
  }
  return count
}

test('to write 64 KiB asks for earlier names no more often than the message has octets', () => {
  const records: ResourceRecord[] = []
  for (let i = 0; i < 300; i++) {
    let owner = ROOT
    // Names of 127 labels, of which no two share an end.
    for (const label of [`${i}`.padStart(3, '0'), ...Array.from({ length: 124 }, () => 'a')]) {
      owner = prependLabel(new TextEncoder().encode(label), owner) ?? owner
    }
    records.push({ name: owner, type: 1, class: 1, ttlSeconds: 5, rdata: new Uint8Array(4) })
  }
  const message = { ...EMPTY_MESSAGE, response: true, answers: records }
  let octets = 0
  const asked = lookUps(() => {
    octets = encodeMessage(message).octets.length
  })
  assert.ok(octets > 60_000)
  assert.ok(asked > 1000 && asked <= octets, `${asked} look-ups for ${octets} octets`)
})

test('to read 64 KiB of records, each by another chain of pointers, is refused at the first that is too long', () => {
  const start = 12 + 1 + 10
  const links = Array.from({ length: 8000 }, (_, i) => u16(0xc000 | (i === 0 ? start : start + 1 + 2 * (i - 1))))
  const first = concatOctets([ROOT_OWNER, body(65_280, concatOctets([ROOT_OWNER, ...links]))])
  const others = Array.from({ length: 3000 }, (_, i) =>
    concatOctets([u16(0xc000 | (start + 1 + 4 * i)), body(65_280, new Uint8Array(0))]),
  )
  const decoded = decodeMessage(response(first, ...others))
  assert.equal(decoded.ok ? 'accepted' : decoded.error.kind, 'too-many-pointers')
})

test('nothing of the input is written to', () => {
  const message = encodeMessage({ ...EMPTY_MESSAGE, questions: [{ name: name('Example'), type: 1, class: 1 }] }).octets
  const before = encodeHex(message)
  expectOk(decodeMessage(message), 'decode')
  assert.equal(encodeHex(message), before)
})
