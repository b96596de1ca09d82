import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err, expectOk, ok, type Result, unreachable } from '../src/index.ts'

function half(n: number): Result<number, { readonly kind: 'odd'; readonly n: number }> {
  return n % 2 === 0 ? ok(n / 2) : err({ kind: 'odd', n })
}

test('tells a value from the reason there is none', () => {
  assert.deepEqual(half(4), { ok: true, value: 2 })
  assert.deepEqual(half(3), { ok: false, error: { kind: 'odd', n: 3 } })
})

test('expectOk gives the value', () => {
  assert.equal(expectOk(half(4), 'halve'), 2)
  assert.equal(expectOk(ok(undefined), 'do nothing'), undefined)
})

const circular: { self?: unknown } = {}
circular.self = circular

const FAILURES: readonly (readonly [error: unknown, message: RegExp])[] = [
  [{ kind: 'odd', n: 3 }, /^Cannot halve: \{"kind":"odd","n":3\}$/],
  [{ kind: 'odd', n: 3n }, /^Cannot halve: \{"kind":"odd","n":"3n"\}$/],
  [undefined, /^Cannot halve: undefined$/],
  [circular, /^Cannot halve: \[object Object\]$/],
]

for (const [error, message] of FAILURES) {
  test(`expectOk throws ${message.source}, with the error as its cause`, () => {
    assert.throws(
      () => expectOk(err(error), 'halve'),
      (thrown) => {
        assert.ok(thrown instanceof Error)
        assert.match(thrown.message, message)
        assert.equal(thrown.cause, error)
        return true
      },
    )
  })
}

test('unreachable throws what it met', () => {
  // as: only untyped code can get here
  assert.throws(() => unreachable('purple' as never), /unreachable: "purple"/)
})
