import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeIpAddress,
  encodeIpAddress,
  type IpAddress,
  ipVersion,
  addressBlock,
  isLoopback,
  isUnspecified,
  parseIpAddress,
  unmapIpAddress,
} from '../src/index.ts'

// RFC 4291 §2.2, RFC 5952 §4 and §5
const ACCEPTED: readonly (readonly [text: string, canonical: string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of two runs
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // the longer run
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // one group is not shortened
  ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
]

for (const [text, canonical] of ACCEPTED) {
  test(`reads ${text} as ${canonical}`, () => {
    assert.deepEqual(parseIpAddress(text), { ok: true, value: canonical })
  })
}

const REFUSED = [
  '',
  ' ',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '1.2.3.256',
  '1.2.3.-1',
  '1.2.3.4 ',
  '0x7f.0.0.1',
  '2130706433',
  '1.2.3.٤',
  '1..2.3',
  ':',
  ':::',
  '::1::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::1:2:3:4:5:6:7:8',
  '12345::',
  'g::',
  ':1',
  '1:',
  '1.2.3.4::',
  '::1.2.3.4:5',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::1.2.3',
  '::01.2.3.4',
  'fe80::1%eth0',
  '[::1]',
  '::1/64',
  '::' + '0'.repeat(60),
] // prettier-ignore

for (const text of REFUSED) {
  test(`refuses "${text}"`, () => {
    assert.deepEqual(parseIpAddress(text), { ok: false, error: { kind: 'not-an-address', text } })
    assert.equal(isIP(text) !== 0 && !text.includes('%'), false, 'the runtime agrees')
  })
}

const address = (text: string): IpAddress => {
  const read = parseIpAddress(text)
  assert.ok(read.ok, text)
  return read.value
}

test('agrees with the runtime on which texts are addresses', () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom('0', '1', '2', '3', 'a', 'f', ':', '.'), maxLength: 20 }),
  )
  fc.assert(
    fc.property(text, (given) => assert.equal(parseIpAddress(given).ok, isIP(given) !== 0, given)),
    { numRuns: 1000 },
  )
})

test('octets and text tell the same, and the text is canonical', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  fc.assert(
    fc.property(octets, (given) => {
      const read = decodeIpAddress(given)
      assert.ok(read.ok)
      assert.deepEqual(encodeIpAddress(read.value), given)
      assert.deepEqual(parseIpAddress(read.value), read)
      assert.equal(ipVersion(read.value), given.length === 4 ? 4 : 6)
      if (given.length === 16) assert.equal(new URL(`http://[${read.value}]/`).hostname.length > 0, true)
    }),
  )
})

for (const length of [0, 3, 5, 15, 17]) {
  test(`refuses ${length} octets`, () => assert.equal(decodeIpAddress(new Uint8Array(length)).ok, false))
}

test('knows loopback, also as IPv4-mapped', () => {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8)
  loopback.addAddress('::1', 'ipv6')
  for (const text of [
    '127.0.0.1',
    '127.255.255.255',
    '128.0.0.1',
    '126.255.255.255',
    '::1',
    '::',
    '::2',
    '1::1',
    '::ffff:127.0.0.1',
    '::ffff:128.0.0.1',
  ]) {
    assert.equal(isLoopback(address(text)), loopback.check(text, text.includes(':') ? 'ipv6' : 'ipv4'), text)
  }
})

for (const [text, unmapped] of [
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['::192.0.2.1', '::c000:201'],
  ['1::ffff:192.0.2.1', '1::ffff:c000:201'],
] as const) {
  test(`unmaps ${text} to ${unmapped}`, () => assert.equal(unmapIpAddress(address(text)), unmapped))
}

test('what no parser made cannot be encoded', () => {
  assert.throws(() => encodeIpAddress('nowhere' as IpAddress), /not made by parseIpAddress/) // as: untyped code
})

for (const text of ['0.0.0.0', '::', '::ffff:0.0.0.0', '::ffff:0:0']) {
  test(`${text} is unspecified`, () => assert.equal(isUnspecified(address(text)), true))
}
for (const text of ['0.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:0:0:0', '192.0.2.1']) {
  test(`${text} is not unspecified`, () => assert.equal(isUnspecified(address(text)), false))
}

for (const [text, block] of [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::', '2001:db8:1:3::/64'],
  ['::1', '::/64'],
] as const) {
  test(`${text} counts as ${block}`, () => assert.equal(addressBlock(address(text)), block))
}
