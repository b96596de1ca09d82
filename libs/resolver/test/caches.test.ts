// What the caches keep, for how long, and what takes whose place. RFC 2181 §5.4.1, RFC 8767 §4, RFC 6298 §2
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  groupRecords,
  RESOLVER_CONFIG,
  RESOLVER_LIMITS,
  type Rrset,
  RrsetCache,
  type Security,
  ServerTable,
  TRUST,
  type Trust,
} from '../src/index.ts'
import { address, name, records } from './internet.ts'

const config = { ...RESOLVER_CONFIG, hints: [] }
const rrset = (text: string, trust: Trust = TRUST.answer, security: Security = 'unchecked'): Rrset => {
  const [first] = groupRecords(records(text), trust)
  assert.ok(first !== undefined)
  return { ...first, security }
}
const old = rrset('a.test. 100 A 192.0.2.1')
const other = rrset('a.test. 200 A 192.0.2.2')

const REPLACEMENTS: readonly (readonly [string, Rrset, Rrset, boolean])[] = [
  ['other data of the same rank', old, other, true],
  ['the same data again, later', old, rrset('a.test. 200 A 192.0.2.1'), false],
  ['data of a lower rank', rrset('a.test. 100 A 192.0.2.1', TRUST.answerAuthoritative), other, false],
  ['data of a higher rank', old, rrset('a.test. 200 A 192.0.2.2', TRUST.answerAuthoritative), true],
  ['unchecked for secure', rrset('a.test. 100 A 192.0.2.1', TRUST.validated, 'secure'), other, false],
  [
    'secure for unchecked',
    rrset('a.test. 100 A 192.0.2.1', TRUST.answerAuthoritative),
    rrset('a.test. 9 A 192.0.2.2', TRUST.answer, 'secure'),
    true,
  ],
  ['unchecked for bogus', rrset('a.test. 100 A 192.0.2.1', TRUST.answerAuthoritative, 'bogus'), other, true],
]
for (const [what, known, fresh, replaces] of REPLACEMENTS) {
  test(`${what} ${replaces ? 'takes' : 'does not take'} the place`, () => {
    const cache = new RrsetCache(config)
    cache.store(known, 0)
    cache.store(fresh, 1000)
    const found = cache.find(name('a.test'), 1, 1000)
    assert.equal(found?.rrset.rdatas, replaces ? fresh.rdatas : known.rdatas)
    assert.equal(found?.expiresAtMs, replaces ? 1000 + fresh.ttlSeconds * 1000 : 100_000)
  })
}

test('what is past its time gives way to anything', () => {
  const cache = new RrsetCache(config)
  cache.store(rrset('a.test. 100 A 192.0.2.1', TRUST.validated, 'secure'), 0)
  cache.store(other, 100_000)
  assert.equal(cache.find(name('a.test'), 1, 100_000)?.rrset.rdatas, other.rdatas)
})

test('TTLs are kept within their bounds', () => {
  const cache = new RrsetCache({ ...config, ttl: { ...config.ttl, minSeconds: 10, maxSeconds: 20 } })
  assert.equal(cache.store(rrset('a.test. 1 A 192.0.2.1'), 0).expiresAtMs, 10_000)
  assert.equal(cache.store(rrset('b.test. 900 A 192.0.2.1'), 0).expiresAtMs, 20_000)
})

test('NS records of the zone itself do not outlive those of its parent', () => {
  const cache = new RrsetCache(config)
  cache.store(rrset('a.test. 100 NS ns.a.test.', TRUST.authority), 0)
  assert.equal(
    cache.store(rrset('a.test. 900 NS other.a.test.', TRUST.answerAuthoritative), 50_000).expiresAtMs,
    100_000,
  )
  // Asked before the end, answered after it.
  assert.equal(
    cache.store(rrset('a.test. 900 NS ns.a.test.', TRUST.answerAuthoritative), 101_000, { askedAtMs: 99_000 })
      .expiresAtMs,
    100_000,
  )
  assert.equal(
    cache.store(rrset('a.test. 900 NS ns.a.test.', TRUST.answerAuthoritative), 102_000).expiresAtMs,
    1_002_000,
  )
})

test('what was good comes back when what took its place is false', () => {
  const stale = { maxSeconds: 0, replySeconds: 30, clientTimeoutMs: 0, reset: false, told: true }
  const cache = new RrsetCache({ ...config, stale })
  cache.store(rrset('a.test. 100 A 192.0.2.1', TRUST.validated, 'secure'), 0)
  cache.store(other, 200_000)
  cache.judge(other, 'bogus')
  assert.equal(cache.at(`\u0001a\u0004test\u0000\u0001\u0001`)?.rrset.security, 'secure')
})

test(`of servers only ${RESOLVER_LIMITS.serversRemembered} are remembered, each for ${RESOLVER_LIMITS.serverSeconds} s`, () => {
  const table = new ServerTable({ ...RESOLVER_LIMITS, serversRemembered: 2 })
  const server = (last: number) => ({ address: address(`192.0.2.${last}`), port: 53 })
  const unknown = table.timeoutMs(server(9), 0)
  for (const last of [1, 2, 3]) table.answered(server(last), 10, 0)
  assert.equal(table.timeoutMs(server(1), 0), unknown)
  assert.ok(table.timeoutMs(server(3), 0) < unknown)
  assert.equal(table.timeoutMs(server(3), RESOLVER_LIMITS.serverSeconds * 1000), unknown)
})

test('a server that loses packets is waited for longer, up to a bound, and answers bring it back', () => {
  const table = new ServerTable(RESOLVER_LIMITS)
  const server = { address: address('192.0.2.1'), port: 53 }
  for (let i = 0; i < 20; i++) table.timedOut(server, 0)
  assert.equal(table.timeoutMs(server, 0), 120_000)
  table.answered(server, 20, 0)
  assert.ok(table.timeoutMs(server, 0) < 120_000)
})
