// What a writer of a field accepts, its reader reads back as the same value, through folding too; what it refuses, it names.
// RFC 5322 §3.3, §3.6; RFC 5321 §4.4; RFC 2045 §5; RFC 2183; RFC 2369; RFC 2919; RFC 3282; RFC 8601
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk, type Result } from '@scop/result'
import fc from 'fast-check'
import {
  formatAuthenticationResultsValue,
  formatContentDisposition,
  formatContentLanguage,
  formatContentType,
  formatDateTime,
  formatField,
  formatKeywords,
  formatListCommand,
  formatListId,
  formatReceivedValue,
  formatReturnPath,
  KEYWORD_LIMITS,
  MAX_LANGUAGES,
  parseAuthenticationResults,
  parseContentDisposition,
  parseContentLanguage,
  parseContentType,
  parseDate,
  parseHeaderSection,
  parseKeywords,
  parseListCommand,
  parseListId,
  parseReceived,
  parseReturnPath,
  type ParsedAuthenticationResults,
} from '../src/index.ts'

const pieces = fc.constantFrom(
  ...Array.from('aB1 .,;:<>@()[]"\\\t=?_%\'*/-'),
  '=?',
  '?=',
  '=?utf-8?q?a?=',
  'é',
  '日',
  '\u{1f600}',
  '\u00a0',
  '\ufeff',
  '  ',
  'word ',
  'by',
  'with ',
  'from',
  '192.0.2.1',
)
const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: pieces, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(1200), ' '.repeat(300), '日'.repeat(300), 'ab '.repeat(100), '"'.repeat(700)),
  },
)
const word = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('a', 'mx.example.org', 'x-1', '[192.0.2.1]', '192.0.2.7', 'by', 'A', 'a@b.test', ''),
  },
  { weight: 1, arbitrary: text },
)
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T> // as: every key is there
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined })
const date = record({
  epochMilliseconds: fc.oneof(
    fc.integer({ min: -2e9, max: 2e11 }).map((s) => s * 1000),
    fc.integer(),
  ),
  offsetMinutes: fc.oneof(fc.constant(0), fc.integer({ min: -6100, max: 6100 })),
  zoneUnknown: fc.boolean(),
})
const address = fc.constantFrom('192.0.2.1', '2001:db8::1').map((one) => expectOk(parseIpAddress(one), 'read'))
const host = record({ name: word, address: optional(address), comments: fc.array(text, { maxLength: 2 }) })
const parameters = fc.array(
  fc
    .tuple(
      fc.constantFrom('name', 'filename', 'charset', 'x-a', 'b', 'B', 'a*b'),
      text,
      fc.constantFrom(undefined, undefined, 'en', 'd e'),
    )
    .map(([name, value, language]) => (language === undefined ? { name, value } : { name, value, language })),
  { maxLength: 4 },
)

/** The law, for values of which at least `least` are accepted. */
function law<T>(
  name: string,
  values: fc.Arbitrary<T>,
  format: (value: T) => Result<string, object>,
  parse: (text: string) => unknown,
  least = 50,
): void {
  test(`${name}: what is written is read back`, () => {
    let written = 0
    fc.assert(
      fc.property(values, (value) => {
        const formatted = format(value)
        if (!formatted.ok) return
        assert.deepEqual(parse(formatted.value), value)
        const field = formatField(name, formatted.value)
        if (!field.ok) return assert.equal(field.error.kind, 'word-too-long')
        written++
        const { header } = expectOk(parseHeaderSection(field.value), 'read')
        const [only] = header.fields
        assert.ok(header.fields.length === 1 && only !== undefined)
        assert.deepEqual(header.defects, [])
        assert.deepEqual(parse(only.text), value)
      }),
      { numRuns: 500 },
    )
    assert.ok(written >= least, `${written} of 500 written`)
  })
}

const okOf = (result: Result<unknown, object>): unknown => (result.ok ? result.value : result.error)
const without = (value: object, ...keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))

law(
  'Return-Path',
  optional(
    record({
      kind: fc.constant('mailbox' as const),
      displayName: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: text }),
      localPart: text,
      domain: fc.constantFrom('b.test', '[192.0.2.1]', 'bücher.example', ''),
      comments: fc.array(text, { maxLength: 2 }),
    }),
  ),
  formatReturnPath,
  (value) => okOf(parseReturnPath(value)),
)
law('Keywords', fc.array(text, { maxLength: 5 }), formatKeywords, parseKeywords)
law(
  'Content-Language',
  fc.array(fc.constantFrom('de', 'en-GB', 'zh-Hant-TW', 'i-default', 'x y', ''), { maxLength: 3 }),
  formatContentLanguage,
  (value) => okOf(parseContentLanguage(value)),
)
law(
  'List-Post',
  record({
    urls: fc.array(fc.oneof(fc.constantFrom('mailto:a@b.test', 'https://a.test/(x),é'), text), { maxLength: 3 }),
    no: fc.boolean(),
    comments: fc.array(text, { maxLength: 3 }),
  }),
  formatListCommand,
  (value) => okOf(parseListCommand(value)),
)
law(
  'List-Id',
  record({ description: optional(text), id: fc.oneof(fc.constantFrom('a.b.test', 'é'), text) }),
  formatListId,
  (value) => okOf(parseListId(value)),
)
law('Date', date, formatDateTime, (value) => without(okOf(parseDate(value)) as object, 'quirks'))
law(
  'Received',
  record({
    from: optional(host),
    by: optional(host),
    via: optional(word),
    with: optional(word),
    id: optional(word),
    for: optional(word),
    tls: optional(word),
    date: optional(date),
  }),
  formatReceivedValue,
  (value) => {
    const read = parseReceived(value)
    return { ...without(read, 'defects'), date: read.date && without(read.date, 'quirks') }
  },
  20,
)
law(
  'Authentication-Results',
  record<ParsedAuthenticationResults>({
    authservId: optional(word),
    version: optional(fc.integer({ min: 0, max: 100 })),
    results: fc.array(
      record({
        method: fc.constantFrom('dkim', 'x-a', 'none', 'a b'),
        methodVersion: optional(fc.constant(1)),
        result: fc.constantFrom('pass', 'fail'),
        reason: optional(text),
        comments: fc.array(text, { maxLength: 2 }),
        properties: fc.array(
          record({
            type: fc.constantFrom('smtp', 'header'),
            name: fc.constantFrom('d', 'mailfrom', 'reason'),
            value: word,
          }),
          { maxLength: 2 },
        ),
      }),
      { maxLength: 3 },
    ),
  }),
  formatAuthenticationResultsValue,
  (value) => okOf(parseAuthenticationResults(value)),
)
law(
  'Content-Type',
  record({ type: fc.constantFrom('text', 'x-a', 'A'), subtype: fc.constantFrom('plain', 'b+c'), parameters }),
  formatContentType,
  (value) => {
    const read = okOf(parseContentType(value)) as { readonly defects: unknown }
    assert.deepEqual(read.defects, [])
    return without(read, 'defects')
  },
)
law(
  'Content-Disposition',
  record({ disposition: fc.constantFrom('inline', 'attachment', 'x-a'), parameters }),
  formatContentDisposition,
  (value) => {
    const read = okOf(parseContentDisposition(value)) as { readonly defects: unknown }
    assert.deepEqual(read.defects, [])
    return without(read, 'defects')
  },
)

test('reads what others write', () => {
  const rows: readonly [read: unknown, expected: unknown][] = [
    [parseReturnPath(' (a) < > '), { ok: true, value: undefined }],
    [
      parseReturnPath('a@b.test'),
      { ok: true, value: { kind: 'mailbox', displayName: undefined, localPart: 'a', domain: 'b.test', comments: [] } },
    ],
    [parseReturnPath('A <a@b.test>'), { ok: false, error: { kind: 'not-a-path' } }],
    [parseReturnPath('<a@b.test>, <c@d.test>'), { ok: false, error: { kind: 'not-a-path' } }],
    [parseReturnPath('<a>'), { ok: false, error: { kind: 'not-a-path' } }],
    [parseReturnPath(''), { ok: false, error: { kind: 'not-a-path' } }],
    [parseKeywords('a b , "c, d" (x),, =?utf-8?q?=C3=A9?=, e:f'), ['a b', 'c, d', 'é', 'e:f']],
    [parseKeywords(''), []],
    [parseKeywords('a,'.repeat(KEYWORD_LIMITS.keywords + 5)).length, KEYWORD_LIMITS.keywords],
    [parseKeywords('x'.repeat(KEYWORD_LIMITS.characters + 5))[0]?.length, KEYWORD_LIMITS.characters],
    [parseContentLanguage('de (German), en-GB,'), { ok: true, value: ['de', 'en-GB'] }],
    [parseContentLanguage('de en'), { ok: false, error: { kind: 'no-comma', at: 3 } }],
    [parseContentLanguage('english!!!'), { ok: false, error: { kind: 'bad-language', at: 0 } }],
    [parseContentLanguage(' '), { ok: false, error: { kind: 'no-language', at: 0 } }],
    [
      parseContentLanguage('de,'.repeat(MAX_LANGUAGES + 1)),
      { ok: false, error: { kind: 'too-many-languages', at: 600 } },
    ],
    [parseListCommand('NO <a:b>'), { ok: true, value: { urls: ['a:b'], no: false, comments: [] } }],
    [
      parseListCommand('<a:b> (=?utf-8?q?=C3=A9?=)'),
      { ok: true, value: { urls: ['a:b'], no: false, comments: ['é'] } },
    ],
  ]
  for (const [read, expected] of rows) assert.deepEqual(read, expected)
})

test('names what cannot be written', () => {
  const none = {
    from: undefined,
    by: undefined,
    via: undefined,
    with: undefined,
    id: undefined,
    for: undefined,
    tls: undefined,
    date: undefined,
  }
  const zero = { epochMilliseconds: 0, offsetMinutes: 0, zoneUnknown: false }
  const mailbox = { kind: 'mailbox', displayName: undefined, localPart: 'a', domain: 'b.test', comments: [] } as const
  const result = {
    method: 'spf',
    methodVersion: undefined,
    result: 'pass',
    reason: undefined,
    comments: [],
    properties: [],
  }
  const speaker = { authservId: 'a.test', version: undefined }
  const command = { urls: ['a:b'], no: false, comments: [] }
  const rows: readonly [Result<string, { readonly kind: string }>, string][] = [
    [formatReturnPath({ ...mailbox, displayName: 'A' }), 'display-name'],
    [formatReturnPath({ ...mailbox, domain: '' }), 'no-domain'],
    [formatKeywords(['a\n']), 'control-character'],
    [formatKeywords(['\udc00']), 'not-unicode'],
    [formatKeywords(Array.from({ length: KEYWORD_LIMITS.keywords + 1 }, () => 'a')), 'too-many-keywords'],
    [formatKeywords(['a'.repeat(KEYWORD_LIMITS.characters)]), 'too-long'],
    [formatContentLanguage([]), 'no-language'],
    [formatContentLanguage(['d e']), 'bad-language'],
    [formatContentLanguage(Array.from({ length: MAX_LANGUAGES + 1 }, () => 'de')), 'too-many-languages'],
    [formatListCommand({ ...command, urls: [] }), 'no-url'],
    [formatListCommand({ ...command, no: true }), 'url-and-no'],
    [formatListCommand({ ...command, urls: ['a>b'] }), 'bad-url'],
    [formatListCommand({ ...command, urls: Array.from({ length: 51 }, () => 'a:b') }), 'too-many-urls'],
    [formatListCommand({ ...command, comments: Array.from({ length: 51 }, () => 'c') }), 'too-many-comments'],
    [formatListCommand({ ...command, comments: ['\0'] }), 'control-character'],
    [formatListCommand({ ...command, comments: ['\ud800'] }), 'not-unicode'],
    [formatListId({ description: undefined, id: 'A' }), 'bad-list-id'],
    [formatListId({ description: '', id: 'a' }), 'empty-description'],
    [formatDateTime({ ...zero, epochMilliseconds: 1 }), 'bad-date'],
    [formatDateTime({ ...zero, epochMilliseconds: 1e15 }), 'bad-date'],
    [formatDateTime({ ...zero, epochMilliseconds: Number.NaN }), 'bad-date'],
    [formatDateTime({ ...zero, offsetMinutes: 6000 }), 'bad-zone'],
    [formatDateTime({ ...zero, offsetMinutes: 60, zoneUnknown: true }), 'bad-zone'],
    [formatReceivedValue({ ...none, from: { name: 'by', address: undefined, comments: [] } }), 'unwritable-clause'],
    [formatReceivedValue({ ...none, id: 'a b' }), 'unwritable-clause'],
    [formatReceivedValue({ ...none, id: 'a\0' }), 'control-character'],
    [formatReceivedValue({ ...none, id: '\ud800' }), 'not-unicode'],
    [formatReceivedValue({ ...none, date: { ...zero, offsetMinutes: 0.5 } }), 'bad-zone'],
    [formatAuthenticationResultsValue({ authservId: undefined, version: undefined, results: [] }), 'unwritable'],
    [formatAuthenticationResultsValue({ ...speaker, results: [{ ...result, method: 'SPF' }] }), 'unwritable'],
    [formatAuthenticationResultsValue({ ...speaker, results: [{ ...result, reason: '\n' }] }), 'control-character'],
    [formatAuthenticationResultsValue({ ...speaker, results: [{ ...result, reason: '\ud800' }] }), 'not-unicode'],
  ]
  for (const [written, kind] of rows) assert.equal(written.ok ? written.value : written.error.kind, kind)
  assert.deepEqual(formatDateTime({ ...zero, zoneUnknown: true }), {
    ok: true,
    value: 'Thu, 1 Jan 1970 00:00:00 -0000',
  })
})
