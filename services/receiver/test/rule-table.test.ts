import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { parseAddressPrefix, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { Firewall } from '../src/firewall.ts'
import { connectionOctets, parseRuleNetwork } from '../src/network.ts'
import { openRuleStore } from '../src/rule-store.ts'
import { type Rule, RuleTable } from '../src/rule-table.ts'

const NOW = 1_700_000_000_000
const address = (text: string) => expectOk(parseIpAddress(text), `read ${text}`)
const rule = (network: string, action: Rule['action'], more: Partial<Rule> = {}): Rule => ({
  network: parseRuleNetwork(network)?.text ?? assert.fail(network),
  action,
  reason: 'a test',
  by: 'administrator',
  sinceMs: NOW,
  ...more,
})
function tableOf(rules: readonly Rule[], limit?: number): RuleTable {
  const table = new RuleTable(limit)
  for (const one of rules) table.add(one, NOW)
  return table
}
const matched = (table: RuleTable, text: string, nowMs = NOW): string => {
  const found = table.match(connectionOctets(address(text)), nowMs)
  return found === undefined ? 'none' : `${found.action} ${found.network}`
}

const NETWORKS: readonly (readonly [string, string | undefined])[] = [
  ['192.0.2.77', '192.0.2.77/32'],
  ['192.0.2.77/24', '192.0.2.0/24'],
  ['192.0.2.255/25', '192.0.2.128/25'],
  ['2001:DB8::1/48', '2001:db8::/48'],
  ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
  ['0.0.0.0/0', undefined],
  ['::/0', undefined],
  ['192.0.2.0/33', undefined],
  ['192.0.2.0/', undefined],
  ['192.0.2.0/24/24', undefined],
  ['a.example', undefined],
  ['', undefined],
]
for (const [text, expected] of NETWORKS) {
  test(`the network "${text}" is ${expected ?? 'refused'}`, () => assert.equal(parseRuleNetwork(text)?.text, expected))
}

const BOTH = [rule('192.0.0.0/16', 'refuse'), rule('192.0.2.0/24', 'allow'), rule('192.0.2.7', 'tarpit')]
const MATCHES: readonly (readonly [readonly Rule[], string, string])[] = [
  [BOTH, '192.0.2.7', 'allow 192.0.2.0/24'],
  [BOTH, '192.0.3.7', 'refuse 192.0.0.0/16'],
  [BOTH, '192.1.0.1', 'none'],
  [BOTH, '::ffff:192.0.3.7', 'refuse 192.0.0.0/16'],
  [[rule('192.0.0.0/16', 'greylist'), rule('192.0.2.0/24', 'tarpit')], '192.0.2.1', 'tarpit 192.0.2.0/24'],
  [[rule('192.0.0.0/16', 'refuse'), rule('192.0.2.0/24', 'greylist')], '192.0.2.1', 'refuse 192.0.0.0/16'],
  [[rule('2001:db8::/48', 'refuse')], '2001:db8:0:1::1', 'refuse 2001:db8::/48'],
  [[rule('2001:db8::/48', 'refuse')], '2001:db8:1::1', 'none'],
  [[rule('192.0.2.0/24', 'refuse', { untilMs: NOW })], '192.0.2.1', 'none'],
  [[rule('192.0.2.0/24', 'refuse', { untilMs: NOW + 1 })], '192.0.2.1', 'refuse 192.0.2.0/24'],
  [
    [rule('192.0.2.0/24', 'allow', { untilMs: NOW }), rule('192.0.2.0/24', 'tarpit', { by: 'reputation' })],
    '192.0.2.1',
    'tarpit 192.0.2.0/24',
  ],
]
for (const [rules, text, expected] of MATCHES) {
  test(`${text} behind ${rules.map((one) => `${one.action} ${one.network}`).join(', ')}: ${expected}`, () => {
    assert.equal(matched(tableOf(rules), text), expected)
  })
}

test('a rule takes the place of the one before of the same author, and of no other', () => {
  const table = tableOf([rule('192.0.2.0/24', 'refuse', { by: 'reputation' }), rule('192.0.2.0/24', 'greylist')])
  table.add(rule('192.0.2.0/24', 'tarpit', { by: 'reputation' }), NOW)
  assert.equal(table.size, 2)
  assert.deepEqual(
    table.remove('192.0.2.0/24', 'reputation').map(({ action }) => action),
    ['tarpit'],
  )
  assert.equal(matched(table, '192.0.2.1'), 'greylist 192.0.2.0/24')
  assert.equal(table.remove('192.0.2.0/24').length, 1)
  assert.equal(table.size, 0)
  assert.equal(matched(table, '192.0.2.1'), 'none')
})

test('beyond the number of rules: of the reputation the one that ends first goes, an administrator is told', () => {
  const learnt = (n: number, untilMs: number) => rule(`192.0.${n}.0/24`, 'refuse', { by: 'reputation', untilMs })
  const table = tableOf([learnt(1, NOW + 3), learnt(2, NOW + 1), learnt(3, NOW + 2)], 3)
  assert.deepEqual(
    table.add(learnt(4, NOW + 9), NOW)?.map(({ network }) => network),
    ['192.0.2.0/24'],
  )
  assert.equal(table.add(learnt(5, NOW + 9), NOW + 3)?.length, 2, 'those that are over go first')
  const own = tableOf([rule('192.0.1.0/24', 'allow'), rule('192.0.2.0/24', 'allow', { untilMs: NOW + 1 })], 2)
  assert.equal(own.add(rule('192.0.3.0/24', 'allow'), NOW), undefined)
  assert.equal(own.add(rule('192.0.1.0/24', 'refuse'), NOW)?.length, 0, 'one in the place of another is not one more')
  assert.equal(own.add(rule('192.0.3.0/24', 'allow'), NOW + 1)?.length, 1)
  assert.equal(own.size, 2)
})

test('what was kept is there again; a row that cannot be read back is left out', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-rules-'))
  try {
    const kept = [
      rule('192.0.2.0/24', 'refuse', { by: 'reputation', untilMs: NOW + 1 }),
      rule('2001:db8::/48', 'allow', { author: 'me' }),
    ]
    const store = openRuleStore(directory)
    expectOk(await store.change([...kept, rule('192.0.9.0/24', 'tarpit')], []), 'write')
    expectOk(await store.change([], [rule('192.0.9.0/24', 'tarpit')]), 'remove')
    expectOk(await store.change([{ ...rule('192.0.8.0/24', 'tarpit'), network: 'nowhere' }], []), 'write')
    store.close()
    const again = openRuleStore(directory)
    assert.deepEqual(again.rules, kept)
    assert.equal(again.unreadable, 1)
    again.close()
    const late = await again.change(kept, [])
    assert.equal(late.ok, false, 'after the end nothing is written, and that is said')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('the firewall: off, this machine, trusted, tarpit full', () => {
  const options = {
    enabled: true,
    judgeLoopback: false,
    trusted: [expectOk(parseAddressPrefix('192.0.2.0/25'), 'read')],
    rules: tableOf([rule('192.0.2.0/24', 'tarpit'), rule('127.0.0.0/8', 'refuse'), rule('::1', 'refuse')]),
    tarpitSessions: 1,
    now: () => NOW,
  }
  const kind = (firewall: Firewall, text: string) => firewall.treat(address(text)).kind
  const firewall = new Firewall(options)
  for (const free of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.0.2.1', '::ffff:192.0.2.1', '198.51.100.1'])
    assert.equal(kind(firewall, free), 'free', free)
  assert.equal(kind(new Firewall({ ...options, judgeLoopback: true }), '127.0.0.1'), 'refuse')
  assert.equal(kind(new Firewall({ ...options, enabled: false }), '192.0.2.200'), 'free')
  const held = firewall.treat(address('192.0.2.200'))
  assert.equal(held.kind, 'tarpit')
  assert.equal(kind(firewall, '192.0.2.201'), 'tarpit-full')
  if (held.kind === 'tarpit') for (let i = 0; i < 2; i++) held.release()
  assert.equal(firewall.held, 0, 'a place is given back once')
  assert.equal(kind(firewall, '192.0.2.201'), 'tarpit')
})
