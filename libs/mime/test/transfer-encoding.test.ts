// RFC 2045 §4, §6.1
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatMimeVersion, parseMimeVersion, parseTransferEncoding, transferEncodingNamed } from '../src/index.ts'

const rows: readonly [value: string, token: string, known: string | undefined, defects?: readonly string[]][] = [
  ['base64', 'base64', 'base64'],
  [' Quoted-PRINTABLE (c)', 'quoted-printable', 'quoted-printable'],
  ['(c)7bit;', '7bit', '7bit'],
  ['x-uuencode', 'x-uuencode', 'uuencode'],
  ['x-mine', 'x-mine', undefined],
  ['8-bit', '8-bit', '8bit', ['quirk']],
  ['"base64"', 'base64', 'base64', ['quoted']],
  ['base64 7bit', 'base64', 'base64', ['text-after']],
  ['quoted printable', 'quoted', undefined, ['text-after']],
  ['base64; x=y', 'base64', 'base64', ['text-after']],
  ['base64,', 'base64', 'base64', ['text-after']],
]
for (const [value, token, known, defects = []] of rows) {
  test(`reads ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseTransferEncoding(value), { ok: true, value: { token, known, defects } })
    assert.equal(transferEncodingNamed(token.toUpperCase()), known)
  })
}
for (const value of ['', ' ', '(base64)', ';', '""', '=']) {
  test(`refuses ${JSON.stringify(value)}`, () => {
    const parsed = parseTransferEncoding(value)
    assert.equal(!parsed.ok && parsed.error.kind, 'no-token')
  })
}

test('MIME-Version', () => {
  for (const value of ['1.0', '1.0 (produced by MetaSend Vx.x)', '(x) 1.0', '1.(x)0', ' 1 . 0\r\n ']) {
    assert.deepEqual(parseMimeVersion(value), { ok: true, value: { major: 1, minor: 0 } })
  }
  for (const value of ['', '1', '1.', '.0', '1.0.0', 'one', '1,0', '1.0 x', '1234567890.0'])
    assert.ok(!parseMimeVersion(value).ok, value)
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(999_999_999), (major, minor) => {
      assert.deepEqual(parseMimeVersion(formatMimeVersion({ major, minor })), { ok: true, value: { major, minor } })
    }),
  )
})
