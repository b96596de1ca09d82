import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DnskeyData, parseName, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import type { AnchorKey, AnchorKeyState, AnchorRecord } from '../src/anchor-file.ts'
import { probeIntervals, revokeAnchors, type SeenKey, stepAnchors, trustedKeys } from '../src/anchor-state.ts'

const DAY = 86_400
const TIMES = { addHoldDownSeconds: 30 * DAY, removeHoldDownSeconds: 30 * DAY, keepMissingSeconds: 366 * DAY }
const key = (id: number, flags = 257): DnskeyData => ({
  flags,
  protocol: 3,
  algorithm: 15,
  publicKey: new Uint8Array(32).fill(id),
})
const held = (id: number, state: AnchorKeyState, changedSeconds = 0, seen = 0): AnchorKey => ({
  ttlSeconds: 60,
  key: key(id, state === 'revoked' ? 385 : 257),
  state,
  seen,
  changedSeconds,
})
const saw = (id: number, how: Partial<SeenKey> & { flags?: number } = {}): SeenKey => ({
  key: key(id, how.flags),
  ttlSeconds: 60,
  selfRevoked: how.selfRevoked ?? false,
  trustedByDs: how.trustedByDs ?? false,
})
const anchor = (...keys: AnchorKey[]): AnchorRecord => ({
  zone: expectOk(parseName('example', ROOT), 'read the zone'),
  keys,
  ds: [],
  lastQueried: 0,
  lastSuccess: 0,
  nextProbe: 0,
  failures: 0,
  queryIntervalSeconds: 3600,
  retrySeconds: 3600,
  revoked: false,
})
const states = ({ keys }: AnchorRecord): string =>
  keys.map((one) => `${one.key.publicKey[0]}:${one.state}/${one.seen}`).join(' ')

type Row = readonly [title: string, before: readonly AnchorKey[], seen: readonly SeenKey[], now: number, after: string]
// RFC 5011 §4.1, row by row
const STEPS: readonly Row[] = [
  ['START, NewKey', [held(1, 'valid', 1)], [saw(1), saw(2)], 10, '2:add-pending/1 1:valid/0'],
  ['a key without SEP is no new key', [held(1, 'valid', 1)], [saw(1), saw(2, { flags: 256 })], 10, '1:valid/0'],
  ['a key that comes revoked is no new key', [held(1, 'valid', 1)], [saw(1), saw(2, { flags: 385 })], 10, '1:valid/0'],
  ['a key that a trusted DS names', [], [saw(1, { trustedByDs: true }), saw(2)], 10, '2:add-pending/1 1:valid/0'],
  ['ADDPEND, KeyRem', [held(2, 'add-pending', 5, 3), held(1, 'valid', 1)], [saw(1)], 10, '1:valid/0'],
  [
    'ADDPEND, before AddTime',
    [held(2, 'add-pending', 0, 5), held(1, 'valid', 1)],
    [saw(1), saw(2)],
    30 * DAY - 1,
    '2:add-pending/6 1:valid/0',
  ],
  [
    'ADDPEND, AddTime',
    [held(2, 'add-pending', 0, 1), held(1, 'valid', 1)],
    [saw(1), saw(2)],
    30 * DAY,
    '2:valid/0 1:valid/0',
  ],
  [
    'ADDPEND, AddTime, but seen only now',
    [held(2, 'add-pending', 0, 0), held(1, 'valid', 1)],
    [saw(1), saw(2)],
    30 * DAY,
    '2:add-pending/1 1:valid/0',
  ],
  [
    'ADDPEND, Revbit without trust',
    [held(2, 'add-pending', 5, 3), held(1, 'valid', 1)],
    [saw(1), saw(2, { flags: 385, selfRevoked: true })],
    10,
    '1:valid/0',
  ],
  ['VALID, KeyRem', [held(1, 'valid', 1), held(2, 'valid', 1)], [saw(1)], 10, '1:valid/0 2:missing/0'],
  [
    'VALID, Revbit',
    [held(1, 'valid', 1), held(2, 'valid', 1)],
    [saw(1), saw(2, { flags: 385, selfRevoked: true })],
    10,
    '1:valid/0 2:revoked/0',
  ],
  [
    'VALID, Revbit that the key did not sign',
    [held(1, 'valid', 1), held(2, 'valid', 1)],
    [saw(1), saw(2, { flags: 385 })],
    10,
    '1:valid/0 2:missing/0',
  ],
  ['MISSING, KeyPres', [held(1, 'valid', 1), held(2, 'missing', 1)], [saw(1), saw(2)], 10, '1:valid/0 2:valid/0'],
  [
    'MISSING, Revbit',
    [held(1, 'valid', 1), held(2, 'missing', 1)],
    [saw(1), saw(2, { flags: 385, selfRevoked: true })],
    10,
    '1:valid/0 2:revoked/0',
  ],
  ['MISSING for very long', [held(1, 'valid', 1), held(2, 'missing', 0)], [saw(1)], 366 * DAY, '1:valid/0'],
  ['MISSING for very long, but nothing else is trusted', [held(2, 'missing', 0)], [], 366 * DAY, '2:missing/0'],
  [
    'REVOKED, before RemTime',
    [held(1, 'valid', 1), held(2, 'revoked', 0)],
    [saw(1)],
    30 * DAY - 1,
    '1:valid/0 2:revoked/0',
  ],
  ['REVOKED, RemTime', [held(1, 'valid', 1), held(2, 'revoked', 0)], [saw(1)], 30 * DAY, '1:valid/0'],
  [
    'REVOKED, and it is back without the bit',
    [held(1, 'valid', 1), held(2, 'revoked', 0)],
    [saw(1), saw(2)],
    10,
    '1:valid/0 2:revoked/0',
  ],
]
for (const [title, before, seen, now, after] of STEPS) {
  test(`${title}: ${after}`, () => assert.equal(states(stepAnchors(anchor(...before), seen, now, TIMES)), after))
}

test('only keys without SEP hand over at once', () => {
  const zsk: AnchorKey = { ...held(1, 'valid', 1), key: key(1, 256) }
  assert.equal(states(stepAnchors(anchor(zsk), [saw(2)], 10, TIMES)), '2:valid/0')
})

test('revocation counts by itself, and what is revoked is trusted no more', () => {
  const before = anchor(held(1, 'valid', 1), held(2, 'missing', 1), held(3, 'add-pending', 1, 1))
  const seen = [1, 2, 3].map((id) => saw(id, { flags: 385, selfRevoked: true }))
  const after = revokeAnchors(before, seen, 10)
  assert.equal(states(after), '1:revoked/0 2:revoked/0 3:add-pending/1')
  assert.deepEqual(trustedKeys(after), { ds: [], keys: [] })
  assert.equal(trustedKeys(before).keys.length, 2)
  assert.deepEqual(trustedKeys({ ...before, revoked: true }), { ds: [], keys: [] })
})

// RFC 5011 §2.3
for (const [ttl, expires, query, retry] of [
  [10_800, 10 * DAY, 5400, 3600],
  [60, 60, 3600, 3600],
  [100 * DAY, 100 * DAY, 15 * DAY, DAY],
  [2 * DAY, DAY, DAY / 2, DAY / 10],
] as const) {
  test(`with a TTL of ${ttl} s and ${expires} s of signature left, ${query} s and ${retry} s`, () =>
    assert.deepEqual(probeIntervals(ttl, expires), { queryIntervalSeconds: query, retrySeconds: retry }))
}
