import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  equalMailboxes,
  formatMailbox,
  type Mailbox,
  type MailboxError,
  needsUtf8,
  parseMailbox,
} from '../src/index.ts'

const local64 = 'a'.repeat(64)

// text, as it is written, with SMTPUTF8 only
const ACCEPTED: readonly (readonly [text: string, written: string, localPart: string])[] = [
  ['alice@example.org', 'alice@example.org', 'alice'],
  ['Alice@EXAMPLE.org', 'Alice@example.org', 'Alice'],
  ['a.b+c=d@example.org', 'a.b+c=d@example.org', 'a.b+c=d'],
  ["!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~"],
  ['"john doe"@example.org', '"john doe"@example.org', 'john doe'],
  ['"alice"@example.org', 'alice@example.org', 'alice'],
  ['"a\\b"@example.org', 'ab@example.org', 'ab'],
  ['"a@b"@example.org', '"a@b"@example.org', 'a@b'],
  ['"\\"\\\\"@example.org', '"\\"\\\\"@example.org', '"\\'],
  ['".a"@example.org', '".a"@example.org', '.a'],
  [`${local64}@example.org`, `${local64}@example.org`, local64],
  ['a@[192.0.2.1]', 'a@[192.0.2.1]', 'a'],
  ['a@[IPv6:2001:DB8::1]', 'a@[IPv6:2001:db8::1]', 'a'],
  ['a@[ipv6:::ffff:192.0.2.1]', 'a@[IPv6:::ffff:192.0.2.1]', 'a'],
]

for (const [text, written, localPart] of ACCEPTED) {
  test(`reads ${text.slice(0, 40)}`, () => {
    for (const utf8 of [false, true]) {
      const read = parseMailbox(text, { utf8 })
      assert.ok(read.ok)
      assert.deepEqual(
        [formatMailbox(read.value), read.value.localPart, needsUtf8(read.value)],
        [written, localPart, false],
      )
    }
  })
}

const REFUSED: readonly (readonly [text: string, kind: MailboxError['kind']])[] = [
  ['', 'no-at-sign'],
  ['alice', 'no-at-sign'],
  ['@example.org', 'bad-local-part'],
  ['.a@example.org', 'bad-local-part'],
  ['a.@example.org', 'bad-local-part'],
  ['a..b@example.org', 'bad-local-part'],
  ['a b@example.org', 'bad-local-part'],
  ['a\r\nRCPT@example.org', 'bad-local-part'],
  ['<a@example.org>', 'bad-local-part'],
  ['a@b@example.org', 'bad-domain'],
  ['""@example.org', 'bad-local-part'],
  ['"a"b@example.org', 'bad-local-part'],
  ['"a@example.org', 'bad-local-part'],
  ['"a\r\n"@example.org', 'bad-local-part'],
  ['"a\\\r"@example.org', 'bad-local-part'],
  ['"\\"@example.org', 'bad-local-part'],
  ['"a".b@example.org', 'bad-local-part'],
  [`${local64}a@example.org`, 'local-part-too-long'],
  [`"${' '.repeat(63)}"@example.org`, 'local-part-too-long'],
  ['a@', 'bad-domain'],
  ['a@example.org.', 'bad-domain'],
  ['a@-.example', 'bad-domain'],
  ['a@192.0.2.1', 'bad-domain'],
  ['a@example.org ', 'bad-domain'],
  ['a@example.org\n', 'bad-domain'],
  ['a@[192.0.2.1', 'bad-address-literal'],
  ['a@[192.0.2]', 'bad-address-literal'],
  ['a@[IPv6:192.0.2.1]', 'bad-address-literal'],
  ['a@[2001:db8::1]', 'bad-address-literal'],
  ['a@[x-tag:foo]', 'bad-address-literal'],
  ['a@[192.0.2.1]]', 'bad-address-literal'],
  ['a@[IPv6:1.2.3.4::]', 'bad-address-literal'],
]

for (const [text, kind] of REFUSED) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))}: ${kind}`, () => {
    for (const utf8 of [false, true]) {
      const read = parseMailbox(text, { utf8 })
      assert.equal(read.ok ? formatMailbox(read.value) : read.error.kind, kind)
    }
  })
}

for (const control of ['\u0080', '\u0085', '\u009b', '\u2028', '\u2029']) {
  test(`refuses U+${control.charCodeAt(0).toString(16)}, plain and quoted`, () => {
    for (const text of [`a${control}b@example.org`, `"a${control}b"@example.org`]) {
      const read = parseMailbox(text, { utf8: true })
      assert.equal(read.ok ? formatMailbox(read.value) : read.error.kind, 'bad-local-part')
    }
  })
}

// RFC 6531 §3.3
test('UTF-8 is read with SMTPUTF8 only, and its octets are counted', () => {
  assert.deepEqual(parseMailbox('jürgen@example.org'), { ok: false, error: { kind: 'not-ascii' } })
  const read = parseMailbox('jürgen@bücher.example', { utf8: true })
  assert.ok(read.ok)
  assert.deepEqual([formatMailbox(read.value), needsUtf8(read.value)], ['jürgen@xn--bcher-kva.example', true])
  assert.ok(parseMailbox(`${'ü'.repeat(32)}@example.org`, { utf8: true }).ok)
  const tooLong = parseMailbox(`${'ü'.repeat(33)}@example.org`, { utf8: true })
  assert.deepEqual(tooLong, { ok: false, error: { kind: 'local-part-too-long', octets: 66 } })
})

for (const text of ['\ud800@example.org', '"\udfff"@example.org', 'a@bü。', 'a@bü．', '\u{1f600}@\ud83d.example']) {
  test(`refuses with SMTPUTF8 ${JSON.stringify(text)}`, () =>
    assert.equal(parseMailbox(text, { utf8: true }).ok, false))
}

const mailbox = (text: string): Mailbox => {
  const read = parseMailbox(text, { utf8: true })
  assert.ok(read.ok, text)
  return read.value
}

for (const [a, b, expected] of [
  ['a@example.org', '"a"@EXAMPLE.ORG', true],
  ['a@bücher.example', 'a@xn--bcher-kva.example', true],
  ['a@example.org', 'A@example.org', false],
  ['a@[IPv6:::1]', 'a@[IPv6:0:0:0:0:0:0:0:1]', true],
  ['a@[192.0.2.1]', 'a@[IPv6:::ffff:192.0.2.1]', false],
] as const) {
  test(`${a} and ${b} are ${expected ? 'equal' : 'different'}`, () =>
    assert.equal(equalMailboxes(mailbox(a), mailbox(b)), expected))
}

test('what is accepted, written and read again is the same', () => {
  const text = fc.oneof(
    fc.emailAddress(),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '@', '.', ' ', 'ü', '[', ']', '1', ':'), maxLength: 30 }),
    fc.tuple(fc.string(), fc.domain()).map(([local, domain]) => `"${local.replace(/["\\]/g, '\\$&')}"@${domain}`),
  )
  fc.assert(
    fc.property(text, (given) => {
      const read = parseMailbox(given, { utf8: true })
      if (!read.ok) return
      assert.deepEqual(parseMailbox(formatMailbox(read.value), { utf8: true }), read)
      if (!needsUtf8(read.value)) assert.deepEqual(parseMailbox(formatMailbox(read.value)), read)
    }),
    { numRuns: 1000 },
  )
})
