// draft-brand-indicators-for-message-identification §4.2, §4.3
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSelector } from '@scop/dkim'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { bimiName, DMARC_LIMITS, formatBimiRecord, parseBimiRecord } from '../src/index.ts'
import { name } from './proofs.ts'

test('reads assertion records', () => {
  const mark = 'https://example.com/mark.svg'
  for (const [text, location, evidence] of [
    [`v=BIMI1; l=${mark}`, mark, undefined],
    [`v=BIMI1; l=${mark}; a=https://example.com/a.pem;`, mark, 'https://example.com/a.pem'],
    [`v = BIMI1 ; L = ${mark} ; a = ; avp=brand`, mark, undefined],
    ['v=BIMI1; l=; a=;', undefined, undefined],
  ] as const) {
    const record = expectOk(parseBimiRecord(text), text)
    assert.deepEqual(record, { location, evidence }, text)
    assert.deepEqual(expectOk(parseBimiRecord(formatBimiRecord(record)), text), record)
  }
  assert.equal(expectOk(parseBimiRecord(['v=BIM', 'I1; l='].map(encodeAscii)), 'read').location, undefined)
})

test('refuses what is none', () => {
  for (const [text, kind] of [
    ['', 'not-a-bimi-record'],
    ['l=https://a.example; v=BIMI1', 'not-a-bimi-record'],
    ['v=bimi1; l=', 'not-a-bimi-record'],
    ['v=BIMI1', 'no-location'],
    ['v=BIMI1; a=https://a.example/', 'no-location'],
    ['v=BIMI1; l=http://a.example/', 'bad-location'],
    ['v=BIMI1; l=javascript:alert(1)', 'bad-location'],
    ['v=BIMI1; l=https://a.example/ x', 'bad-location'],
    ['v=BIMI1; l=; a=file:///etc', 'bad-evidence'],
    [`v=BIMI1; l=${'x'.repeat(DMARC_LIMITS.recordCharacters)}`, 'record-too-long'],
  ] as const)
    assert.deepEqual(parseBimiRecord(text), { ok: false, error: { kind } }, text.slice(0, 60))
})

test('knows where they stand', () => {
  assert.equal(bimiName(name('example.com')), 'default._bimi.example.com')
  assert.equal(bimiName(name('example.com'), expectOk(parseSelector('v1'), 'v1')), 'v1._bimi.example.com')
})
