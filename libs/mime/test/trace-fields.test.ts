// RFC 5321 §4.4, RFC 8601 §2.2 and §5
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName, parseIpAddress, parseMailbox } from '@scop/identifiers'
import { decodeUtf8, encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  claimsAuthservId,
  formatAuthenticationResults,
  formatReceived,
  parseHeaderSection,
  withProtocol,
} from '../src/index.ts'

const domain = expectOk(parseDomainName('mx.example.org'), 'read')
const address = expectOk(parseIpAddress('192.0.2.7'), 'read')

function onlyValue(octets: Uint8Array): string {
  const { header } = expectOk(parseHeaderSection(octets), 'read')
  assert.equal(header.fields.length, 1)
  assert.deepEqual(header.defects, [])
  const [field] = header.fields
  assert.ok(field !== undefined)
  return field.text.trim()
}

test('writes Received', () => {
  const base = { by: domain, with: 'ESMTPS', id: 'q-1', epochMilliseconds: 0 } as const
  const end = 'by mx.example.org with ESMTPS id q-1; Thu, 1 Jan 1970 00:00:00 +0000'
  assert.equal(onlyValue(formatReceived(base)), end)
  const name = expectOk(parseDomainName('c.example.net'), 'read')
  const rows: readonly [string, string][] = [
    ['C.example.NET', 'from c.example.net (c.example.net [192.0.2.7])'],
    ['[192.0.2.7]', 'from [192.0.2.7] (c.example.net [192.0.2.7])'],
    ['x) by evil', 'from [192.0.2.7] (c.example.net [192.0.2.7] helo=x??by?evil)'],
    ['a\r\nBcc: x', 'from [192.0.2.7] (c.example.net [192.0.2.7] helo=a??Bcc:?x)'],
  ]
  for (const [helo, from] of rows) {
    assert.equal(onlyValue(formatReceived({ ...base, from: { helo, address, name } })), `${from} ${end}`)
  }
  const mailbox = expectOk(parseMailbox('"a b"@example.com'), 'read')
  assert.match(
    onlyValue(formatReceived({ ...base, for: mailbox, tlsCipher: 'TLS_AES_256_GCM_SHA384' })),
    / for <"a b"@example\.com> tls TLS_AES_256_GCM_SHA384; /,
  )
  assert.throws(() => formatReceived({ ...base, id: 'a; b' }))
})

test('names the protocol', () => {
  const of = (extended: boolean, utf8: boolean, tls: boolean, authenticated: boolean): string =>
    withProtocol({ extended, utf8, tls, authenticated })
  assert.equal(of(false, false, false, false), 'SMTP')
  assert.equal(of(true, false, false, false), 'ESMTP')
  assert.equal(of(true, false, true, false), 'ESMTPS')
  assert.equal(of(true, false, false, true), 'ESMTPA')
  assert.equal(of(true, true, true, true), 'UTF8SMTPSA')
})

test('writes Authentication-Results', () => {
  assert.equal(onlyValue(formatAuthenticationResults(domain, [])), 'mx.example.org; none')
  const written = formatAuthenticationResults(domain, [
    {
      method: 'dkim',
      result: 'pass',
      properties: [
        { type: 'header', name: 'd', value: 'example.com' },
        { type: 'header', name: 'i', value: '@example.com' },
        { type: 'header', name: 'b', value: 'ab+/cd==' },
      ],
    },
    {
      method: 'spf',
      result: 'fail',
      reason: 'not "allowed"',
      properties: [{ type: 'smtp', name: 'mailfrom', value: 'a;b@c' }],
    },
  ])
  assert.equal(
    onlyValue(written),
    'mx.example.org; dkim=pass header.d=example.com header.i=@example.com header.b="ab+/cd=="; ' +
      'spf=fail reason="not \\"allowed\\"" smtp.mailfrom="a;b@c"',
  )
})

test('no foreign value adds to Authentication-Results', () => {
  const nasty = fc.array(
    fc.constantFrom(
      '"',
      '\\',
      ';',
      '\r\n',
      '\0',
      ' ',
      'dkim=pass',
      '(',
      ')',
      'ä',
      '\u2028',
      '😀',
      '\ud83d',
      'x'.repeat(99),
    ),
    {
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(nasty, (pieces) => {
      const value = pieces.join('')
      const properties = [{ type: 'header', name: 'd', value } as const]
      const text = onlyValue(
        formatAuthenticationResults(domain, [{ method: 'spf', result: 'fail', reason: value, properties }]),
      )
      const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, 'Q')
      assert.match(bare, /^mx\.example\.org; spf=fail reason=Q header\.d=(?:Q|[^\s;"()]+)$/)
    }),
  )
})

const claims: readonly [string, boolean][] = [
  ['mx.example.org; none', true],
  ['MX.Example.ORG;dkim=pass', true],
  [' (c (d)) mx.example.org (e) 1 ; none', true],
  ['"mx.example.org"; none', true],
  ['"mx.example\\.org"; none', true],
  ['mx.example.org\r\n 1;\r\n none', true],
  ['\r\n mx.example.org; none', true],
  ['mx.example.org/1; none', true],
  ['mx.example.org 99; none', true],
  ['mx.example.org.; none', true],
  ['mx.example.org...; none', true],
  ['mx.example.org..x; none', false],
  [`${'.'.repeat(200_000)}x; none`, false],
  ['mx.example.org', true],
  ['mx.example.org(x);none', true],
  // cannot be read in one way only
  ['(open mx.example.org; none', true],
  ['"mx.example.org; none', true],
  ['mx.exam\0ple.org; none', true],
  ['other.example mx.example.org; none', true],
  ['(x mx.(c)example.org; none', true],
  ['"mx . example . org; none', true],
  ['"mx.ex\u00e4mple.org; none', true],
  // no identifier, or none that could be ours
  ['; none', false],
  ['', false],
  ['spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=other.example; dkim=none', false],
  ['spf=pass (mx.example.org said so)', true],
  // others
  ['other.example; none', false],
  ['sub.mx.example.org; none', false],
  ['mx.example.org.evil.example 1; none', false],
  ['"other"; dkim=pass mx.example.org;', false],
  ['other (mx.example.org) 1; none', false],
  ['other; (mx.example.org; none', false],
]
for (const [value, expected] of claims) {
  test(`${expected ? 'removes' : 'keeps'} Authentication-Results: ${JSON.stringify(value).slice(0, 60)}`, () => {
    for (const name of ['Authentication-Results', 'AUTHENTICATION-results', 'Authentication-Results ']) {
      const { header } = expectOk(parseHeaderSection(encodeUtf8(`${name}:${value}\r\n\r\n`)), 'read')
      const [field] = header.fields
      assert.ok(field !== undefined)
      assert.equal(claimsAuthservId(field, domain), expected)
    }
  })
}

test('sees our identifier in U-labels, and looks at no other field', () => {
  const ours = expectOk(parseDomainName('xn--bcher-kva.example'), 'read')
  const { header } = expectOk(
    parseHeaderSection(
      encodeUtf8('Authentication-Results: BÜCHER.example; none\r\nX: xn--bcher-kva.example; none\r\n\r\n'),
    ),
    'read',
  )
  assert.deepEqual(
    header.fields.map((field) => claimsAuthservId(field, ours)),
    [true, false],
  )
  const own = expectOk(parseHeaderSection(formatAuthenticationResults(ours, [])), 'read').header.fields[0]
  assert.ok(own !== undefined && decodeUtf8(own.octets).ok && claimsAuthservId(own, ours))
})
