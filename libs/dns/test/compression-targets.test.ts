// What a name may point at: earlier names, whole and in any case, and nothing that was taken back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { CompressionTargets, HASHES, hashSuffixes, MAX_POINTER, MAX_STEPS, STARTS } from '../src/compression-targets.ts'
import {
  decodeMessage,
  DEFAULT_LIMITS,
  EMPTY_MESSAGE,
  encodeMessage,
  formatName,
  type Name,
  parseName,
  ROOT,
} from '../src/index.ts'
import { WireWriter } from '../src/wire-writer.ts'

const name = (text: string): Name => expectOk(parseName(text, ROOT), text)

/** Of the whole name. */
function hashOf({ octets }: Name): number {
  hashSuffixes(octets)
  return HASHES[0] ?? 0
}

function written(names: readonly string[], maxTargets = 120): string {
  const writer = new WireWriter('compressed', maxTargets)
  for (const one of names) writer.name(name(one))
  return decodeLatin1(writer.finish())
}

test('the suffixes of a name, the whole first', () => {
  assert.equal(hashSuffixes(name('www.Example.org').octets), 3)
  assert.deepEqual([...STARTS.subarray(0, 3)], [0, 4, 12])
  const whole = [...HASHES.subarray(0, 3)]
  assert.deepEqual(whole.slice(1), [hashOf(name('eXAMPLE.org')), hashOf(name('ORG'))])
  assert.equal(hashSuffixes(ROOT.octets), 0)
})

test('a name points at the longest end of it that was written', () => {
  const rows: readonly [readonly string[], string][] = [
    [['a.b', 'a.b'], '\x01a\x01b\0\xc0\0'],
    [['a.b', 'A.B'], '\x01a\x01b\0\xc0\0'],
    [['a.b', 'c.b'], '\x01a\x01b\0\x01c\xc0\x02'],
    [['a.b', 'c.b', 'd.c.b'], '\x01a\x01b\0\x01c\xc0\x02\x01d\xc0\x05'],
    [['b', 'a.b', 'x.a.b'], '\x01b\0\x01a\xc0\0\x01x\xc0\x03'],
    [['a.a', 'a'], '\x01a\x01a\0\xc0\x02'],
    [['.', '.'], '\0\0'],
    [['ab', 'b', 'a.b'], '\x02ab\0\x01b\0\x01a\xc0\x04'],
    [['a.b', 'a'], '\x01a\x01b\0\x01a\0'],
  ]
  for (const [names, octets] of rows) assert.equal(written(names), octets, names.join(' '))
  assert.equal(written(['a.b', 'a.b'], 0), '\x01a\x01b\0\x01a\x01b\0')
  assert.equal(written(['a.b', 'b', 'a.b'], 1), '\x01a\x01b\0\x01b\0\xc0\0')
})

test('what was taken back is not pointed at, what was before it is', () => {
  const writer = new WireWriter('compressed', 120)
  writer.name(name('a.b'))
  const { position } = writer
  writer.name(name('c.b'))
  writer.rewind(position)
  writer.name(name('d.c'))
  writer.name(name('c.b'))
  writer.name(name('a.b'))
  assert.equal(decodeLatin1(writer.finish()), '\x01a\x01b\0\x01d\x01c\0\x01c\xc0\x02\xc0\0')
})

test('one message knows nothing of the one before it', () => {
  assert.equal(written(['x.y']), '\x01x\x01y\0')
  assert.equal(written(['x.y']), '\x01x\x01y\0')
})

test('no more targets than there may be, none that a pointer does not reach', () => {
  const a = name('a')
  const hash = hashOf(a)
  const full = new CompressionTargets(1)
  full.add(hash ^ 1, 2)
  full.add(hash, 0)
  assert.equal(full.find(hash, a.octets, 3, a.octets, 0), -1)
  const message = new Uint8Array(MAX_POINTER + 10)
  for (const [position, found] of [
    [MAX_POINTER, MAX_POINTER],
    [MAX_POINTER + 1, -1],
  ] as const) {
    const targets = new CompressionTargets(10)
    message.set(a.octets, position)
    targets.add(hash, position)
    assert.equal(targets.find(hash, message, message.length, a.octets, 0), found)
  }
})

test('of targets that fall together so many are looked at, and of one hash only the last', () => {
  const a = name('a')
  const hash = hashOf(a)
  for (const [others, found] of [
    [MAX_STEPS - 1, 0],
    [MAX_STEPS, -1],
  ] as const) {
    const targets = new CompressionTargets(100)
    targets.add(hash, 0)
    // The bits that choose the bucket stay as they are.
    for (let i = 1; i <= others; i++) targets.add(hash ^ (i << 24), i)
    assert.equal(targets.find(hash, a.octets, a.octets.length, a.octets, 0), found, `${others}`)
  }
  const message = encodeLatin1('\x01a\0\x01b\0')
  const targets = new CompressionTargets(100)
  targets.add(hash, 0)
  targets.add(hash, 3) // another name of the same hash
  assert.equal(targets.find(hash, message, message.length, a.octets, 0), -1)
  targets.forgetFrom(3)
  assert.equal(targets.find(hash, message, message.length, a.octets, 0), 0)
})

test('whatever names are written are read again, and take no more room than without pointers', () => {
  const label = fc.constantFrom('a', 'b', 'A', 'ab', 'ba', 'B')
  const names = fc.array(fc.array(label, { maxLength: 6 }), { maxLength: 60 })
  fc.assert(
    fc.property(names, fc.integer({ min: 0, max: 20 }), (lists, compressionTargets) => {
      const questions = lists.map((labels) => ({ name: name(`${labels.join('.')}.`), type: 1, class: 1 }))
      const limits = { ...DEFAULT_LIMITS, compressionTargets }
      const { octets } = encodeMessage({ ...EMPTY_MESSAGE, questions }, { limits })
      const decoded = expectOk(decodeMessage(octets), 'read')
      const text = (one: { readonly name: Name }): string => formatName(one.name).toLowerCase()
      assert.deepEqual(decoded.questions.map(text), questions.map(text))
      assert.ok(octets.length <= encodeMessage({ ...EMPTY_MESSAGE, questions }, { compress: false }).octets.length)
    }),
  )
})
