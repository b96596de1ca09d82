import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MxAnswer, Stub, StubError } from '@scop/dns/node'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { err, expectOk, ok, type Result } from '@scop/result'
import { findReceivers } from '../src/receivers.ts'

const name = (text: string) => expectOk(parseDomainName(text), `parse ${text}`)
const ip = (text: string) => expectOk(parseIpAddress(text), `parse ${text}`)
const mx = (...hosts: [number, string][]): Result<MxAnswer, StubError> =>
  ok({ kind: 'mx', exchanges: hosts.map(([preference, host]) => ({ preference, exchange: name(host) })), unusable: [] })
const failed = (kind: 'nxdomain' | 'nodata' | 'temporary' | 'bad-name'): Result<never, StubError> =>
  err({ kind, name: 'x', type: 'MX', reason: 'SERVFAIL' })

function stubOf(
  answer: Result<MxAnswer, StubError>,
  addresses: Record<string, readonly string[] | 'nxdomain' | 'temporary'>,
): Stub {
  return {
    query: async () => failed('nodata'),
    txt: async () => failed('nodata'),
    mx: async () => answer,
    address: async (host) => {
      const found = addresses[host] ?? 'nxdomain'
      return typeof found === 'string' ? failed(found) : ok(found.map(ip))
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
  'a.example': ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
  'b.example': ['192.0.2.9'],
  'mx.one.example': ['192.0.2.77'],
  'inside.example': ['127.0.0.1'],
  'alias-of-us.example': ['192.0.2.77'],
  'also-us.example': ['::ffff:192.0.2.77'],
}

const CASES: readonly (readonly [string, Result<MxAnswer, StubError>, string])[] = [
  [
    'MX hosts in order, not too many addresses each',
    mx([1, 'a.example'], [2, 'b.example']),
    '192.0.2.1 192.0.2.2 192.0.2.9',
  ],
  ['the domain itself without MX', ok({ kind: 'implicit', exchange: name('b.example') }), '192.0.2.9'],
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
  ['our own address without MX', ok({ kind: 'implicit', exchange: name('alias-of-us.example') }), 'never 5.4.6'],
  ['a loopback address', mx([1, 'inside.example']), 'never 5.4.6'],
  ['null MX', ok({ kind: 'null-mx' }), 'never 5.1.10'],
  ['no usable host name', ok({ kind: 'mx', exchanges: [], unusable: ['_x'] }), 'never 5.4.4'],
  ['no such domain', failed('nxdomain'), 'never 5.1.2'],
  ['neither MX nor address', failed('nodata'), 'never 5.4.4'],
  ['no answer', failed('temporary'), 'later 4.4.3'],
]

for (const [what, answer, expected] of CASES) {
  test(what, async () => {
    const found = await findReceivers(name('two.example'), stubOf(answer, WORLD), RULES)
    const said = found.ok
      ? found.value.map(({ address }) => address).join(' ')
      : `${found.error.when} ${found.error.status}`
    assert.equal(said, expected)
  })
}

test('one host that may recover is worth waiting for', async () => {
  const stub = stubOf(mx([1, 'gone.example'], [2, 'slow.example']), { 'slow.example': 'temporary' })
  const found = await findReceivers(name('two.example'), stub, RULES)
  assert.ok(!found.ok && found.error.when === 'later')
})

test('an address literal needs no DNS, and may not be ours', async () => {
  const stub = stubOf(failed('temporary'), {})
  const literal = (text: string) => findReceivers({ kind: 'address-literal', address: ip(text) }, stub, RULES)
  assert.ok((await literal('192.0.2.5')).ok)
  for (const text of ['127.0.0.1', '::1', '::ffff:127.0.0.2', '0.0.0.0', '::', '192.0.2.77'])
    assert.ok(!(await literal(text)).ok, text)
})

test('on one machine, in a test, another server may have our address', async () => {
  const stub = stubOf(mx([1, 'alias-of-us.example']), WORLD)
  assert.ok((await findReceivers(name('two.example'), stub, { ...RULES, allowLoopback: true })).ok)
})
