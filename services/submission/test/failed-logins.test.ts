import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type IpAddress, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { FailedLogins } from '../src/failed-logins.ts'

const ip = (text: string): IpAddress => expectOk(parseIpAddress(text), `parse ${text}`)
const LIMITS = { failures: 3, windowMs: 1000, blocks: 2 }

test('so many failures from one block turn it away, and no other, until the window has passed', () => {
  let now = 0
  const failed = new FailedLogins(() => now, LIMITS)
  for (const host of ['1', '2', '3']) {
    assert.equal(failed.tooMany(ip('2001:db8::9')), false)
    failed.note(ip(`2001:db8::${host}`))
  }
  assert.deepEqual(
    ['2001:db8::9', '2001:db8:0:1::9', '192.0.2.1'].map((text) => failed.tooMany(ip(text))),
    [true, false, false],
  )
  now = 999
  assert.equal(failed.tooMany(ip('2001:db8::')), true)
  now = 1000
  assert.equal(failed.tooMany(ip('2001:db8::')), false)
  failed.note(ip('2001:db8::'))
  assert.equal(failed.tooMany(ip('2001:db8::')), false)
})

test('holds so many blocks and no more', () => {
  const failed = new FailedLogins(() => 0, { ...LIMITS, failures: 1 })
  for (const text of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) failed.note(ip(text))
  assert.deepEqual(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((text) => failed.tooMany(ip(text))),
    [false, true, true],
  )
})
