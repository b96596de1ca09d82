import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  decodeKeepalive,
  decodeMessage,
  type Edns,
  type EdnsOption,
  EMPTY_MESSAGE,
  encodeExtendedError,
  encodeKeepalive,
  encodeMessage,
  EXTENDED_ERROR,
  extendedErrors,
  findOption,
  formatExtendedErrorCode,
  NSID_REQUEST,
  OPTION,
  PADDING_BLOCK,
} from '../src/index.ts'
import { name } from './example-zone.ts'

const QUERY = { ...EMPTY_MESSAGE, questions: [{ name: name('example.org'), type: 1, class: 1 }] }

function edns(...options: EdnsOption[]): Edns {
  return { udpOctets: 1232, version: 0, dnssecOk: false, options }
}

for (const [milliseconds, octets] of [
  [undefined, []],
  [0, [0, 0]],
  [1050, [0, 10]],
  [10_000_000, [0xff, 0xff]],
] as const) {
  test(`keepalive of ${milliseconds} ms`, () => {
    const option = encodeKeepalive(milliseconds)
    assert.deepEqual([...option.octets], octets)
    const shown = milliseconds === undefined ? undefined : Math.min(Math.floor(milliseconds / 100) * 100, 6_553_500)
    assert.equal(expectOk(decodeKeepalive(option.octets), 'decode'), shown)
  })
}
for (const length of [1, 3, 4]) {
  test(`refuses a keepalive of ${length} octets`, () => {
    assert.deepEqual(decodeKeepalive(new Uint8Array(length)), {
      ok: false,
      error: { kind: 'keepalive-length', octets: length },
    })
  })
}

test('of each kind the first option counts', () => {
  const first = { code: OPTION.NSID, octets: encodeLatin1('a') }
  const message = { ...QUERY, edns: edns(first, { code: OPTION.NSID, octets: encodeLatin1('b') }, NSID_REQUEST) }
  const read = expectOk(decodeMessage(encodeMessage(message).octets), 'decode')
  assert.deepEqual([...(findOption(read.edns, OPTION.NSID) ?? [])], [0x61])
  assert.equal(findOption(read.edns, OPTION.COOKIE), undefined)
  assert.equal(findOption(undefined, OPTION.NSID), undefined)
})

for (const [count, kind] of [
  [100, 'accepted'],
  [101, 'opt-options-too-many'],
  [16_000, 'opt-options-too-many'],
] as const) {
  test(`${count} options: ${kind}`, () => {
    const options = Array.from({ length: count }, () => NSID_REQUEST)
    const { octets } = encodeMessage({ ...QUERY, edns: edns(...options) })
    const read = decodeMessage(octets)
    assert.equal(read.ok ? 'accepted' : read.error.kind, kind)
  })
}

for (const [block, max, octets] of [
  [PADDING_BLOCK.query, 65_535, 128],
  [PADDING_BLOCK.response, 65_535, 468],
  [PADDING_BLOCK.response, 300, 300],
  [PADDING_BLOCK.query, 43, 40], // no place for it
  [1, 65_535, 44],
] as const) {
  test(`pads to ${block}, at most ${max}: ${octets}`, () => {
    const message = { ...QUERY, edns: edns() }
    const bare = encodeMessage(message, { maxOctets: max }).octets.length
    const padded = encodeMessage(message, { maxOctets: max, paddingBlock: block }).octets
    assert.equal(padded.length, octets)
    assert.ok(padded.length >= bare && decodeMessage(padded).ok)
  })
}

test('a message without EDNS is not padded', () => {
  const { octets } = encodeMessage(QUERY, { paddingBlock: PADDING_BLOCK.query })
  assert.deepEqual(octets, encodeMessage(QUERY).octets)
})

test('every extended error has a name, and all that a message has are read', () => {
  const errors = Object.values(EXTENDED_ERROR).map((code) => ({ code, text: formatExtendedErrorCode(code) }))
  const options = errors.map(encodeExtendedError)
  const read = expectOk(decodeMessage(encodeMessage({ ...QUERY, edns: edns(...options) }).octets), 'decode')
  assert.deepEqual(extendedErrors(read.edns), errors)
  assert.equal(errors.length, 31)
  assert.equal(formatExtendedErrorCode(7), 'SIGNATURE_EXPIRED')
  assert.equal(formatExtendedErrorCode(49_152), 'EDE49152')
})

for (const [what, octets, errors] of [
  ['one octet', [0], []],
  ['text that is no UTF-8', [0, 6, 0xff], []],
  ['nulls at the end', [0, 6, 0x61, 0, 0], [{ code: 6, text: 'a' }]],
  ['nulls before the end', [0, 6, 0, 0x61], [{ code: 6, text: '\0a' }]],
] as const) {
  test(`an extended error with ${what}`, () => {
    assert.deepEqual(extendedErrors(edns({ code: 15, octets: Uint8Array.from(octets) })), errors)
  })
}
