// RFC 6376 §3.6.1, RFC 8463 §4
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { encodeAscii, encodeBase64 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { formatKeyRecord, keyName, parseKeyRecord, parseSelector } from '../src/index.ts'
import { parseDomainName } from '@scop/identifiers'
import { ed25519, ed25519Record, rsa, rsaRecord } from './forge.ts'

const P = rsaRecord.slice(rsaRecord.indexOf('p='))

test('reads what it writes', () => {
  for (const [pair, record] of [
    [rsa, rsaRecord],
    [ed25519, ed25519Record],
  ] as const) {
    const read = expectOk(parseKeyRecord(record), 'read')
    assert.ok(read.publicKey !== 'revoked' && read.publicKey.equals(pair.publicKey))
    assert.deepEqual([read.hashes, read.services, read.testing, read.sameDomain], [['sha256'], ['*'], false, false])
  }
  const flagged = expectOk(parseKeyRecord(formatKeyRecord(rsa.publicKey, { testing: true, sameDomain: true })), 'read')
  assert.deepEqual([flagged.testing, flagged.sameDomain], [true, true])
  assert.throws(() => formatKeyRecord(rsa.privateKey))
  assert.throws(() => formatKeyRecord(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey))
})

test('reads records as others publish them', () => {
  const ok = (record: string) => expectOk(parseKeyRecord(record), record)
  assert.equal(ok(P).keyType, 'rsa')
  assert.equal(ok(`v=DKIM1; p=`).publicKey, 'revoked')
  assert.equal(ok(`k=rsa; t=s; ${P}; n=1024,1450051522`).sameDomain, true)
  assert.equal(ok(`v=DKIM1; g=*; ${P};`).keyType, 'rsa')
  assert.deepEqual(ok(`${P}; h=sha1 : sha256; s=email:tlsrpt; t=x:y`).hashes, ['sha1', 'sha256'])
  assert.deepEqual(ok(`${P}; s= email : tlsrpt`).services, ['email', 'tlsrpt'])
  const pkcs1 = encodeBase64(rsa.publicKey.export({ type: 'pkcs1', format: 'der' }))
  const read = ok(`v=DKIM1; p=${pkcs1.slice(0, 20)} ${pkcs1.slice(20)}`)
  assert.ok(read.publicKey !== 'revoked' && read.publicKey.equals(rsa.publicKey))
  const strings = [encodeAscii(rsaRecord.slice(0, 100)), encodeAscii(rsaRecord.slice(100))]
  assert.equal(expectOk(parseKeyRecord(strings), 'read').keyType, 'rsa')
})

const ec = encodeBase64(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
)
const evenExponent = createPublicKey({
  key: { kty: 'RSA', n: rsa.publicKey.export({ format: 'jwk' }).n ?? '', e: 'AQ' },
  format: 'jwk',
})
const refused: readonly [string, string][] = [
  ['', 'bad-tag'],
  ['v=spf1 -all', 'not-a-key-record'],
  ['v=DKIM1', 'not-a-key-record'],
  [`v=DKIM2; ${P}`, 'not-a-key-record'],
  [`v=DKIM1: g=*; ${P}`, 'not-a-key-record'],
  [`k=rsa; v=DKIM1; ${P}`, 'not-a-key-record'],
  [`v=dkim1; ${P}`, 'not-a-key-record'],
  [`k=ed25519-sha256; ${P}`, 'unknown-key-type'],
  [`k=ed25519; ${P}`, 'bad-public-key'],
  ['k=ed25519; p=AAAA', 'bad-public-key'],
  ['p=AAAA', 'bad-public-key'],
  ['p=not base64', 'bad-public-key'],
  [`p=${ec}`, 'bad-public-key'],
  [`p=${encodeBase64(new Uint8Array(4097))}`, 'bad-public-key'],
  [`p=${encodeBase64(evenExponent.export({ type: 'spki', format: 'der' }))}`, 'bad-public-key'],
  [`${P.slice(0, -2)}A=`, 'bad-public-key'],
  [`${P}; ${P}`, 'duplicate-tag'],
  [`${P}; n=${'x'.repeat(17000)}`, 'tag-list-too-long'],
]
for (const [record, kind] of refused) {
  test(`refuses "${record.slice(0, 50)}"`, () => {
    const result = parseKeyRecord(record)
    assert.equal(result.ok ? 'ok' : result.error.kind, kind)
  })
}

test('names the record in DNS', () => {
  const domain = expectOk(parseDomainName('example.com'), 'read')
  assert.equal(keyName(expectOk(parseSelector('A.b'), 'read'), domain), 'a.b._domainkey.example.com')
  const long = expectOk(parseSelector(`${'a'.repeat(58)}.`.repeat(3) + 'a'.repeat(58)), 'read')
  assert.equal(keyName(long, domain), undefined)
})
