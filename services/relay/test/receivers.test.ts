import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MailExchanges, NameAnswer, NameSecurity } from '@scop/bottle/node'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { findReceivers, type MailNames } from '../src/receivers.ts'

const name = (text: string) => expectOk(parseDomainName(text), `parse ${text}`)
const ip = (text: string) => expectOk(parseIpAddress(text), `parse ${text}`)
const answer = <T>(value: T, security: NameSecurity = 'insecure'): NameAnswer<T> => ({
  kind: 'answer',
  value,
  security,
})
const mx = (...hosts: [number, string][]): NameAnswer<MailExchanges> =>
  answer({ kind: 'mx', exchanges: hosts.map(([preference, host]) => ({ preference, exchange: name(host) })) })
const failed = (kind: 'nxdomain' | 'nodata' | 'temporary' | 'bad-name'): NameAnswer<never> =>
  kind === 'temporary' ? { kind, reason: 'SERVFAIL' } : kind === 'bad-name' ? { kind } : { kind, security: 'insecure' }

function namesOf(
  exchanges: NameAnswer<MailExchanges>,
  addresses: Record<string, readonly string[] | 'nxdomain' | 'temporary'>,
  security: NameSecurity = 'insecure',
): MailNames {
  return {
    mx: async () => exchanges,
    addresses: async (host) => {
      const found = addresses[host] ?? 'nxdomain'
      return typeof found === 'string' ? failed(found) : answer(found.map(ip), security)
    },
  }
}

const RULES = {
  hostname: name('mx.one.example'),
  ownAddresses: [ip('192.0.2.77')],
  allowLoopback: false,
  hosts: 3,
  addressesPerHost: 2,
}
const WORLD = {
  'two.example': ['192.0.2.5'],
  'a.example': ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
  'b.example': ['192.0.2.9'],
  'mx.one.example': ['192.0.2.77'],
  'inside.example': ['127.0.0.1'],
  'alias-of-us.example': ['192.0.2.77'],
  'also-us.example': ['::ffff:192.0.2.77'],
}

const CASES: readonly (readonly [string, NameAnswer<MailExchanges>, string])[] = [
  [
    'MX hosts in order, not too many addresses each',
    mx([1, 'a.example'], [2, 'b.example']),
    '192.0.2.1 192.0.2.2 192.0.2.9',
  ],
  ['the domain itself without MX', failed('nodata'), '192.0.2.5'],
  ['a host without address is passed over', mx([1, 'gone.example'], [2, 'b.example']), '192.0.2.9'],
  ['not too many hosts', mx([1, 'x.example'], [2, 'y.example'], [3, 'z.example'], [4, 'b.example']), 'never 5.1.2'],
  ['only what is nearer than ourselves', mx([1, 'b.example'], [5, 'mx.one.example'], [9, 'a.example']), '192.0.2.9'],
  ['ourselves first is a loop', mx([1, 'mx.one.example'], [9, 'a.example']), 'never 5.4.6'],
  ['another name with our address', mx([1, 'alias-of-us.example'], [9, 'a.example']), 'never 5.4.6'],
  ['another name with our address, mapped', mx([1, 'also-us.example']), 'never 5.4.6'],
  [
    'nothing behind another name of ours',
    mx([1, 'b.example'], [5, 'alias-of-us.example'], [9, 'a.example']),
    '192.0.2.9',
  ],
  ['a loopback address', mx([1, 'inside.example']), 'never 5.4.6'],
  ['null MX', answer({ kind: 'null-mx' }), 'never 5.1.10'],
  ['no usable host name', mx(), 'never 5.4.4'],
  ['no such domain', failed('nxdomain'), 'never 5.1.2'],
  ['no answer', failed('temporary'), 'later 4.4.3'],
]

for (const [what, exchanges, expected] of CASES) {
  test(what, async () => {
    const found = await findReceivers(name('two.example'), namesOf(exchanges, WORLD), '', RULES)
    const said = found.ok
      ? found.value.map(({ address }) => address).join(' ')
      : `${found.error.when} ${found.error.status}`
    assert.equal(said, expected)
  })
}

test('one host that may recover is worth waiting for', async () => {
  const names = namesOf(mx([1, 'gone.example'], [2, 'slow.example']), { 'slow.example': 'temporary' })
  const found = await findReceivers(name('two.example'), names, '', RULES)
  assert.ok(!found.ok && found.error.when === 'later')
})

test('an address literal needs no DNS, and may not be ours', async () => {
  const names = namesOf(failed('temporary'), {})
  const literal = (text: string) => findReceivers({ kind: 'address-literal', address: ip(text) }, names, '', RULES)
  assert.ok((await literal('192.0.2.5')).ok)
  for (const text of ['127.0.0.1', '::1', '::ffff:127.0.0.2', '0.0.0.0', '::', '192.0.2.77'])
    assert.ok(!(await literal(text)).ok, text)
})

test('on one machine, in a test, another server may have our address', async () => {
  const names = namesOf(mx([1, 'alias-of-us.example']), WORLD)
  assert.ok((await findReceivers(name('two.example'), names, '', { ...RULES, allowLoopback: true })).ok)
})

test('without MX, the domain is its own host: with our address, or with none', async () => {
  for (const [world, expected] of [
    [{ 'two.example': ['192.0.2.77'] }, 'never 5.4.6'],
    [{}, 'never 5.1.2'],
    [{ 'two.example': 'temporary' }, 'later 4.4.3'],
  ] as const) {
    const found = await findReceivers(name('two.example'), namesOf(failed('nodata'), world), '', RULES)
    assert.equal(found.ok ? 'found' : `${found.error.when} ${found.error.status}`, expected)
  }
})

test('the way to a receiver is secure where MX and address are', async () => {
  const exchanges = { kind: 'mx', exchanges: [{ preference: 1, exchange: name('b.example') }] } as const
  for (const [ofMx, ofAddress, expected] of [
    ['secure', 'secure', 'secure'],
    ['secure', 'insecure', 'insecure'],
    ['insecure', 'secure', 'insecure'],
  ] as const) {
    const names = namesOf(answer(exchanges, ofMx), WORLD, ofAddress)
    const found = await findReceivers(name('two.example'), names, '', RULES)
    assert.deepEqual(found.ok && found.value.map((receiver) => receiver.names), [expected])
  }
})
