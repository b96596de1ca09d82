// RFC 6376 §3.5
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase64, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { parseSignature } from '../src/index.ts'
import { DKIM_LIMITS } from '../src/limits.ts'
import { formatSignatureField } from '../src/signature.ts'

const BH = encodeBase64(new Uint8Array(32).fill(1))
const base: Readonly<Record<string, string>> = {
  v: '1',
  a: 'rsa-sha256',
  d: 'example.com',
  s: 'sel',
  h: 'From',
  bh: BH,
  b: 'AAAA',
}

function read(changes: Readonly<Record<string, string | undefined>>) {
  const tags = Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined)
  return parseSignature(encodeLatin1(tags.map(([name, value]) => `${name}=${value}`).join('; ')))
}

test('reads all tags', () => {
  const signature = expectOk(
    read({
      a: 'ed25519-sha256',
      c: 'relaxed',
      d: 'Example.COM',
      s: '2024.Mail_1',
      h: 'From : to\r\n :From',
      i: 'joe=2Bx@=73ub.example.com',
      q: 'dns/txt:http',
      l: '12',
      t: '100',
      x: '101',
      b: 'AA\r\n AA',
      z: 'From:foo@eng.example.net|To:joe@example.com',
      unknown: 'x',
    }),
    'read',
  )
  assert.deepEqual(signature, {
    algorithm: 'ed25519-sha256',
    headerCanonicalization: 'relaxed',
    bodyCanonicalization: 'simple',
    domain: 'example.com',
    selector: '2024.mail_1',
    auid: { localPart: 'joe+x', domain: 'sub.example.com' },
    signedFields: ['from', 'to', 'from'],
    bodyHash: new Uint8Array(32).fill(1),
    signature: new Uint8Array(3),
    bodyOctets: 12,
    signedAtSeconds: 100,
    expiresAtSeconds: 101,
  })
})

const refused: readonly [Readonly<Record<string, string | undefined>>, string][] = [
  [{ v: undefined }, 'missing-tag'],
  [{ b: undefined }, 'missing-tag'],
  [{ bh: undefined }, 'missing-tag'],
  [{ h: undefined }, 'missing-tag'],
  [{ v: '2' }, 'unknown-version'],
  [{ v: '01' }, 'unknown-version'],
  [{ a: 'rsa-md5' }, 'unknown-algorithm'],
  [{ a: 'RSA-SHA256' }, 'unknown-algorithm'],
  [{ c: 'nofws' }, 'unknown-canonicalization'],
  [{ c: 'relaxed/relaxed/relaxed' }, 'unknown-canonicalization'],
  [{ q: 'http' }, 'unknown-query-method'],
  [{ d: '' }, 'bad-domain'],
  [{ d: 'example.com.' }, 'bad-domain'],
  [{ d: 'b\u00fccher.example' }, 'bad-domain'],
  [{ d: 'a b.example' }, 'bad-domain'],
  [{ s: '' }, 'bad-selector'],
  [{ s: 'a..b' }, 'bad-selector'],
  [{ s: '-a' }, 'bad-selector'],
  [{ s: 'a;b' }, 'bad-tag'],
  [{ s: `${'a'.repeat(60)}.`.repeat(3) + 'a'.repeat(60), d: 'example.com' }, 'bad-selector'],
  [{ i: 'joe' }, 'bad-auid'],
  [{ i: 'joe=@example.com' }, 'bad-auid'],
  [{ i: '@' }, 'bad-auid'],
  [{ i: '@b\u00fccher.example' }, 'bad-auid'],
  [{ i: '@example.org' }, 'auid-outside-domain'],
  [{ i: '@badexample.com' }, 'auid-outside-domain'],
  [{ i: '@com' }, 'auid-outside-domain'],
  [{ h: '' }, 'bad-signed-fields'],
  [{ h: 'From:' }, 'bad-signed-fields'],
  [{ h: 'From: a b' }, 'bad-signed-fields'],
  [{ h: 'To:Subject' }, 'from-not-signed'],
  [{ h: `From${':To'.repeat(256)}` }, 'too-many-signed-fields'],
  [{ bh: 'AAAA' }, 'bad-body-hash'],
  [{ bh: `${BH}=` }, 'bad-body-hash'],
  [{ a: 'rsa-sha1' }, 'bad-body-hash'],
  [{ b: '' }, 'bad-signature-value'],
  [{ b: 'A*A=' }, 'bad-signature-value'],
  [{ l: '-1' }, 'bad-body-length'],
  [{ l: '1e3' }, 'bad-body-length'],
  [{ l: '9'.repeat(20) }, 'bad-body-length'],
  [{ t: 'now' }, 'bad-time'],
  [{ x: '' }, 'bad-time'],
  [{ t: '5', x: '5' }, 'expires-before-signed'],
]
for (const [changes, kind] of refused) {
  test(`refuses ${JSON.stringify(changes).slice(0, 60)}`, () => {
    const result = read(changes)
    assert.equal(result.ok ? 'ok' : result.error.kind, kind)
  })
}

test('refuses a tag twice, and more fields than the limit', () => {
  const twice = parseSignature(encodeLatin1(`v=1; v=1; a=rsa-sha256; d=a.test; s=s; h=From; bh=${BH}; b=AAAA`))
  assert.equal(twice.ok ? 'ok' : twice.error.kind, 'duplicate-tag')
  const value = encodeLatin1(`v=1; a=rsa-sha256; d=a.test; s=s; h=From:To; bh=${BH}; b=AAAA`)
  const bounded = parseSignature(value, { ...DKIM_LIMITS, signedFields: 1 })
  assert.equal(bounded.ok ? 'ok' : bounded.error.kind, 'too-many-signed-fields')
})

test('what is read, written and read again is the same, in lines of 78', () => {
  for (const changes of [
    {},
    { i: 'a=20b=3D@x.example.com', l: '0', t: '1', x: '2' },
    { h: `From${':Content-Transfer-Encoding'.repeat(20)}` },
  ]) {
    const signature = expectOk(read(changes), 'read')
    const field = formatSignatureField(signature, signature.signedFields)
    assert.deepEqual(expectOk(parseSignature(field.subarray(field.indexOf(0x3a) + 1)), 'read again'), signature)
    for (const line of new TextDecoder().decode(field).split('\r\n')) assert.ok(line.length <= 78, line)
  }
})
