import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { isAddressCovered, parseAddressPrefix, parseIpAddress } from '../src/index.ts'

const address = (text: string) => expectOk(parseIpAddress(text), 'read an address')

const PREFIXES: readonly (readonly [string, string, boolean | undefined])[] = [
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['fd00::/8', 'fdff::1', true],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
  ['0.0.0.0/0', '::1', false],
  ['10.0.0.0/33', '10.0.0.1', undefined],
  ['10.0.0/8', '10.0.0.1', undefined],
  ['10.0.0.0/', '10.0.0.1', undefined],
  ['10.0.0.0/8/8', '10.0.0.1', undefined],
  ['192.0.2.0/-1', '192.0.2.0', undefined],
  ['example.org', '192.0.2.0', undefined],
  ['', '192.0.2.0', undefined],
  ['/0', '192.0.2.0', undefined],
  ['192.0.2.1/24', '192.0.2.255', true],
  ['192.0.2.1/24', '192.0.3.1', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::/129', '2001:db8::1', undefined],
]
for (const [prefix, one, covered] of PREFIXES) {
  test(`${prefix} ${covered === undefined ? 'is no prefix' : covered ? `covers ${one}` : `does not cover ${one}`}`, () => {
    const parsed = parseAddressPrefix(prefix)
    assert.equal(parsed.ok ? isAddressCovered(address(one), [parsed.value]) : undefined, covered)
  })
}
