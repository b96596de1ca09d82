import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  compareNames,
  decodeName,
  equalNames,
  formatName,
  isAtOrBelow,
  isWildcard,
  labelCount,
  labels,
  type Name,
  parentName,
  parseName,
  prependLabel,
  ROOT,
  wildcardOf,
} from '../src/index.ts'
import { name } from './example-zone.ts'

const anyName: fc.Arbitrary<Name> = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 6 })
  .map((parts) => parts.reduceRight((below: Name, label) => prependLabel(label, below) ?? below, ROOT))

const ACCEPTED: readonly (readonly [string, string])[] = [
  ['.', '.'],
  ['example.org', 'example.org.'],
  ['Example.ORG.', 'Example.ORG.'],
  ['a\\.b.c', 'a\\.b.c.'],
  ['\\065.x', 'A.x.'],
  ['\\000null.x', '\\000null.x.'],
  ['sp\\032ace', 'sp\\032ace.'],
  ['_25._tcp.mail', '_25._tcp.mail.'],
  ['*.w', '*.w.'],
  [`${'a'.repeat(63)}.b`, `${'a'.repeat(63)}.b.`],
  ['\u00fcber', '\\252ber.'],
]
for (const [text, formatted] of ACCEPTED) {
  test(`reads the name ${JSON.stringify(text)}`, () => assert.equal(formatName(name(text)), formatted))
}

const REFUSED: readonly (readonly [string, string])[] = [
  ['', 'empty-label'],
  ['..', 'empty-label'],
  ['.a', 'empty-label'],
  ['a..b', 'empty-label'],
  ['a.b..', 'empty-label'],
  ['a\\', 'bad-escape'],
  ['\\25x', 'bad-escape'],
  ['\\256', 'bad-escape'],
  ['\u0101', 'not-an-octet'],
  [`${'a'.repeat(64)}.b`, 'label-too-long'],
  [Array.from({ length: 128 }, () => 'a').join('.'), 'name-too-long'],
  [`${`${'a'.repeat(63)}.`.repeat(4)}`, 'name-too-long'],
]
for (const [text, kind] of REFUSED) {
  test(`refuses the name ${JSON.stringify(text.slice(0, 40))}: ${kind}`, () => {
    const result = parseName(text, ROOT)
    assert.equal(result.ok ? 'accepted' : result.error.kind, kind)
  })
}

test('a relative name needs an origin', () => {
  const result = parseName('a.b')
  assert.equal(result.ok ? 'accepted' : result.error.kind, 'not-absolute')
  assert.equal(formatName(name('x')), 'x.')
  const below = parseName('a', name('example.org'))
  assert.ok(below.ok && formatName(below.value) === 'a.example.org.')
})

test('the longest name is 255 octets', () => {
  const longest = `${`${'a'.repeat(63)}.`.repeat(3)}${'b'.repeat(61)}`
  assert.equal(name(longest).octets.length, 255)
  assert.equal(parseName(`${longest}b`, ROOT).ok, false)
  assert.equal(wildcardOf(name(longest)), undefined)
})

test('orders names as RFC 4034 §6.1 does', () => {
  const ordered = [
    'example',
    'a.example',
    'yljkjljk.a.example',
    'Z.a.example',
    'zABC.a.EXAMPLE',
    'z.example',
    '\\001.z.example',
    '*.z.example',
    '\\200.z.example',
  ].map(name)
  assert.deepEqual([...ordered].reverse().sort(compareNames).map(formatName), ordered.map(formatName))
})

test('a name is below another by labels, not by octets', () => {
  assert.ok(isAtOrBelow(name('a.example.org'), name('EXAMPLE.org')))
  assert.ok(isAtOrBelow(name('example.org'), ROOT))
  assert.ok(!isAtOrBelow(name('badexample.org'), name('example.org')))
  assert.ok(!isAtOrBelow(name('org'), name('example.org')))
  // The octets of the label end as the wire form of "example.org" does.
  assert.ok(!isAtOrBelow(name('x\\007example\\003org'), name('example.org')))
})

test('labels, parents and wildcards', () => {
  assert.equal(labelCount(name('a.b.c')), 3)
  assert.equal(labels(name('a.b'))[1]?.[0], 0x62)
  assert.equal(parentName(ROOT), undefined)
  assert.ok(equalNames(parentName(name('A.b')) ?? ROOT, name('B')))
  assert.ok(isWildcard(name('*.b')) && !isWildcard(name('**.b')))
})

test('any name, printed and read again, is the same octets', () => {
  fc.assert(
    fc.property(anyName, (each) => {
      const again = parseName(formatName(each))
      assert.ok(again.ok)
      assert.deepEqual(again.value.octets, each.octets)
      assert.equal(decodeName(each.octets).ok, true)
    }),
  )
})

test('the order is total and agrees with equality', () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      assert.equal(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a)), 0)
      assert.equal(compareNames(a, b) === 0, equalNames(a, b))
    }),
  )
})
