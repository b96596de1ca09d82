// RFC 2047; its examples first
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  decodeComment,
  decodeEncodedWords,
  decodePhrase,
  decodeUnstructured,
  ENCODED_WORD_LIMITS,
  encodePhrase,
  encodeUnstructured,
  formatField,
  parseHeaderSection,
} from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

const rows: readonly [text: string, decoded: string, defects?: readonly string[]][] = [
  ['=?ISO-8859-1?Q?a?=', 'a'],
  ['=?ISO-8859-1?Q?a?= b', 'a b'],
  ['=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a_b?=', 'a b'],
  ['=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', 'a b'],
  [
    '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
    'If you can read this you understand the example.',
  ],
  ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  ['=?utf-8?q?=C3?= =?UTF-8?B?qQ==?=', '\u00e9'],
  ['=?iso-2022-jp?b?GyRCRnwbKEI=?=', '\u65e5'],
  ['=?utf-8?B?aGk?=', 'hi'],
  ['plain \u00e9', 'plain \u00e9'],
  ['a\r\n b', 'a b'],
  // malformed: left as it is
  ['=?', '=?'],
  ['=?utf-8?q?abc', '=?utf-8?q?abc'],
  ['=?utf-8?x?abc?=', '=?utf-8?x?abc?='],
  ['=??q?abc?=', '=??q?abc?='],
  ['=?ut f?q?abc?=', '=?ut f?q?abc?='],
  ['=?utf-8?q?a =?utf-8?q?b?=', '=?utf-8?q?a b'],
  [`=?${'x'.repeat(65)}?q?a?=`, `=?${'x'.repeat(65)}?q?a?=`],
  // wrong, and read
  ['x=?utf-8?q?y?=z', 'xyz', ['not-separated']],
  ['=?utf-8?q?a b?=', 'a b', ['space-in-word']],
  ['=?utf-8?Q?Hello\r\n _there?=', 'Hello there', ['space-in-word']],
  ['=?utf-8?q?=4z=?=', '=4z=', ['bad-encoding']],
  ['=?utf-8?b?a!GVs?=', 'hel', ['bad-encoding']],
  ['=?klingon?q?=E9?=', '\u00e9', ['unknown-charset']],
  ['=?utf-8?q?=E9?=', '\ufffd', ['undecodable-octets']],
  ['=?utf-8?q?a=0D=0ABcc:_x=00?=', 'a\ufffd\ufffdBcc: x\ufffd', ['control-in-word']],
  ['=?iso-8859-1?q?\u00e9?=', '\u00e9', ['bad-encoding']],
  ['=?iso-8859-5?q?\u00e9_=E9?=', '\u0449 \u0449', ['bad-encoding']],
  ['=?utf-8?q?\u00e9\u{1f600}?=', '\u00e9\u{1f600}', ['bad-encoding']],
]
for (const [text, decoded, defects = []] of rows) {
  test(`decodes ${JSON.stringify(text).slice(0, 80)}`, () => {
    const found = decodeEncodedWords(text)
    assert.equal(found.text, decoded)
    assert.deepEqual(
      found.defects.map(({ kind }) => kind),
      defects,
    )
  })
}

test('phrases and comments', () => {
  assert.equal(decodePhrase('Keith =?utf-8?q?M=C3=B6re?=  (a comment) "a \\"b\\"  c"'), 'Keith M\u00f6re a "b"  c')
  assert.equal(decodePhrase('"=?utf-8?q?a?="'), 'a')
  assert.equal(decodePhrase('"unclosed'), 'unclosed')
  assert.equal(decodePhrase(''), '')
  assert.equal(decodeComment('(=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?b?=)'), 'ab')
  assert.equal(decodeComment('a (b) \\) c'), 'a (b) ) c')
})

test('limits: words, defects; words that never end are read in one pass', () => {
  const word = '=?utf-8?q?a?= '
  const many = decodeEncodedWords(word.repeat(ENCODED_WORD_LIMITS.words + 2))
  assert.equal(many.text.trimEnd(), `${'a'.repeat(ENCODED_WORD_LIMITS.words)} ${word}${word}`.trimEnd())
  assert.deepEqual(
    many.defects.map(({ kind }) => kind),
    ['too-many-words'],
  )
  const defects = decodeEncodedWords('=?klingon?q?a?= x '.repeat(200))
  assert.equal(defects.defects.length, ENCODED_WORD_LIMITS.defects)
  for (const piece of ['=?', '=?u?q?', '=?u?q?a ', '=?u?b?', '?=', '=?u?q?a?', '=?=?']) {
    decodeEncodedWords(piece.repeat(50_000))
    decodeEncodedWords(`${piece.repeat(50_000)}?=`)
  }
})

const unicode = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      'B',
      ' ',
      '"',
      '\\',
      '=?',
      '?=',
      '_',
      '\u00e9',
      '\u{1f600}',
      '(',
      ')',
      '.',
      '\t',
      '\u65e5',
      '\ufeff',
      '\u00a0',
      '\u3000',
    ),
    maxLength: 120,
  }),
)
const printable = unicode.map((text) => text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ''))

test('what is written is read back, through a folded field; no word over 75, no line with one over 76', () => {
  fc.assert(
    fc.property(printable, (text) => {
      const value = encodeUnstructured(text, 'Subject: '.length)
      assert.equal(decodeEncodedWords(value).text, text)
      for (const word of value.match(/=\?UTF-8\?[QB]\?[^?]*\?=/g) ?? []) assert.ok(word.length <= 75)
      const field = expectOk(formatField('Subject', value), 'write')
      const [only] = expectOk(parseHeaderSection(field), 'read').header.fields
      assert.ok(only !== undefined)
      assert.equal(decodeUnstructured(only.text), text)
      const lines = new TextDecoder().decode(field).split('\r\n')
      for (const line of lines) if (line.includes('=?UTF-8')) assert.ok(line.length <= 76, line)
      // Every word is text by itself: no character is cut.
      for (const word of value.match(/=\?UTF-8\?[QB]\?[^?]*\?=/g) ?? [])
        assert.deepEqual(decodeEncodedWords(word).defects, [])
    }),
    { numRuns: 300 },
  )
})

test('phrases written are read back', () => {
  fc.assert(
    fc.property(printable, (text) => {
      assert.equal(decodePhrase(encodePhrase(text)), text)
    }),
    { numRuns: 300 },
  )
  const table: readonly [string, string][] = [
    ['John Doe', 'John Doe'],
    ['Joe Q. Public', '"Joe Q. Public"'],
    ['a "b"', '"a \\"b\\""'],
    ['J\u00fcrgen M', '=?UTF-8?Q?J=C3=BCrgen_M?='],
    ['\u65e5\u672c\u8a9e', '=?UTF-8?B?5pel5pys6Kqe?='],
    ['=?x?q?y?=', '=?UTF-8?B?PT94P3E/eT89?='],
    ['', '""'],
  ]
  for (const [text, phrase] of table) assert.equal(encodePhrase(text), phrase)
})

test('plain words stay plain', () => {
  const table: readonly [string, string][] = [
    ['hello world', 'hello world'],
    ['see caf\u00e9 at 10', 'see =?UTF-8?Q?caf=C3=A9?= at 10'],
    ['\u00e9 and \u00e9', '=?UTF-8?B?w6kgYW5kIMOp?='],
    ['a =?b', 'a =?UTF-8?B?PT9i?='],
  ]
  for (const [text, value] of table) assert.equal(encodeUnstructured(text), value)
})

test('words of mrmime', (t) => {
  const file = join(vectors, 'originals/mrmime/rfc2047.json')
  if (!existsSync(file)) return t.skip('vectors originals/mrmime absent')
  const strings = JSON.parse(readFileSync(file, 'utf8')) as readonly string[] // as: the file's form
  let read = 0
  for (const [i, text] of strings.entries()) {
    if (!text.startsWith('=?') || strings[i + 1]?.startsWith('=?') !== false) continue
    assert.equal(decodeEncodedWords(text).text, strings[i + 1])
    read++
  }
  assert.equal(read, 8)
})

/** Where another parser's answer is not ours, and why. */
const DIFFERENT: readonly string[] = [
  ' FWD: \n Saying Hello \nX-Mailer', // it finds the end of the field itself
  '=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=\nFrom', // the same
  '[SUSPECTED SPAM]=?utf-8?B?', // it adds a space that nobody wrote
  'Some text =?utf-8?Q??=here', // the same
]

test('unstructured fields of stalwart mail-parser', (t) => {
  const file = join(vectors, 'mail/mime/stalwart-mail-parser/unstructured.json')
  if (!existsSync(file)) return t.skip('vectors mail/mime/stalwart-mail-parser absent')
  const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly {
    readonly header: string
    readonly expected: string
  }[] // as: the file's form
  // White space runs of folds: it makes one space of them, RFC 5322 §2.2.3 keeps them.
  const squeeze = (text: string): string => text.replace(/[ \t]+/g, ' ')
  for (const { header, expected } of cases) {
    if (DIFFERENT.some((start) => header.startsWith(start))) continue
    assert.equal(squeeze(decodeUnstructured(header)), squeeze(expected), header)
  }
  assert.equal(cases.length, 30)
})
