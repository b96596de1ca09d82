import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSpfRecord, isSpfRecord, parseSpfRecord } from '../src/index.ts'

for (const text of [
  'v=spf1',
  'v=spf1 -all',
  'V=SPF1 A/24 MX//64 a:example.com/24//64 ~ALL',
  'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all',
  'v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} redirect=_spf.example.com exp=e.%{d2}',
  'v=spf1 a:_x.example.com x-new=anything%{d} ptr',
]) {
  test(`reads "${text}", and it is the same when written and read again`, () => {
    const record = parseSpfRecord(text)
    assert.ok(record.ok)
    const again = parseSpfRecord(formatSpfRecord(record.value))
    assert.ok(again.ok)
    assert.deepEqual({ ...again.value, source: '' }, { ...record.value, source: '' })
  })
}

for (const [text, kind] of [
  ['v=spf10 -all', 'not-spf'],
  ['v=spf1-all', 'not-spf'],
  [' v=spf1 -all', 'not-spf'],
  ['v=spf1 \u00e9:x', 'not-ascii'],
  ['v=spf1\t-all', 'not-spf'],
  ['v=spf1 all.', 'unknown-mechanism'],
  ['v=spf1 +-all', 'unknown-mechanism'],
  ['v=spf1 all:example.com', 'bad-argument'],
  ['v=spf1 include', 'bad-argument'],
  ['v=spf1 include:', 'bad-domain-spec'],
  ['v=spf1 include:example', 'bad-domain-spec'],
  ['v=spf1 a:example.123', 'bad-domain-spec'],
  ['v=spf1 a:example.com:8080', 'bad-domain-spec'],
  ['v=spf1 a:-.-', 'bad-domain-spec'],
  ['v=spf1 ip4:192.0.2', 'bad-network'],
  ['v=spf1 ip4:2001:db8::1', 'bad-network'],
  ['v=spf1 ip6:192.0.2.1', 'bad-network'],
  ['v=spf1 ip4:192.0.2.1/33', 'bad-prefix-length'],
  ['v=spf1 ip4:192.0.2.1/08', 'bad-prefix-length'],
  ['v=spf1 ip4:192.0.2.1/', 'bad-prefix-length'],
  ['v=spf1 ip6:::/129', 'bad-prefix-length'],
  ['v=spf1 a/033', 'bad-prefix-length'],
  ['v=spf1 a//129', 'bad-prefix-length'],
  ['v=spf1 a/', 'bad-argument'],
  ['v=spf1 exists:%{x}.example.com', 'unknown-macro-letter'],
  ['v=spf1 exists:%{c}.example.com', 'explanation-macro'],
  ['v=spf1 exists:%{d0}.example.com', 'bad-macro'],
  ['v=spf1 exists:%{d', 'bad-macro'],
  ['v=spf1 exists:%d.example.com', 'bad-macro'],
  ['v=spf1 exists:%', 'bad-macro'],
  ['v=spf1 redirect=a.example redirect=b.example', 'repeated-modifier'],
  ['v=spf1 exp=a.example exp=a.example', 'repeated-modifier'],
  ['v=spf1 redirect=', 'bad-domain-spec'],
  ['v=spf1 x=%{z}', 'bad-modifier'],
] as const) {
  test(`refuses "${text}": ${kind}`, () => {
    const record = parseSpfRecord(text)
    assert.ok(!record.ok)
    assert.equal(record.error.kind, kind)
  })
}

test('says which records are meant as SPF', () => {
  for (const text of ['v=spf1', 'V=SpF1 x']) assert.ok(isSpfRecord(text))
  for (const text of ['', 'v=spf2.0', 'v=spf1x', 'spf1']) assert.ok(!isSpfRecord(text))
})
