import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CanonicalOrder, compareNames, type Name } from '../src/index.ts'
import { name } from './example-zone.ts'

const NAMES: readonly Name[] = [
  '.',
  'example',
  'a.example',
  'z.a.example',
  '*.z.example',
  'Z.example',
  '\\000.z.example',
  'b',
  '\\001\\002.b',
].map(name)
const shown = (order: CanonicalOrder): readonly (string | undefined)[] =>
  Array.from({ length: order.size }, (_, i) => order.at(i)?.key)

test('after any changes, asked or not in between, it is the order of what is there', () => {
  const change = fc.tuple(fc.integer({ min: 0, max: NAMES.length - 1 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
      let order = CanonicalOrder.of(() => [])
      const there = new Map<string, Name>()
      for (const [at, asked] of changes) {
        const each = NAMES[at]
        assert.ok(each !== undefined)
        if (there.delete(each.key)) order = order.with([], [each])
        else {
          there.set(each.key, each)
          order = order.with([each], [])
        }
        if (asked) assert.equal(order.size, there.size)
      }
      assert.deepEqual(
        shown(order),
        [...there.values()].toSorted(compareNames).map(({ key }) => key),
      )
    }),
    { numRuns: 200 },
  )
})

test('a version stays as it was, whatever comes after it', () => {
  const first = CanonicalOrder.of(() => NAMES.slice(0, 3))
  const second = first.with(NAMES.slice(3, 5), NAMES.slice(0, 1))
  const third = second.with(NAMES.slice(0, 1), [])
  assert.equal(third.size, 5)
  assert.equal(first.size, 3)
  assert.equal(second.size, 4)
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
