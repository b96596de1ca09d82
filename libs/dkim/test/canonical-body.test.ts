// RFC 6376 §3.4.3, §3.4.4, §3.4.5
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { concatOctets, decodeLatin1, encodeBase64, encodeLatin1 } from '@scop/octets'
import fc from 'fast-check'
import { BodyHasher } from '../src/body-hash.ts'
import { canonicalizeBody } from '../src/canonical-body.ts'
import type { Canonicalization } from '../src/index.ts'

function canonical(canonicalization: Canonicalization, ...chunks: readonly string[]): string {
  const pieces: Uint8Array[] = []
  const body = canonicalizeBody(canonicalization, (piece) => pieces.push(piece.slice()))
  for (const chunk of chunks) body.update(encodeLatin1(chunk))
  body.finish()
  return decodeLatin1(concatOctets(pieces))
}

// body, simple, relaxed
const rows: readonly [string, string, string][] = [
  [' C \r\nD \t E\r\n\r\n\r\n', ' C \r\nD \t E\r\n', ' C\r\nD E\r\n'], // RFC 6376 §3.4.5
  ['', '\r\n', ''],
  ['\r\n', '\r\n', ''],
  ['\r\n\r\n', '\r\n', ''],
  [' \t\r\n', ' \t\r\n', ''],
  ['  ', '  \r\n', ''],
  ['foo', 'foo\r\n', 'foo\r\n'],
  ['foo\r\n', 'foo\r\n', 'foo\r\n'],
  ['foo\r\n\r\n', 'foo\r\n', 'foo\r\n'],
  ['foo  \r\n \r\n', 'foo  \r\n \r\n', 'foo\r\n'],
  ['foo \t', 'foo \t\r\n', 'foo\r\n'],
  ['\r\nfoo', '\r\nfoo\r\n', '\r\nfoo\r\n'],
  ['a\r\n\r\n\r\nb\r\n', 'a\r\n\r\n\r\nb\r\n', 'a\r\n\r\n\r\nb\r\n'],
  ['a\t b\r\n', 'a\t b\r\n', 'a b\r\n'],
  ['a\tb\r\n', 'a\tb\r\n', 'a b\r\n'],
  ['\ta\r\n', '\ta\r\n', ' a\r\n'],
  // line ends that SMTP does not carry are hashed as they are
  ['a\nb\n', 'a\nb\n\r\n', 'a\nb\n\r\n'],
  ['a \n', 'a \n\r\n', 'a \n\r\n'],
  ['a\rb', 'a\rb\r\n', 'a\rb\r\n'],
  ['a \r b\r\n', 'a \r b\r\n', 'a \r b\r\n'],
  ['a\r', 'a\r\r\n', 'a\r\r\n'],
  ['a\r\r\n', 'a\r\r\n', 'a\r\r\n'],
  ['\r', '\r\r\n', '\r\r\n'],
  ['\n', '\n\r\n', '\n\r\n'],
]
for (const [body, simple, relaxed] of rows) {
  test(`canonicalizes ${JSON.stringify(body)}`, () => {
    assert.equal(canonical('simple', body), simple)
    assert.equal(canonical('relaxed', body), relaxed)
    assert.equal(canonical('simple', ...body.split('')), simple)
    assert.equal(canonical('relaxed', ...body.split('')), relaxed)
  })
}

test('an empty body has the hashes of RFC 6376', () => {
  const simple = new BodyHasher('simple').finish().digest
  assert.equal(encodeBase64(simple), 'frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=') // §3.4.3
  const relaxed = new BodyHasher('relaxed').finish().digest
  assert.equal(encodeBase64(relaxed), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=') // §3.4.4
})

// Written the obvious way, to check the fast one against.
const lines = (text: string): string => text.replace(/(\r\n)+$/, '')
const plain = {
  simple: (text: string): string => `${lines(text)}\r\n`,
  relaxed: (text: string): string => {
    const reduced = lines(text.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n|$)/g, ''))
    return reduced === '' ? '' : `${reduced}\r\n`
  },
}
const bodyText = fc
  .array(
    fc.constantFrom(
      'a',
      'word',
      ' ',
      '  ',
      '\t',
      '\r\n',
      '\r\n\r\n',
      '\r',
      '\n',
      'x '.repeat(300),
      'y'.repeat(2000),
      ' \r\n',
    ),
    { maxLength: 25 },
  )
  .map((pieces) => pieces.join(''))

for (const canonicalization of ['simple', 'relaxed'] as const) {
  test(`${canonicalization}: the same as the plain rule, at any cut`, () => {
    fc.assert(
      fc.property(bodyText, fc.array(fc.nat(5000), { maxLength: 6 }), (text, cuts) => {
        const ends = [...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
        const chunks = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end))
        const expected = plain[canonicalization](text)
        assert.equal(canonical(canonicalization, text), expected)
        assert.equal(canonical(canonicalization, ...chunks), expected)
      }),
      { numRuns: 500 },
    )
  })
  test(`${canonicalization}: the hash is that of the canonical octets, whole or limited`, () => {
    fc.assert(
      fc.property(bodyText, fc.nat(6000), (text, limit) => {
        const expected = encodeLatin1(plain[canonicalization](text))
        const whole = new BodyHasher(canonicalization)
        const limited = new BodyHasher(canonicalization, limit)
        for (const hasher of [whole, limited]) hasher.update(encodeLatin1(text))
        assert.deepEqual(Buffer.from(whole.finish().digest), createHash('sha256').update(expected).digest())
        const cut = createHash('sha256').update(expected.subarray(0, limit)).digest()
        assert.deepEqual(Buffer.from(limited.finish().digest), cut)
        assert.equal(limited.finish().bodyOctets, expected.length)
      }),
    )
  })
}

test('empty lines are held as a number, not as octets', () => {
  const hasher = new BodyHasher('simple')
  const chunk = encodeLatin1('\r\n'.repeat(4096))
  for (let i = 0; i < 64; i++) hasher.update(chunk)
  assert.equal(hasher.finish().bodyOctets, 2)
})
