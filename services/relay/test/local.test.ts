import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryId, verdictOfPipeError } from '../src/local.ts'

const at = (...positions: number[]): { position: number }[] => positions.map((position) => ({ position }))

test('a delivery id is that of its entry and recipients, and fits a pipe', () => {
  assert.equal(deliveryId('one', at(0, 1)), deliveryId('one', at(0, 1)))
  const others = [
    deliveryId('two', at(0, 1)),
    deliveryId('one', at(0)),
    deliveryId('one', at(1, 0)),
    deliveryId('one', at(0, 11)),
  ]
  assert.ok(!others.includes(deliveryId('one', at(0, 1))))
  assert.ok(deliveryId('0123456789abcdef0123', at(...Array.from({ length: 1000 }, (_, i) => i))).length <= 255)
})

for (const [kind, failure, verdict, status] of [
  ['failed', 'too-large', 'never', '5.3.4'],
  ['too-large', '', 'never', '5.3.4'],
  ['failed', 'over-quota', 'later', '4.2.2'],
  ['failed', 'no-space', 'later', '4.3.0'],
  ['failed', 'internal', 'later', '4.3.0'],
  ['unreachable', '', 'later', '4.3.0'],
  ['timeout', '', 'later', '4.3.0'],
  ['aborted', '', 'later', '4.3.0'],
] as const) {
  test(`a mailbox that is "${kind} ${failure}" is ${verdict}`, () => {
    const found = verdictOfPipeError(kind === 'failed' ? { kind, failure, reason: '' } : { kind, reason: '' })
    assert.equal<string>(found.kind, verdict)
    assert.equal('status' in found ? found.status : '', status)
  })
}
