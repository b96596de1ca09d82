import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { readEvidence } from '../src/selftest-evidence.ts'

const HOST = expectOk(parseDomainName('mx.two.example'), 'read a name')
const SUBMITTED = Buffer.from('From: <alice@one.example>\r\n\r\nAuthentication-Results: mx.two.example; dkim=pass\r\n')
const ABOVE = `Return-Path: <alice@one.example>\r
Authentication-Results: mx.two.example;\r
\tdkim=pass header.d=one.example header.s=rsa1 (2048 bits);\r
\tdkim=fail (bad; signature) reason="b; (c" header.d=one.example header.s="ed1"\r
Received: from mx.one.example ([127.0.0.1]) by mx.two.example with ESMTPS\r
\tid 00112233aabbccdd; Sat, 21 Nov 2026 03:00:00 +0000\r
DKIM-Signature: v=1; a=rsa-sha256; d=one.example; s=rsa1; h=From; bh=x; b=y\r
Authentication-Results: elsewhere.example; dkim=pass header.s=forged\r
`

test('reads what stands above the message, and nothing below', () => {
  const evidence = readEvidence(Buffer.concat([Buffer.from(ABOVE), SUBMITTED]), SUBMITTED, HOST)
  assert.equal(evidence.equalBelow, true)
  assert.equal(evidence.strayOctets, 0)
  assert.deepEqual(evidence.signatures, [{ selector: 'rsa1', algorithm: 'rsa-sha256' }])
  assert.deepEqual(
    evidence.verdicts.map(({ result, properties }) => [result, properties['header.s']]),
    [
      ['pass', 'rsa1'],
      ['fail', 'ed1'],
    ],
  )
  assert.deepEqual(
    evidence.received.map((field) => [field.with, field.id]),
    [['ESMTPS', '00112233aabbccdd']],
  )
})

const DAMAGED: readonly (readonly [string, (stored: Buffer) => Buffer])[] = [
  ['one octet changed', (stored) => Buffer.concat([stored.subarray(0, -1), Buffer.from('x')])],
  ['one octet more', (stored) => Buffer.concat([stored, Buffer.from('x')])],
  ['cut short', (stored) => stored.subarray(0, 20)],
]
for (const [name, damage] of DAMAGED) {
  test(`sees a stored copy with ${name}`, () => {
    const stored = damage(Buffer.concat([Buffer.from(ABOVE), SUBMITTED]))
    assert.equal(readEvidence(stored, SUBMITTED, HOST).equalBelow, false)
  })
}

test('sees octets above that belong to no field', () => {
  const stored = Buffer.concat([Buffer.from('no field at all\r\n'), SUBMITTED])
  assert.equal(readEvidence(stored, SUBMITTED, HOST).strayOctets, 17)
})
