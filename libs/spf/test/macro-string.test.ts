// RFC 7208 §7.4: the examples of the RFC.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { expandMacroString, parseMacroString } from '../src/macro-string.ts'

const values = {
  sender: { localPart: 'strong-bad', domain: 'email.example.com' },
  domain: 'email.example.com',
  client: expectOk(parseIpAddress('192.0.2.3'), 'read'),
  validatedName: 'mx.example.org',
  helo: 'helo.example.net',
  receiver: 'mx.example.org',
  nowSeconds: 1_700_000_000.9,
}
const over6 = { ...values, client: expectOk(parseIpAddress('2001:db8::cb01'), 'read') }

for (const [text, expanded, from = values] of [
  ['%{s}', 'strong-bad@email.example.com'],
  ['%{o}', 'email.example.com'],
  ['%{d4}', 'email.example.com'],
  ['%{d2}', 'example.com'],
  ['%{d1}', 'com'],
  ['%{dr}', 'com.example.email'],
  ['%{d2r}', 'example.email'],
  ['%{l}', 'strong-bad'],
  ['%{l-}', 'strong.bad'],
  ['%{lr}', 'strong-bad'],
  ['%{lr-}', 'bad.strong'],
  ['%{l1r-}', 'strong'],
  ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
  ['%{lr-}.lp._spf.%{d2}', 'bad.strong.lp._spf.example.com'],
  ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
  ['%{d2}.trusted-domains.example.net', 'example.com.trusted-domains.example.net'],
  [
    '%{ir}.%{v}._spf.%{d2}',
    '1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com',
    over6,
  ],
  ['%%%_%-', '% %20'],
  ['%{S}', 'strong-bad%40email.example.com'],
  ['%{p}.%{h}', 'mx.example.org.helo.example.net'],
] as const) {
  test(`${text} gives ${expanded}`, () => {
    assert.equal(expandMacroString(expectOk(parseMacroString(text), 'read'), from), expanded)
  })
}

test('what only an explanation may hold', () => {
  const text = '%{c} %{r} %{t}'
  assert.equal(
    expandMacroString(expectOk(parseMacroString(text, true), 'read'), values),
    '192.0.2.3 mx.example.org 1700000000',
  )
  assert.ok(!parseMacroString(text).ok)
})

test('expansion stops at its limit', () => {
  const macro = expectOk(parseMacroString('%{s}'.repeat(1000)), 'read')
  assert.ok(expandMacroString(macro, values, 100).length < 200)
})
