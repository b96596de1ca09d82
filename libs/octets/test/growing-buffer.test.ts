import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GrowingBuffer } from '../src/index.ts'

const action = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), chunk: fc.uint8Array({ maxLength: 600 }) }),
  fc.record({ kind: fc.constant('take' as const), count: fc.nat(700) }),
  fc.record({ kind: fc.constant('clear' as const) }),
)

test('what was appended is taken in order, and stays as it was taken', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const buffer = new GrowingBuffer()
      let model: readonly number[] = []
      const taken: (readonly [octets: Uint8Array, expected: readonly number[]])[] = []
      for (const one of actions) {
        if (one.kind === 'append') {
          buffer.append(one.chunk.slice())
          model = [...model, ...one.chunk]
        } else if (one.kind === 'take') {
          taken.push([buffer.take(one.count), model.slice(0, one.count)])
          model = model.slice(one.count)
        } else {
          buffer.clear()
          model = []
        }
        assert.equal(buffer.length, model.length)
        assert.deepEqual([...buffer.peek()], model)
      }
      for (const [octets, expected] of taken) assert.deepEqual([...octets], expected)
    }),
  )
})

test('never writes to a chunk that it was given', () => {
  const chunk = new Uint8Array(new ArrayBuffer(64), 0, 8).fill(1)
  const buffer = new GrowingBuffer()
  buffer.append(chunk)
  buffer.append(Uint8Array.of(2, 3))
  assert.deepEqual(new Uint8Array(chunk.buffer), new Uint8Array(64).fill(1, 0, 8))
})

test('one chunk is handed on without a copy', () => {
  const chunk = Uint8Array.of(1, 2, 3)
  const buffer = new GrowingBuffer()
  buffer.append(chunk)
  assert.equal(buffer.take(2).buffer, chunk.buffer)
})

for (const count of [-1, Number.NaN]) {
  test(`taking ${count} octets is our own mistake`, () => {
    assert.throws(() => new GrowingBuffer().take(count), /Cannot take/)
  })
}
