// RFC 6647
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Greylist, GREYLIST_LIMITS } from '../src/greylist.ts'

const T0 = 1_700_000_000_000
const one = { network: '4/24/c0000200', sender: '<a@b.example>', recipient: '<c@d.example>' }

test('put off, until the same come again late enough', () => {
  const greylist = new Greylist(300)
  assert.equal(greylist.waitFor(one, T0), 300)
  assert.equal(greylist.waitFor(one, T0 + 100_000), 200, 'too early; the time does not begin anew')
  assert.equal(greylist.waitFor({ ...one, sender: '<x@b.example>' }, T0 + 300_000), 300, 'another sender')
  assert.equal(greylist.waitFor({ ...one, recipient: '<x@d.example>' }, T0 + 300_000), 300)
  assert.equal(greylist.waitFor({ ...one, network: '4/24/c0000300' }, T0 + 300_000), 300)
  assert.equal(greylist.waitFor(one, T0 + 300_000), 0)
  assert.equal(greylist.waitFor(one, T0 + 300_001), 0, 'known from then on')
})

test('a retry after days begins anew, and who has not come for weeks is forgotten', () => {
  const greylist = new Greylist(300)
  greylist.waitFor(one, T0)
  const late = T0 + GREYLIST_LIMITS.retryWithinSeconds * 1000
  assert.equal(greylist.waitFor(one, late), 300)
  assert.equal(greylist.waitFor(one, late + 300_000), 0)
  assert.equal(greylist.waitFor(one, late + 300_000 + GREYLIST_LIMITS.rememberedSeconds * 1000), 300)
})

test('beyond the number of triplets the one seen longest ago goes', () => {
  const greylist = new Greylist(300, { ...GREYLIST_LIMITS, triplets: 2 })
  const of = (sender: string) => ({ ...one, sender })
  for (const sender of ['a', 'b']) greylist.waitFor(of(sender), T0)
  greylist.waitFor(of('a'), T0 + 1)
  greylist.waitFor(of('c'), T0 + 2)
  assert.equal(greylist.size, 2)
  assert.equal(greylist.waitFor(of('a'), T0 + 300_000), 0)
  assert.equal(greylist.waitFor(of('b'), T0 + 300_000), 300)
})
