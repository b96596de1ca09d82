// A chain of three sealers, and everything that breaks it.

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { formatKeyRecord, type KeyAnswer, parseSelector } from '@scop/dkim'
import { parseDomainName } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, decodeLatin1, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  ARC_LIMITS,
  arcResult,
  type ChainResult,
  type ChainStatus,
  parseMessageSignature,
  parseSeal,
  parseSealedResults,
  startSealing,
  startValidating,
  VerifiedChain,
} from '../src/index.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const KEY: KeyAnswer = { kind: 'texts', texts: [formatKeyRecord(publicKey)] }
const MESSAGE = 'From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\n\r\nHello\r\n'

function seal(message: string, domain: string, status: ChainStatus): string {
  const octets = encodeLatin1(message)
  const { header, bodyStart } = expectOk(parseHeaderSection(octets), 'read')
  const sealing = expectOk(
    startSealing(header, {
      domain: expectOk(parseDomainName(domain), 'read'),
      selector: expectOk(parseSelector('s'), 'read'),
      algorithm: 'ed25519-sha256',
      privateKey,
      status,
      results: `mx.${domain}; arc=${status}; spf=pass smtp.mailfrom=a@example.com`,
      nowSeconds: 1_700_000_000,
    }),
    'seal',
  )
  sealing.update(octets.subarray(bodyStart))
  return decodeLatin1(concatOctets([...sealing.finish(), octets]))
}

function validate(message: string, answer: KeyAnswer = KEY, limits = ARC_LIMITS, cut = 5): ChainResult {
  const octets = encodeLatin1(message)
  const { header, bodyStart } = expectOk(parseHeaderSection(octets), 'read')
  const validating = startValidating(header, limits)
  for (let at = bodyStart; at < octets.length; at += cut) validating.update(octets.subarray(at, at + cut))
  return validating.finish(new Map(validating.keyNames.map((name) => [name, answer])))
}

const chain = (sealers: number): string =>
  Array.from({ length: sealers }).reduce<string>(
    (message, _, i) => seal(message, `s${i + 1}.example`, i === 0 ? 'none' : 'pass'),
    MESSAGE,
  )
const three = chain(3)

test('a chain of three holds, and gives a proof with what each saw', () => {
  const result = validate(three)
  assert.ok(result.status === 'pass', JSON.stringify(result))
  assert.ok(VerifiedChain.isProof(result.proof))
  assert.deepEqual(result.proof.sealers, ['s1.example', 's2.example', 's3.example'])
  assert.equal(result.proof.results[0], 'mx.s1.example; arc=none; spf=pass smtp.mailfrom=a@example.com')
  assert.equal(result.oldestPass, 0)
  assert.equal(arcResult(result).result, 'pass')
  assert.throws(() => Reflect.construct(VerifiedChain, [Symbol('validated'), [], []]))
})

test('a list that changes the message and seals anew: the oldest signature that holds is its own', () => {
  const changed = seal(chain(2).replace('Hello', 'Hello all'), 's3.example', 'pass')
  const result = validate(changed)
  assert.ok(result.status === 'pass')
  assert.equal(result.oldestPass, 3)
})

test('no ARC field is no chain', () => {
  assert.equal(validate(MESSAGE).status, 'none')
})

const without = (name: string, instance: number): string => {
  const kept: string[] = []
  for (const field of three.split(/\r\n(?![ \t])/))
    if (!(field.startsWith(name) && new RegExp(`\\bi=${instance};`).test(field))) kept.push(field)
  return kept.join('\r\n')
}

for (const [name, message, kind] of [
  ['a changed body', three.replace('Hello', 'Hullo'), 'body-changed'],
  ['a changed subject', three.replace('Subject: hi', 'Subject: ho'), 'message-signature-wrong'],
  ['changed results of the first', three.replace('spf=pass', 'spf=fail'), 'seal-wrong'],
  ['a seal that is missing', without('ARC-Seal', 2), 'field-missing'],
  ['a signature that is missing', without('ARC-Message-Signature', 1), 'field-missing'],
  ['results that are missing', without('ARC-Authentication-Results', 3), 'field-missing'],
  ['a set twice', `${three.slice(0, three.indexOf('ARC-Message-Signature'))}${three}`, 'field-twice'],
  ['cv=none later on', three.replace('cv=pass', 'cv=none'), 'wrong-chain-status'],
  ['cv=fail', three.replace('cv=pass', 'cv=fail'), 'failed-before'],
  ['an instance that is none', three.replace('i=3', 'i=0'), 'bad-field'],
] as const)
  test(`${name}: ${kind}`, () => {
    const result = validate(message)
    assert.ok(result.status === 'fail', result.status)
    assert.equal(result.failure.kind, kind)
    assert.equal(arcResult(result).result, 'fail')
  })

test('more sets than the limit fail', () => {
  const result = validate(three, KEY, { ...ARC_LIMITS, sets: 2 })
  assert.ok(result.status === 'fail')
  assert.equal(result.failure.kind, 'too-many-sets')
})

test('only so many older signatures are tried', () => {
  const result = validate(three, KEY, { ...ARC_LIMITS, olderSignatures: 1 })
  assert.ok(result.status === 'pass')
  assert.equal(result.oldestPass, 2)
})

test('a key that is not to be had is temporary; one that does not exist is not', () => {
  assert.equal(validate(three, { kind: 'temporary-failure' }).status, 'temperror')
  assert.equal(validate(three, { kind: 'no-such-record' }).status, 'fail')
})

test('sealing refuses what does not fit', () => {
  const { header } = expectOk(parseHeaderSection(encodeLatin1(three.replace('cv=pass', 'cv=fail'))), 'read')
  const options = {
    domain: expectOk(parseDomainName('s4.example'), 'read'),
    selector: expectOk(parseSelector('s'), 'read'),
    algorithm: 'ed25519-sha256',
    privateKey,
    results: 'mx.s4.example; none',
    nowSeconds: 1,
  } as const
  const refusal = (sealing: ReturnType<typeof startSealing>): string => (sealing.ok ? 'sealed' : sealing.error.kind)
  assert.equal(refusal(startSealing(header, { ...options, status: 'fail' })), 'failed-before')
  const plain = expectOk(parseHeaderSection(encodeLatin1(MESSAGE)), 'read').header
  assert.equal(refusal(startSealing(plain, { ...options, status: 'pass' })), 'status-does-not-fit')
  const held = expectOk(parseHeaderSection(encodeLatin1(three)), 'read').header
  assert.equal(refusal(startSealing(held, { ...options, status: 'none' })), 'status-does-not-fit')
  assert.equal(refusal(startSealing(plain, { ...options, status: 'none', results: 'a\r\nb' })), 'bad-results')
})

test('a chain that failed is sealed as failed, its own set alone', () => {
  const sealed = seal(three.replace('Hello', 'Hullo'), 's4.example', 'fail')
  const result = validate(sealed)
  assert.ok(result.status === 'fail')
  assert.equal(result.failure.kind, 'failed-before')
})

for (const [text, kind] of [
  ['i=51; a=rsa-sha256; b=AA==; d=a.example; s=s; cv=none', 'bad-instance'],
  ['i=1; a=rsa-sha1; b=AA==; d=a.example; s=s; cv=none', 'unknown-algorithm'],
  ['i=1; a=rsa-sha256; b=AA==; d=a.example; s=s; cv=none; h=from', 'fields-signed'],
  ['i=1; a=rsa-sha256; b=AA==; d=a.example; s=s; cv=good', 'bad-chain-status'],
  ['i=1; a=rsa-sha256; b=AA==; d=a.example; s=s', 'missing-tag'],
  ['i=1; a=rsa-sha256; b=; d=a.example; s=s; cv=none', 'bad-signature-value'],
  ['i=1; a=rsa-sha256; b=AA==; d=a_b!; s=s; cv=none', 'bad-domain'],
  ['i=1; a=rsa-sha256; b=AA==; d=a.example; s=; cv=none', 'bad-selector'],
  ['i=1; a=rsa-sha256; b=AA==; d=a.example; s=s; cv=none; t=x', 'bad-time'],
] as const)
  test(`refuses the seal "${text}": ${kind}`, () => {
    const seal_ = parseSeal(encodeLatin1(text))
    assert.ok(!seal_.ok)
    assert.equal(seal_.error.kind, kind)
  })

for (const [tags, kind] of [
  ['c=other', 'unknown-canonicalization'],
  ['l=x', 'bad-body-length'],
  ['bh=AA==', 'bad-body-hash'],
  ['h=arc-seal', 'seal-signed'],
  [`h=${'a:'.repeat(300)}a`, 'too-many-signed-fields'],
] as const)
  test(`refuses a message signature with ${tags.slice(0, 20)}: ${kind}`, () => {
    const given = new Set(tags.split('=', 1))
    const rest = [...(given.has('bh') ? [] : [`bh=${'A'.repeat(43)}=`]), ...(given.has('h') ? [] : ['h=from'])]
    const text = ['i=1', 'a=rsa-sha256', 'b=AA==', 'd=a.example', 's=s', ...rest, tags].join('; ')
    const signature = parseMessageSignature(encodeLatin1(text))
    assert.ok(!signature.ok)
    assert.equal(signature.error.kind, kind)
  })

test('reads sealed results, and refuses those without an instance', () => {
  assert.deepEqual(parseSealedResults(encodeLatin1(' i=2;\r\n mx.example; none')), {
    ok: true,
    value: { instance: 2, results: 'mx.example; none' },
  })
  for (const text of ['mx.example; none', 'i=; x', 'i=99; x', 'j=1; x'])
    assert.ok(!parseSealedResults(encodeLatin1(text)).ok)
})
