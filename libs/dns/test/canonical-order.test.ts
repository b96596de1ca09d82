import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expectOk } from '@scop/result'
import {
  CanonicalOrder,
  compareNames,
  editZone,
  type Name,
  parseName,
  parseRecords,
  ROOT,
  type Zone,
} from '../src/index.ts'
import { exampleZone, name } from './example-zone.ts'

const names = fc.array(
  fc.array(fc.constantFrom('a', 'B', 'b', '*', 'zz', '\\000', '\\001', '\\255'), { maxLength: 4 }).map((labels) => {
    return expectOk(parseName(`${labels.join('.')}.`.replace(/^\.$/, '.'), ROOT), 'read')
  }),
)
const distinct = (list: readonly Name[]): readonly Name[] => [...new Map(list.map((one) => [one.key, one])).values()]
const listed = (order: CanonicalOrder): readonly string[] =>
  Array.from({ length: order.size }, (_, i) => order.at(i)?.key ?? '')

test('the order is that of compareNames, whether made at once or by changes, and each version stays', () => {
  fc.assert(
    fc.property(names, fc.array(fc.tuple(names, fc.nat()), { maxLength: 6 }), fc.boolean(), (first, steps, asked) => {
      let there = distinct(first)
      let order = CanonicalOrder.of(() => there)
      const versions: (readonly [CanonicalOrder, readonly string[]])[] = []
      for (const [more, seed] of steps) {
        const keys = new Set(there.map(({ key }) => key))
        const removed = there.filter((_, i) => ((seed >>> (i % 31)) & 1) === 1)
        const added = distinct(more).filter(({ key }) => !keys.has(key))
        const after = [...there.filter((one) => !removed.includes(one)), ...added]
        if (asked) assert.ok(order.size >= 0)
        order = order.with(added, removed, () => after)
        there = after
        versions.push([order, [...after].sort(compareNames).map(({ key }) => key)])
      }
      for (const [version, expected] of versions) {
        assert.deepEqual(listed(version), expected)
        for (const one of there) {
          const before = expected.filter((key) => key === one.key || compareNames(nameOf(key), one) < 0).length
          assert.equal(version.floor(one), before - 1)
        }
      }
    }),
    { numRuns: 200 },
  )
})

const nameOf = (key: string): Name => expectOk(parseName(textOf(key), ROOT), 'read')
function textOf(key: string): string {
  let text = ''
  for (let at = 0; key.charCodeAt(at) !== 0; at += 1 + key.charCodeAt(at)) {
    for (const octet of Buffer.from(key.slice(at + 1, at + 1 + key.charCodeAt(at)), 'latin1')) {
      text += `\\${String(octet).padStart(3, '0')}`
    }
    text += '.'
  }
  return text === '' ? '.' : text
}

test('many names: pieces are divided and emptied', () => {
  const numbered = Array.from({ length: 5000 }, (_, i) => name(`n${String(i).padStart(5, '0')}.example`))
  let order = CanonicalOrder.of(() => numbered.slice(0, 100))
  assert.equal(order.size, 100)
  for (let at = 100; at < 5000; at += 700) order = order.with(numbered.slice(at, at + 700), [], () => [])
  assert.equal(order.size, 5000)
  for (const at of [0, 1, 511, 512, 1023, 4999]) {
    assert.equal(order.at(at)?.key, numbered[at]?.key)
    assert.equal(order.floor(numbered[at] ?? ROOT), at)
  }
  assert.equal(order.at(5000), undefined)
  assert.equal(order.at(-1), undefined)
  assert.equal(order.floor(ROOT), -1)
  const few = order.with([], numbered.slice(10, 4990), () => [])
  assert.equal(few.size, 20)
  assert.equal(few.floor(numbered[4000] ?? ROOT), 9)
  assert.equal(order.size, 5000)
  assert.equal(few.with(numbered.slice(10, 11), numbered.slice(0, 10), () => []).at(0)?.key, numbered[10]?.key)
})

test('20,000 changes that nobody has asked the order of, and then somebody does', () => {
  let zone: Zone = exampleZone()
  for (let i = 0; i < 20_000; i++) {
    const editor = editZone(zone)
    const [record] = expectOk(parseRecords(`n${i % 10}.example.org. 60 A 192.0.2.${i % 250}`, ROOT), 'read')
    assert.ok(record !== undefined)
    if (editor.has(record)) editor.remove(record)
    else editor.add(record)
    zone = expectOk(editor.finish(), 'finish')
  }
  assert.ok(zone.order.size > 20)
  assert.equal(zone.order.at(0)?.key, zone.origin.key)
})
test('tens of thousands of versions that nobody asks are no chain that breaks when somebody does', () => {
  let order = CanonicalOrder.of(() => [])
  for (let i = 0; i < 40_000; i++)
    order = order.with([name(`n${i % 7000}.example`)], [name(`n${(i + 3500) % 7000}.example`)])
  assert.equal(order.size, 3500)
})

test('the last name that is not behind another one', () => {
  const order = CanonicalOrder.of(() => ['b', 'd.b', 'f'].map(name))
  for (const [asked, index] of [
    ['a', -1],
    ['b', 0],
    ['c.b', 0],
    ['d.b', 1],
    ['z.d.b', 1],
    ['e', 1],
    ['z', 2],
  ] as const) {
    assert.equal(order.floor(name(asked)), index, asked)
  }
})
