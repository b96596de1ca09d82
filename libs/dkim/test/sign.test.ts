// RFC 6376 §5, §8.15
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, decodeLatin1, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  type Canonicalization,
  type KeyAnswer,
  parseSelector,
  type SigningKey,
  type SigningOptions,
  startSigning,
} from '../src/index.ts'
import { ed25519, ed25519Record, NOW, rsa, rsaRecord, texts, verdict, verifyMessage } from './forge.ts'

const domain = expectOk(parseDomainName('example.com'), 'read')
const selector = (text: string) => expectOk(parseSelector(text), 'read')
const keys: readonly SigningKey[] = [
  { domain, selector: selector('r1'), algorithm: 'rsa-sha256', privateKey: rsa.privateKey },
  { domain, selector: selector('e1'), algorithm: 'ed25519-sha256', privateKey: ed25519.privateKey },
]
const answers: ReadonlyMap<string, KeyAnswer> = new Map([
  ['r1._domainkey.example.com', texts(rsaRecord)],
  ['e1._domainkey.example.com', texts(ed25519Record)],
])

function signMessage(message: Uint8Array, options: Partial<SigningOptions> = {}): Uint8Array {
  const { header, bodyStart } = expectOk(parseHeaderSection(message), 'read')
  const signing = expectOk(startSigning(header, { keys, nowSeconds: NOW, ...options }), 'sign')
  signing.update(message.subarray(bodyStart))
  return concatOctets([...signing.finish(), message])
}

const MESSAGE =
  'From: Alice <a@example.com>\r\nTo: b@example.net\r\nSubject: =?utf-8?q?h=C3=A4?=\r\n  more\r\nX-Free: 1\r\n\r\nHello  there \r\n\r\n'

test('signs with every key, in order, in folded lines', () => {
  const signed = signMessage(encodeLatin1(MESSAGE), { expireAfterSeconds: 3600 })
  const { header } = expectOk(parseHeaderSection(signed), 'read')
  assert.deepEqual(
    header.fields.slice(0, 3).map((field) => field.name),
    ['DKIM-Signature', 'DKIM-Signature', 'From'],
  )
  assert.deepEqual(header.defects, [])
  const text = decodeLatin1(signed)
  assert.match(
    text,
    /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example\.com; s=r1;\r\n t=1700000000; x=1700003600;/,
  )
  for (const line of text.split('\r\n')) assert.ok(line.length <= 78)
  const names = /h=([^;]*);/.exec(text)?.[1]?.replace(/\s/g, '')
  assert.equal(
    names,
    'From:From:To:To:Cc:Subject:Subject:Date:Reply-To:Message-ID:MIME-Version:Content-Type:Content-Transfer-Encoding',
  )
  assert.deepEqual(verifyMessage(signed, answers).map(verdict), ['pass', 'pass'])
})

test('refuses what must not be signed', () => {
  const kind = (text: string): string => {
    const { header } = expectOk(parseHeaderSection(encodeLatin1(text)), 'read')
    const signing = startSigning(header, { keys, nowSeconds: NOW })
    return signing.ok ? 'ok' : signing.error.kind
  }
  assert.equal(kind('To: b@example.net\r\n\r\n'), 'no-from')
  assert.equal(kind('From: a@example.com\r\nfrom: b@example.com\r\n\r\n'), 'several-from')
  assert.equal(kind(`From: a@example.com\r\n${'To: b@example.net\r\n'.repeat(300)}\r\n`), 'too-many-signed-fields')
})

test('throws for our own mistakes', () => {
  const { header } = expectOk(parseHeaderSection(encodeLatin1(MESSAGE)), 'read')
  const [good] = keys
  assert.ok(good !== undefined)
  const tiny = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey
  const bad: readonly Partial<SigningOptions>[] = [
    { keys: [{ ...good, algorithm: 'ed25519-sha256' }] },
    { keys: [{ ...good, privateKey: rsa.publicKey }] },
    { keys: [{ ...good, privateKey: tiny }] },
    { oversignedFields: ['To'] },
    { signedFields: ['a;b'] },
  ]
  for (const options of bad) assert.throws(() => startSigning(header, { keys, nowSeconds: NOW, ...options }))
})

test('no field of an oversigned name can be added', () => {
  for (const name of ['From', 'Cc', 'Reply-To', 'Content-Type', 'Subject']) {
    const signed = signMessage(encodeLatin1(MESSAGE))
    const added = concatOctets([encodeLatin1(`${name}: evil\r\n`), signed])
    for (const result of verifyMessage(added, answers)) assert.notEqual(result.result, 'pass', name)
  }
  const free = concatOctets([encodeLatin1('X-Free: 2\r\n'), signMessage(encodeLatin1(MESSAGE))])
  assert.deepEqual(verifyMessage(free, answers).map(verdict), ['pass', 'pass'])
})

const canonicalization = fc.constantFrom<Canonicalization>('simple', 'relaxed')
const value = fc
  .array(fc.constantFrom('a', ' ', '\t', '\r\n x', 'b:c;', '=?', '\xe4'), { maxLength: 8 })
  .map((pieces) => pieces.join(''))
const body = fc
  .array(fc.constantFrom('a', ' ', '\t', '\r\n', 'line\r\n', '\xff'), { maxLength: 20 })
  .map((pieces) => pieces.join(''))

test('what is signed verifies, and any change of a covered octet fails', () => {
  fc.assert(
    fc.property(
      canonicalization,
      canonicalization,
      value,
      body,
      fc.nat(),
      (headerCanonicalization, bodyCanonicalization, subject, text, at) => {
        const head = `From: a@example.com\r\nSubject:${subject}\r\n`
        const message = encodeLatin1(`${head}\r\n${text}`)
        const signed = signMessage(message, { headerCanonicalization, bodyCanonicalization })
        assert.deepEqual(verifyMessage(signed, answers).map(verdict), ['pass', 'pass'])
        // a letter where there was none, or another letter: neither canonicalization forgives that
        const start = signed.length - message.length
        const covered = [...message.keys()].filter((i) => i < head.length - 2 || i >= head.length + 2)
        const chosen = covered[at % covered.length] ?? 0
        const changed = Uint8Array.from(signed)
        changed[start + chosen] = changed[start + chosen] === 0x51 ? 0x52 : 0x51
        for (const result of verifyMessage(changed, answers)) assert.notEqual(result.result, 'pass', String(chosen))
        const longer = concatOctets([signed, encodeLatin1('x')])
        for (const result of verifyMessage(longer, answers)) assert.notEqual(result.result, 'pass')
      },
    ),
    { numRuns: 60 },
  )
})

test('any change of the signature field itself fails', () => {
  const signed = signMessage(encodeLatin1(MESSAGE), { keys: keys.slice(1) })
  const end = signed.length - MESSAGE.length - 2
  for (let i = 'DKIM-Signature:'.length; i < end; i++) {
    const octet = signed[i] ?? 0
    if (octet <= 0x20) continue // relaxed forgives white space
    const changed = Uint8Array.from(signed)
    changed[i] = octet === 0x51 ? 0x52 : 0x51
    const [result] = verifyMessage(changed, texts(ed25519Record))
    assert.notEqual(result?.result, 'pass', `octet ${i}`)
  }
})
