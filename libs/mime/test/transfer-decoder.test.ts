// RFC 2045 §6
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { concatOctets, decodeLatin1, encodeLatin1, equalOctets } from '@scop/octets'
import fc from 'fast-check'
import {
  Base64Encoder,
  decodeTransfer,
  QuotedPrintableEncoder,
  TRANSFER_LIMITS,
  type TransferDecoder,
  type TransferEncoder,
  transferDecoder,
} from '../src/index.ts'
import { MOST_ABSENT } from '../src/uuencode-decoder.ts'

type Row = readonly [encoding: string, input: string, output: string, defects: readonly (readonly [string, number])[]]

const rows: readonly Row[] = [
  ['base64', 'aGVsbG8=', 'hello', []],
  ['BASE64', ' aGV\r\nsbG8=\r\n', 'hello', []],
  ['base64', '', '', []],
  [
    'base64',
    'aG.Vs-_bG8=',
    'hello',
    [
      ['junk', 2],
      ['junk', 5],
    ],
  ],
  ['base64', 'aGVsbG8', 'hello', [['missing-padding', 7]]],
  ['base64', 'YQ=', 'a', [['missing-padding', 3]]],
  ['base64', 'YQ==YQ==', 'aa', [['data-after-padding', 4]]],
  [
    'base64',
    'YQ=YWJj',
    'aabc',
    [
      ['missing-padding', 3],
      ['data-after-padding', 3],
    ],
  ],
  ['base64', 'YWJj=', 'abc', [['stray-padding', 4]]],
  ['base64', 'YWJjY', 'abc', [['incomplete-quad', 5]]],
  [
    'base64',
    'YWJjY===',
    'abc',
    [
      ['incomplete-quad', 5],
      ['stray-padding', 6],
      ['stray-padding', 7],
    ],
  ],
  ['base64', 'YR==', 'a', []],
  ['quoted-printable', 'a=3Db', 'a=b', []],
  [
    'quoted-printable',
    'a=3db=c3=A9',
    'a=b\u00c3\u00a9',
    [
      ['lower-case-hex', 1],
      ['lower-case-hex', 5],
    ],
  ],
  ['quoted-printable', 'a=\r\nb=\nc= \t\r\nd', 'abcd', []],
  ['quoted-printable', 'a \t\r\nb  \nc  ', 'a\r\nb\nc', []],
  ['quoted-printable', 'a=20\r\nb=20 \r\n', 'a \r\nb \r\n', []],
  ['quoted-printable', 'a =\r\n\r\n', 'a \r\n', []],
  ['quoted-printable', 'a \rb\r c', 'a \rb\r c', []],
  [
    'quoted-printable',
    'a=zz=',
    'a=zz',
    [
      ['broken-escape', 1],
      ['soft-break-at-end', 4],
    ],
  ],
  ['quoted-printable', 'a=4', 'a=4', [['broken-escape', 1]]],
  [
    'quoted-printable',
    'a=4z==41',
    'a=4z=A',
    [
      ['broken-escape', 1],
      ['broken-escape', 4],
    ],
  ],
  ['quoted-printable', 'a= b', 'a= b', [['broken-escape', 1]]],
  ['quoted-printable', 'a=\r', 'a=\r', [['broken-escape', 1]]],
  ['quoted-printable', '=\u00e9', '=\u00e9', [['broken-escape', 0]]],
  ['7bit', 'a=3D\u00e9', 'a=3D\u00e9', []],
  ['8BIT', 'x', 'x', []],
  ['binary', 'x\r\n', 'x\r\n', []],
  ['base65', 'YQ==', 'YQ==', [['unknown-encoding', 0]]],
  ['x-uuencode', 'x\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nx', 'Cat', []],
  ['uuencode', 'begin 644 cat.txt\n#0V%T\n\n`\n', 'Cat', [['no-end', 27]]],
  ['uuencode', '#0V%T\n', '', [['no-begin', 6]]],
  ['uuencode', 'begin 644 x\n"86$ \n!\n~\nend\n', 'aa\0', [['bad-line', 20]]],
  ['yenc', '=ybegin line=128 size=3 name=a\r\n\x8b=}\x8d\r\n=yend size=3\r\n', 'a\x13c', []],
  ['yenc', '=ybegin line=128 size=3 name=a\n\x8b\x8c\x8d\n=yend size=3 crc32=352441c2\n', 'abc', []],
  [
    'yenc',
    '=ybegin part=1 size=3\n=ypart begin=1 end=3\n\x8b\x8c\x8d\n=yend size=2 pcrc32=352441c3',
    'abc',
    [
      ['size-mismatch', 47],
      ['checksum-mismatch', 47],
    ],
  ],
  ['yenc', 'abc\n', '', [['no-begin', 4]]],
  ['x-yenc', '=ybegin x\n\x8b', 'a', [['no-end', 11]]],
]

function decodeInPieces(decoder: TransferDecoder, input: Uint8Array, cuts: readonly number[]): Uint8Array {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const cut of [...cuts.map((c) => c % (input.length + 1)).sort((a, b) => a - b), input.length]) {
    pieces.push(decoder.push(input.slice(at, cut)))
    at = cut
  }
  pieces.push(decoder.end())
  return concatOctets(pieces)
}

for (const [encoding, input, output, defects] of rows) {
  test(`decodes ${encoding} ${JSON.stringify(input)}`, () => {
    const octets = encodeLatin1(input)
    const decoded = decodeTransfer(octets, encoding)
    assert.equal(decodeLatin1(decoded.octets), output)
    assert.deepEqual(
      decoded.defects,
      defects.map(([kind, offset]) => ({ kind, offset })),
    )
    const single = transferDecoder(encoding)
    const eachOctet = decodeInPieces(single, octets, [...octets.keys()])
    assert.equal(decodeLatin1(eachOctet), output)
    assert.deepEqual(single.defects, decoded.defects)
  })
}

test('no encoding named is 7bit', () => {
  assert.deepEqual(decodeTransfer(encodeLatin1('a=3D'), undefined), { octets: encodeLatin1('a=3D'), defects: [] })
})

const nasty = fc
  .array(
    fc.constantFrom(
      '=',
      '==',
      '\r',
      '\n',
      '\r\n',
      ' ',
      '\t',
      'YWJj',
      'Y',
      'aGVsbG8',
      '3D',
      '3d',
      '4',
      '.',
      '\u00ff',
      '\0',
      '=\r\n',
      'begin 644 a\n',
      '#0V%T\n',
      'end\n',
      '`\n',
      '=ybegin a\r\n',
      '=yend size=1\n',
      '=ypart a\n',
      'y',
      '    ',
    ),
    { maxLength: 40 },
  )
  .map((pieces) => encodeLatin1(pieces.join('')))

test('uuencode: what is absent is zero, but no whole body is made of it', () => {
  const lines = Math.ceil(MOST_ABSENT / 63)
  const { octets, defects } = decodeTransfer(encodeLatin1(`begin 644 x\n${'_\n'.repeat(lines)}!80\nend\n`), 'uuencode')
  assert.equal(octets.length, (lines - 1) * 63 + 1)
  assert.equal(octets.at(-1), 0x61)
  assert.deepEqual(defects, [{ kind: 'bad-line', offset: 12 + 2 * (lines - 1) }])
})

for (const encoding of ['base64', 'quoted-printable', 'uuencode', 'yenc', '8bit']) {
  test(`${encoding}: any cut gives the same octets and defects`, () => {
    const limits = { defects: 5, lineOctets: 12, whiteSpaceOctets: 3 }
    fc.assert(
      fc.property(nasty, fc.array(fc.nat(), { maxLength: 6 }), (input, cuts) => {
        const whole = transferDecoder(encoding, limits)
        const cut = transferDecoder(encoding, limits)
        const a = decodeInPieces(whole, input, [])
        const b = decodeInPieces(cut, input, cuts)
        assert.equal(decodeLatin1(a), decodeLatin1(b))
        assert.deepEqual(whole.defects, cut.defects)
      }),
      { numRuns: 2000 },
    )
  })
}

test('base64: long clean stretches, with something in between, at any cut', () => {
  const between = fc.constantFrom('', '\r\n', '=', '==', '!', '\u00ff', 'Y', '=\r\n')
  const stretch = fc.tuple(fc.uint8Array({ minLength: 60, maxLength: 400 }), between)
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 4 }), (stretches, cuts) => {
      const input = encodeLatin1(stretches.map(([octets, text]) => octets.toBase64() + text).join(''))
      const whole = transferDecoder('base64')
      const cut = transferDecoder('base64')
      const single = transferDecoder('base64')
      const octets = decodeLatin1(decodeInPieces(whole, input, []))
      assert.equal(decodeLatin1(decodeInPieces(cut, input, cuts)), octets)
      assert.equal(decodeLatin1(decodeInPieces(single, input, [...input.keys()])), octets)
      assert.deepEqual(cut.defects, whole.defects)
      assert.deepEqual(single.defects, whole.defects)
    }),
  )
})

test('limits: defects, held white space, lines', () => {
  const broken = encodeLatin1('=x'.repeat(200))
  const { defects } = decodeTransfer(broken, 'quoted-printable')
  assert.equal(defects.length, TRANSFER_LIMITS.defects + 1)
  assert.equal(defects.at(-1)?.kind, 'more-defects')
  const spaces = decodeTransfer(
    encodeLatin1(`a${' '.repeat(TRANSFER_LIMITS.whiteSpaceOctets + 2)}\n`),
    'quoted-printable',
  )
  assert.equal(spaces.octets.length, 1 + TRANSFER_LIMITS.whiteSpaceOctets + 1)
  const fits = decodeTransfer(
    encodeLatin1(`a${' '.repeat(TRANSFER_LIMITS.whiteSpaceOctets - 1)}\n`),
    'quoted-printable',
  )
  assert.equal(decodeLatin1(fits.octets), 'a\n')
  const long = decodeTransfer(
    encodeLatin1(`begin 644 a\n#0V%T${' '.repeat(TRANSFER_LIMITS.lineOctets)}\nend\n`),
    'uuencode',
  )
  assert.deepEqual([decodeLatin1(long.octets), long.defects], ['Cat', [{ kind: 'line-too-long', offset: 12 }]])
  const keyword = decodeTransfer(
    encodeLatin1(`=ybegin ${'x'.repeat(TRANSFER_LIMITS.lineOctets)}\n\x8b\n=yend\n`),
    'yenc',
  )
  assert.deepEqual([decodeLatin1(keyword.octets), keyword.defects], ['a', [{ kind: 'line-too-long', offset: 0 }]])
})

const encoders: readonly [string, () => TransferEncoder][] = [
  ['base64', () => new Base64Encoder()],
  ['quoted-printable', () => new QuotedPrintableEncoder({ binary: true })],
]
for (const [encoding, encoder] of encoders) {
  test(`${encoding}: what is written is read back, at any cut, in lines of 76 at most`, () => {
    const octets = fc.oneof(fc.uint8Array({ maxLength: 400 }), nasty)
    fc.assert(
      fc.property(octets, fc.array(fc.nat(), { maxLength: 4 }), (input, cuts) => {
        const whole = concatOctets(((e) => [e.push(input), e.end()])(encoder()))
        const written = decodeInPieces({ ...bind(encoder()), defects: [] }, input, cuts)
        assert.equal(decodeLatin1(written), decodeLatin1(whole))
        const { octets: back, defects } = decodeTransfer(written, encoding)
        assert.ok(equalOctets(back, input))
        assert.deepEqual(defects, [])
        assert.match(decodeLatin1(written), /^(?:[!-~ \t]{0,76}\r\n)*[!-~ \t]{0,76}$/)
      }),
      { numRuns: 500 },
    )
  })
}

const bind = (encoder: TransferEncoder): TransferEncoder => ({
  push: (chunk) => encoder.push(chunk),
  end: () => encoder.end(),
})

test('quoted-printable text keeps CRLF and guards ".", "From " and line ends', () => {
  const written = (text: string): string => {
    const encoder = new QuotedPrintableEncoder()
    return decodeLatin1(concatOctets([encoder.push(encodeLatin1(text)), encoder.end()]))
  }
  const table: readonly [string, string][] = [
    ['a\r\nb', 'a\r\nb'],
    ['a \r\n\t', 'a=20\r\n=09'],
    ['a\nb\rc', 'a=0Ab=0Dc'],
    ['.\r\n..', '=2E\r\n=2E.'],
    ['From me\r\nFrom', '=46rom me\r\nFrom'],
    ['\u00e9=', '=E9=3D'],
    ['x'.repeat(76), 'x'.repeat(76)],
    ['x'.repeat(77), `${'x'.repeat(75)}=\r\nxx`],
  ]
  for (const [text, expected] of table) {
    assert.equal(written(text), expected)
    assert.equal(decodeLatin1(decodeTransfer(encodeLatin1(expected), 'quoted-printable').octets), text)
  }
})

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

test('crash inputs of another decoder: answered, and the same octet by octet', (t) => {
  const folder = join(vectors, 'originals/pecu')
  if (!existsSync(folder)) return t.skip('vectors originals/pecu absent')
  for (const name of readdirSync(folder)) {
    const input = new Uint8Array(readFileSync(join(folder, name)))
    const decoder = transferDecoder('quoted-printable')
    const cut = decodeInPieces(decoder, input, [...input.keys()])
    assert.deepEqual({ octets: cut, defects: decoder.defects }, decodeTransfer(input, 'quoted-printable'))
  }
})
