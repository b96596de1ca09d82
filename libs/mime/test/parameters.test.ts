// RFC 2045 §5.1, RFC 2183, RFC 2231; the RFCs' own examples first
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  type ContentType,
  formatContentDisposition,
  formatContentType,
  formatField,
  PARAMETER_LIMITS,
  parameterNamed,
  parseContentDisposition,
  parseContentType,
  parseHeaderSection,
  partName,
} from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

type Row = readonly [value: string, name: string, expected: string | undefined, defects?: readonly string[]]
const rows: readonly Row[] = [
  ['text/plain; charset=us-ascii (Plain text)', 'charset', 'us-ascii'],
  ['text/plain; charset="us-ascii"', 'charset', 'us-ascii'],
  [
    'message/external-body; access-type=URL;\r\n URL*0="ftp://";\r\n URL*1="cs.utk.edu/x.tar"',
    'url',
    'ftp://cs.utk.edu/x.tar',
  ],
  ["application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", 'title', 'This is ***fun***'],
  [
    "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"",
    'title',
    "This is even more ***fun*** isn't it!",
  ],
  ['a/b; x="a\\"b\\\\c"', 'x', 'a"b\\c'],
  ['a/b;;; X = y ;', 'x', 'y'],
  ['a/b; (c) x (c) = (c) y (c)', 'x', 'y'],
  ['a/b; x=""', 'x', ''],
  ['a/b; x*1=b; x*0=a', 'x', 'ab'],
  ["a/b; x*0*=utf-8''%C3; x*1*=%A9", 'x', '\u00e9'],
  ["a/b; x*=''%41", 'x', 'A'],
  ['a/b; x*=%41', 'x', 'A'],
  // wrong, and read
  ['a/b; x=y; x=z', 'x', 'y', ['duplicate-parameter']],
  ["a/b; x*=utf-8''%41; x=z", 'x', 'A', ['plain-and-extended']],
  ["a/b; x=z; x*0*=utf-8''%41", 'x', 'A', ['plain-and-extended']],
  ['a/b; x*0=a; x*0=b', 'x', 'a', ['duplicate-parameter']],
  ['a/b; x*0=a; x*2=b', 'x', 'a', ['missing-section']],
  ['a/b; x*1=b', 'x', undefined, ['missing-section']],
  ['a/b; x=y z=w', 'z', 'w', ['missing-semicolon']],
  ['a/b x=y', 'x', 'y', ['text-after-type', 'missing-semicolon']],
  ['a/b; x=my file (1).pdf; y=z', 'x', 'my file (1).pdf', ['unquoted-value']],
  ['a/b; x=my file.pdf (a comment); y=z', 'x', 'my file.pdf', ['unquoted-value']],
  ['a/b; x=a/b', 'x', 'a/b', ['unquoted-value']],
  ['a/b; x="y; z=w', 'x', 'y', ['unclosed-quote']],
  ['a/b; x="y; z=w', 'z', 'w', ['unclosed-quote']],
  ['a/b; x="y"z"; v=w', 'x', 'yz; v=w', ['text-after-value', 'text-after-value']],
  ['a/b; x="y" "z"; v=w', 'v', 'w', ['text-after-value']],
  ['a/b; x="y" v=w', 'v', 'w', ['missing-semicolon']],
  ['a/b; x', 'x', undefined, ['no-value']],
  ['a/b; =x; y=z', 'y', 'z', ['no-name']],
  ['a/b; x="=?utf-8?q?=C3=A9?="', 'x', '\u00e9', ['encoded-word-in-parameter']],
  ['a/b; x==?utf-8?q?=C3?= =?utf-8?q?=A9?=.gif; y=z', 'x', '\u00e9.gif', ['encoded-word-in-parameter']],
  ['a/b; x="=?utf-8?q?=C3"', 'x', '=?utf-8?q?=C3'],
  ['a/b; x="\u00e9"', 'x', '\u00e9', ['raw-octets']],
  ["a/b; x*=utf-8''%zz%4", 'x', '%zz%4', ['bad-percent-encoding', 'bad-percent-encoding']],
  ["a/b; x*=klingon''%e9", 'x', '\u00e9', ['unknown-charset']],
  ["a/b; x*=utf-8''%e9", 'x', '\ufffd', ['undecodable-octets']],
  ['a/b; x="y\r\nz"', 'x', 'yz'],
  ['a/b; x="y" (unclosed', 'x', 'y'],
]
for (const [value, name, expected, defects = []] of rows) {
  test(`reads ${name} of ${JSON.stringify(value)}`, () => {
    const parsed = expectOk(parseContentType(value), 'read')
    assert.equal(parameterNamed(parsed.parameters, name), expected)
    assert.deepEqual(
      parsed.defects.map(({ kind }) => kind),
      defects,
    )
  })
}

for (const [value, kind] of [
  ['', 'no-type'],
  ['; x=y', 'no-type'],
  ['/plain', 'no-type'],
  ['text', 'no-subtype'],
  ['text; charset=x', 'no-subtype'],
  ['text/', 'no-subtype'],
  ['text/;', 'no-subtype'],
  ['(text/plain)', 'no-type'],
] as const) {
  test(`refuses Content-Type ${JSON.stringify(value)}`, () => {
    const parsed = parseContentType(value)
    assert.equal(!parsed.ok && parsed.error.kind, kind)
  })
}

test('reads the type itself', () => {
  for (const value of [
    'Text/PLAIN',
    ' (a) text (b) / (c) plain (d) ;x=y',
    '"text/plain; x=y"',
    ' \r\n text/\r\n plain',
  ]) {
    const parsed = expectOk(parseContentType(value), 'read')
    assert.deepEqual([parsed.type, parsed.subtype], ['text', 'plain'])
  }
})

test('reads Content-Disposition, and names parts', () => {
  const table: readonly [string, string, string | undefined][] = [
    ['inline', 'inline', undefined],
    [
      'ATTACHMENT; filename=genome.jpeg;\r\n modification-date="Wed, 12 Feb 1997 16:29:51 -0500"',
      'attachment',
      'genome.jpeg',
    ],
    ['x-odd; FileName="a;b"', 'x-odd', 'a;b'],
    ['filename=a.txt', 'attachment', 'a.txt'],
    ['; filename=a.txt', 'attachment', 'a.txt'],
  ]
  const type = expectOk(parseContentType('a/b; name=c'), 'read')
  for (const [value, disposition, filename] of table) {
    const parsed = expectOk(parseContentDisposition(value), 'read')
    assert.equal(parsed.disposition, disposition)
    assert.equal(partName(parsed, undefined), filename)
    assert.equal(partName(parsed, type), filename ?? 'c')
  }
  assert.equal(partName(undefined, type), 'c')
  for (const value of ['', '(inline)', '"inline"']) assert.equal(parseContentDisposition(value).ok, false)
})

const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1', '.'), minLength: 1, maxLength: 6 })
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '"',
      '\\',
      ';',
      '=',
      '(',
      ')',
      '%',
      "'",
      '*',
      '\r\n',
      '\0',
      '\t',
      '=?',
      '?=',
      '\u00e9',
      '\u{1f600}',
    ),
    maxLength: 200,
  }),
)
const parameter = fc.oneof(
  fc.record({ name, value: text }),
  fc.record({ name, value: text, language: fc.constantFrom('en', 'de-AT') }),
)
const contentType = fc
  .record({
    type: fc.constantFrom('text', 'application', 'x-y'),
    subtype: fc.constantFrom('plain', 'vnd.a+b'),
    parameters: fc.uniqueArray(parameter, { maxLength: 5, selector: (p) => p.name }),
  })
  .map((value): ContentType => ({ ...value, parameters: value.parameters.map((p) => ({ ...p })) }))

test('what is written is read back, folded into a field or not', () => {
  fc.assert(
    fc.property(contentType, (value) => {
      const text = expectOk(formatContentType(value), 'write')
      assert.deepEqual(parseContentType(text), { ok: true, value: { ...value, defects: [] } })
      const field = expectOk(formatField('Content-Type', text), 'fold')
      const [only] = expectOk(parseHeaderSection(field), 'read').header.fields
      assert.ok(only !== undefined)
      assert.deepEqual(parseContentType(only.text), { ok: true, value: { ...value, defects: [] } })
    }),
    { numRuns: 500 },
  )
})

test('refuses to write what would not be read back', () => {
  const kindOf = (parameters: ContentType['parameters'], type = 'a'): string | undefined => {
    const formatted = formatContentType({ type, subtype: 'b', parameters })
    return formatted.ok ? undefined : formatted.error.kind
  }
  assert.equal(kindOf([]), undefined)
  assert.equal(kindOf([], 'a b'), 'bad-type')
  assert.equal(kindOf([], 'A'), 'bad-type')
  for (const bad of ['', 'a b', 'a*', 'a*0', 'a*0*', 'a;b', 'A', 'a\r\n'])
    assert.equal(kindOf([{ name: bad, value: '' }]), 'bad-parameter-name')
  for (const odd of ["a'", 'a%', 'a*b', '*']) {
    const parameters = [{ name: odd, value: 'x y' }]
    const formatted = expectOk(formatContentType({ type: 'a', subtype: 'b', parameters }), 'write')
    assert.deepEqual(expectOk(parseContentType(formatted), 'read').parameters, parameters)
  }
  // What needs a star of RFC 2231 behind the name
  for (const value of ['é', 'x'.repeat(901)]) assert.equal(kindOf([{ name: 'a*b', value }]), 'bad-parameter-name')
  assert.equal(
    kindOf([
      { name: 'a', value: '' },
      { name: 'a', value: '' },
    ]),
    'duplicate-parameter',
  )
  assert.equal(kindOf([{ name: 'a', value: '', language: "e'" }]), 'bad-language')
  assert.equal(kindOf([{ name: 'a', value: '\ud800' }]), 'not-unicode')
  assert.equal(kindOf([{ name: 'a', value: 'x'.repeat(60 * 501) }]), 'too-many-parameters')
  const bad = formatContentDisposition({ disposition: 'a b', parameters: [] })
  assert.equal(!bad.ok && bad.error.kind, 'bad-disposition')
  assert.deepEqual(
    formatContentDisposition({ disposition: 'inline', parameters: [{ name: 'filename', value: 'a b' }] }),
    { ok: true, value: 'inline; filename="a b"' },
  )
})

test('limits: parameters, characters of a value, defects; 20,000 of anything are read in one pass', () => {
  const many = expectOk(
    parseContentType(`a/b${Array.from({ length: 20_000 }, (_, i) => `; x${i}=y`).join('')}`),
    'read',
  )
  assert.equal(many.parameters.length, PARAMETER_LIMITS.parameters)
  assert.deepEqual(
    many.defects.map(({ kind }) => kind),
    ['too-many-parameters'],
  )
  const sections = expectOk(
    parseContentType(`a/b${Array.from({ length: 20_000 }, (_, i) => `; x*${i}*=%41`).join('')}`),
    'read',
  )
  assert.equal(sections.parameters[0]?.value.length, PARAMETER_LIMITS.parameters)
  const long = expectOk(parseContentType(`a/b; x=${'y'.repeat(PARAMETER_LIMITS.valueCharacters + 1)}`), 'read')
  assert.equal(long.parameters[0]?.value.length, PARAMETER_LIMITS.valueCharacters)
  assert.deepEqual(
    long.defects.map(({ kind }) => kind),
    ['value-too-long'],
  )
  const junk = expectOk(parseContentType(`a/b${'; x'.repeat(20_000)}`), 'read')
  assert.equal(junk.defects.length, PARAMETER_LIMITS.defects)
  for (const piece of [' x=y', ' (c)', ' (', '"', ';x="', ' =?', '=?u?q?', "*0*=''", '\\"', ';x=y (', ';x=(c) ']) {
    assert.ok(parseContentType(`a/b; x=z${piece.repeat(20_000)} z`).ok)
    assert.ok(parseContentType(`a/b; x="z${piece.repeat(20_000)} z`).ok)
  }
})

type Vector = {
  readonly header: string
  readonly expected: {
    readonly c_type: string
    readonly c_subtype: string | null
    readonly attributes: readonly (readonly [string, string])[] | null
  } | null
}

/** Where another parser's answer is not ours, and why. */
const DIFFERENT: readonly string[] = [
  'application/pdf\n   filename*0*', // RFC 2231 §4.1: only the first section has a charset
  'image/jpeg;\n   name="=?iso', // RFC 2047 §6.2: white space between words goes
  '=\n', // a disposition is a token, and "=" is none
  'name=value', // a parameter, and no disposition
  'text/plain; name=  ', // an empty value is a value
  'inva/lid; name="   ', // a quote that never closes has no white space to keep
  'test/encoded; key4', // RFC 2231 §3: a section that is missing ends the value
  'malicious/attempt;', // RFC 2231 §7: "*" is no part of a name
  'text/plain/format', // RFC 2045 §5.1: a subtype is a token
]

test('Content-Type of stalwart mail-parser', (t) => {
  const file = join(vectors, 'mail/mime/stalwart-mail-parser/content_type.json')
  if (!existsSync(file)) return t.skip('vectors mail/mime/stalwart-mail-parser absent')
  const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[] // as: the file's form
  let different = 0
  for (const { header, expected } of cases) {
    if (DIFFERENT.some((start) => header.startsWith(start))) {
      different++
      continue
    }
    const type = parseContentType(header)
    if (expected === null) {
      assert.equal(type.ok, false, header)
      continue
    }
    const disposition = parseContentDisposition(header)
    const parsed = expected.c_subtype === null ? disposition : type
    assert.ok(parsed.ok, header)
    const found = 'type' in parsed.value ? `${parsed.value.type}/${parsed.value.subtype}` : parsed.value.disposition
    const theirs = expected.c_subtype === null ? expected.c_type : `${expected.c_type}/${expected.c_subtype}`
    assert.equal(found, theirs.toLowerCase(), header)
    const attributes = (expected.attributes ?? []).filter(([key]) => !key.endsWith('-language'))
    assert.deepEqual(
      parsed.value.parameters.map((p) => [p.name, p.value]),
      attributes,
      header,
    )
  }
  assert.ok(different <= 14, `${different} of ${cases.length}`)
})
