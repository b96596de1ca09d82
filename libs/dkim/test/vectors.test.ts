// Signed messages from elsewhere: RFC 6376 §6. Stored with LF by their authors, verified with CRLF as they travelled.
import assert from 'node:assert/strict'
import { createHash, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fieldsNamed, parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { BodyHasher } from '../src/body-hash.ts'
import { canonicalizeBody } from '../src/canonical-body.ts'
import { canonicalizeField, relaxValue, selectFields } from '../src/canonical-header.ts'
import { type KeyAnswer, parseKeyRecord, parseSignature } from '../src/index.ts'
import { DKIM_LIMITS } from '../src/limits.ts'
import { withoutSignatureValue } from '../src/signature.ts'
import { texts, verdict, verifyMessage } from './forge.ts'

const root = process.env.SCOP_VECTORS ?? join(import.meta.dirname, '../../../../shared/vectors')
const LATER = 1_800_000_000
const readText = (path: string): string => readFileSync(join(root, path), 'latin1')
const readMessage = (path: string): Uint8Array => encodeLatin1(readText(path).replace(/\r?\n/g, '\r\n'))

// dkimpy: its signed messages and the records they go with
const dkimpy: readonly [string, Readonly<Record<string, string>>, readonly string[]][] = [
  ['rfc6376.signed.msg', { brisbane: 'ed25519test.dns', test: 'test.txt' }, ['fail signature-wrong', 'pass']],
  [
    'rfc6376.signed.msg',
    { brisbane: 'test.txt', test: 'test_tlsrpt.txt' },
    ['permerror key-type-mismatch', 'permerror key-service-mismatch'],
  ],
  [
    'rfc6376.signed.msg',
    { brisbane: 'badk.txt', test: 'badversion.txt' },
    ['permerror unknown-key-type', 'permerror not-a-key-record'],
  ],
  [
    'rfc6376.signed.msg',
    { brisbane: 'badk.txt', test: 'test_bad.txt' },
    ['permerror unknown-key-type', 'permerror bad-public-key'],
  ],
  ['rfc6376.signed.msg', { brisbane: 'badk.txt', test: 'test2.txt' }, ['permerror unknown-key-type', 'pass']],
  ['ed25519test2.msg', { sed: 'eximtest.dns' }, ['pass']],
]
for (const [file, records, expected] of dkimpy) {
  const shown = Object.values(records).join(', ')
  test(`dkimpy ${file} with ${shown}: ${expected.join(', ')}`, (t) => {
    if (!existsSync(root)) return t.skip(`${root} absent`)
    const answers = new Map<string, KeyAnswer>()
    for (const [selector, record] of Object.entries(records)) {
      for (const domain of ['football.example.com', 'test.ex']) {
        answers.set(`${selector}._domainkey.${domain}`, texts(readText(`mail/dkim/dkimpy/${record}`).trim()))
      }
    }
    assert.deepEqual(verifyMessage(readMessage(`mail/dkim/dkimpy/${file}`), answers, LATER).map(verdict), expected)
  })
}

// Real mail whose keys are not in the files: the body hash is ours to find, the verdict is that the key is missing.
const noKey = 'permerror no-key'
const bodyHashes: readonly [string, readonly string[]][] = [
  ['dkimpy/message.mbox', [noKey]],
  ['dkimpy/test2.message', [noKey]],
  ['mailauth/arc-fail.eml', [noKey, noKey]],
  ['mailauth/arc-fail2.eml', [noKey, noKey]],
  ['mailauth/arc-fail3.eml', [noKey]],
  ['mailauth/arc-pass.eml', [noKey]],
  ['mailauth/arc-pass2.eml', [noKey, noKey]],
  ['mailauth/authtest.eml', [noKey]],
  ['mailauth/bimi.eml', [noKey, noKey]],
  ['mailauth/message2.eml', [noKey]],
  ['mailauth/message3.eml', [noKey, noKey]],
  ['mailauth/message4.eml', [noKey]],
  ['mailauth/zbimi.eml', [noKey]],
  ['mailauth/zproov.eml', [noKey]],
]
for (const [file, expected] of bodyHashes) {
  test(`${file}: ${expected.join(', ')}`, (t) => {
    if (!existsSync(root)) return t.skip(`${root} absent`)
    const results = verifyMessage(readMessage(`mail/dkim/${file}`), { kind: 'no-such-record' }, LATER)
    assert.deepEqual(results.map(verdict), expected)
  })
}

// ocaml-dkim and blaze: real mail with its keys frozen; rsa-sha1 is refused by rule, so its arithmetic is checked apart
const frozen: readonly [string, readonly string[]][] = [
  ['001.mail', ['policy rsa-sha1', 'policy rsa-sha1']],
  ['002.mail', ['pass']],
  ['003.mail', ['pass']],
  ['004.mail', ['pass']],
  ['005.mail', ['pass', 'pass']],
]
for (const [file, expected] of frozen) {
  test(`ocaml-dkim ${file}: ${expected.join(', ')}`, (t) => {
    if (!existsSync(root)) return t.skip(`${root} absent`)
    const message = readMessage(`originals/ocaml-dkim/${file}`)
    const keys = frozenKeys()
    const counts = readJson('originals/ocaml-dkim/expected-valid-signatures.json')
    const results = verifyMessage(message, new Map([...keys].map(([name, record]) => [name, texts(record)])), LATER)
    assert.deepEqual(results.map(verdict), expected)
    assert.equal(counts.get(file), String(results.length))
    for (const result of results)
      if (verdict(result) === 'policy rsa-sha1') assert.ok(verifySha1(message, result.field.offset, keys))
  })
}

const blaze: readonly [string, readonly string[]][] = [
  ['001.mail', ['policy rsa-sha1', 'policy rsa-sha1']],
  ['002.mail', ['pass']],
  ['003.mail', ['pass']],
  ['004.mail', ['pass']],
  ['005.mail', []],
  ['007.mail', ['pass']],
]
for (const [file, expected] of blaze) {
  test(`blaze ${file}: ${expected.join(', ')}`, (t) => {
    if (!existsSync(root)) return t.skip(`${root} absent`)
    const message = readMessage(`originals/blaze/${file}`)
    const { header } = expectOk(parseHeaderSection(message), 'read')
    const answers = new Map<string, KeyAnswer>()
    for (const field of fieldsNamed(header, 'DKIM-Signature')) {
      const { selector, domain } = expectOk(parseSignature(field.value), 'read')
      const name = `${selector}._domainkey.${domain}`
      const path = `originals/blaze/cache/${name}.dns`
      answers.set(
        name,
        existsSync(join(root, path)) ? texts(readText(path).replace(/^txt:/, '').trim()) : { kind: 'no-such-record' },
      )
    }
    assert.deepEqual(verifyMessage(message, answers, LATER).map(verdict), expected)
  })
}

function frozenKeys(): ReadonlyMap<string, string> {
  return readJson('originals/ocaml-dkim/keys.json')
}

function readJson(path: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(readText(path))
  assert.ok(typeof parsed === 'object' && parsed !== null)
  return new Map(Object.entries(parsed).map(([key, value]) => [key, String(value)]))
}

/** What `startVerifying` refuses to do: rsa-sha1, with our canonicalization. */
function verifySha1(message: Uint8Array, offset: number, keys: ReadonlyMap<string, string>): boolean {
  const { header, bodyStart } = expectOk(parseHeaderSection(message), 'read')
  const field = header.fields.find((candidate) => candidate.offset === offset)
  assert.ok(field !== undefined)
  const signature = expectOk(parseSignature(field.value), 'read')
  const hash = createHash('sha1')
  const body = canonicalizeBody(signature.bodyCanonicalization, (piece) => hash.update(piece))
  body.update(message.subarray(bodyStart))
  body.finish()
  assert.deepEqual(new Uint8Array(hash.digest()), signature.bodyHash)
  const covered = selectFields(header, signature.signedFields, field).map((signed) =>
    canonicalizeField(signed, 'relaxed'),
  )
  const own = relaxValue(withoutSignatureValue(field.value, DKIM_LIMITS))
  const record = expectOk(
    parseKeyRecord(keys.get(`${signature.selector}._domainkey.${signature.domain}`) ?? ''),
    'read',
  )
  assert.ok(record.publicKey !== 'revoked')
  const octets = concatOctets([...covered, encodeAscii('dkim-signature:'), own])
  return verify('sha1', octets, record.publicKey, signature.signature)
}

// ocaml-dkim test/body.ml: inputs of its simple body canonicalization, one CRLF at the end of each, as RFC 6376 §3.4.3
const simpleBodies: readonly [string, string][] = [
  ['', '\r\n'],
  ['\r\n', '\r\n'],
  ['foo\r\n', 'foo\r\n'],
  ['foo\r\nbar\r\n', 'foo\r\nbar\r\n'],
  ['foo\r\nbar', 'foo\r\nbar\r\n'],
  ['\r\n\r\n', '\r\n'],
  ['\r\nfoo', '\r\nfoo\r\n'],
  ['\r', '\r\r\n'],
  ['\n', '\n\r\n'],
  [' ', ' \r\n'],
  ['foo  ', 'foo  \r\n'],
  ['  foo', '  foo\r\n'],
  ['\t\t\r\n\t\tfoo\r\n', '\t\t\r\n\t\tfoo\r\n'],
]
test("dkimpy rfc6376.signed.msg with RFC 8463's own key and test.txt: pass, pass", (t) => {
  if (!existsSync(root)) return t.skip(`${root} absent`)
  const answers = new Map<string, KeyAnswer>([
    [
      'brisbane._domainkey.football.example.com',
      texts('v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='),
    ],
    ['test._domainkey.football.example.com', texts(readText('mail/dkim/dkimpy/test.txt').trim())],
  ])
  const results = verifyMessage(readMessage('mail/dkim/dkimpy/rfc6376.signed.msg'), answers, LATER)
  assert.deepEqual(results.map(verdict), ['pass', 'pass'])
})

test('ocaml-dkim: simple bodies', () => {
  for (const [body, expected] of simpleBodies) {
    const hasher = new BodyHasher('simple')
    hasher.update(encodeAscii(body))
    const digest = createHash('sha256').update(expected).digest()
    assert.deepEqual(Buffer.from(hasher.finish().digest), digest, JSON.stringify(body))
  }
})
