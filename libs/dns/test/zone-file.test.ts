// $INCLUDE, $GENERATE, what TTL and class are inherited from, and where a mistake is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  DEFAULT_LIMITS,
  formatRecord,
  formatZoneFileError,
  type IncludeFile,
  type Limits,
  parseRecords,
  parseZone,
  parseZoneFile,
} from '../src/index.ts'
import { name } from './example-zone.ts'

const ORIGIN = name('example')

/** Records as text, or the error with its place. */
function read(text: string, files: Readonly<Record<string, string>> = {}, limits: Partial<Limits> = {}): string {
  const include: IncludeFile = (path) => {
    const found = files[path]
    return found === undefined ? undefined : { file: path, text: found }
  }
  const records = parseRecords(text, ORIGIN, { ...DEFAULT_LIMITS, ...limits }, include)
  return records.ok ? records.value.map(formatRecord).join('\n') : formatZoneFileError('main', records.error)
}

test('an included file has the origin, the owner, the TTL and the class before it; the file goes on as if it were not there', () => {
  const files = { one: ' A 192.0.2.1\n$ORIGIN sub\nb A 192.0.2.2\n$TTL 9\n' }
  assert.equal(
    read('$TTL 5\nx TXT a\n$INCLUDE one\n TXT b\ny TXT c\n', files),
    [
      'x.example. 5 IN TXT "a"',
      'x.example. 5 IN A 192.0.2.1',
      'b.sub.example. 5 IN A 192.0.2.2',
      'x.example. 9 IN TXT "b"',
      'y.example. 9 IN TXT "c"',
    ].join('\n'),
  )
})

test('an origin of its own for an included file', () => {
  assert.equal(
    read('$TTL 5\n$INCLUDE "one" sub\nx A 192.0.2.2\n$INCLUDE one other.\n', { one: 'x A 192.0.2.1\n' }),
    ['x.sub.example. 5 IN A 192.0.2.1', 'x.example. 5 IN A 192.0.2.2', 'x.other. 5 IN A 192.0.2.1'].join('\n'),
  )
})

const INCLUDES: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['$INCLUDE none', {}, 'main:1:10: include-not-found "none"'],
  ['$INCLUDE', {}, 'main:1:1: field-missing "$INCLUDE"'],
  ['$INCLUDE one a..b', { one: '' }, 'main:1:14: not-a-name "a..b"'],
  ['$INCLUDE one sub extra', { one: '' }, 'main:1:18: field-left-over "extra"'],
  ['\n$INCLUDE one', { one: '\nx 5 A 192.0.2\n' }, 'one:2:7: not-an-address "192.0.2"'],
  ['$INCLUDE one', { one: 'x 5 TXT "a\n' }, 'one:1:9: unclosed-quote'],
  ['$INCLUDE one', { one: '$INCLUDE one' }, 'one:1:10: include-cycle "one"'],
  ['$INCLUDE one', { one: '$INCLUDE two', two: '\n$INCLUDE one' }, 'two:2:10: include-cycle "one"'],
]
for (const [text, files, error] of INCLUDES) {
  test(`refuses ${JSON.stringify(text)}: ${error}`, () => assert.equal(read(text, files), error))
}

test('limits: depth of files in files, octets of all together', () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, `$INCLUDE f${i + 1}\n`]))
  const whole = { ...files, f4: 'x 5 A 192.0.2.1\n' }
  assert.equal(read('$INCLUDE f0', whole, { includeDepth: 5 }), 'x.example. 5 IN A 192.0.2.1')
  assert.equal(read('$INCLUDE f0', whole, { includeDepth: 4 }), 'f3:1:10: include-too-deep "f4"')
  const twice = '$INCLUDE one\n$INCLUDE one\n'
  const one = { one: 'x 5 A 192.0.2.1\n' }
  assert.equal(read(twice, one, { zoneFileOctets: 58 }).split('\n').length, 2)
  assert.equal(read(twice, one, { zoneFileOctets: 57 }), 'one:1:1: file-too-large')
  assert.equal(read(twice, one, { zoneRecords: 1 }), 'one:1:1: too-many-records "x"')
})

test('without a function that finds files, none is included', () => {
  const records = parseRecords('$INCLUDE one', ORIGIN)
  assert.equal(records.ok ? '' : records.error.kind, 'unsupported-directive')
})

const GENERATED: readonly (readonly [string, string])[] = [
  // Of a quoted template the quotes go, and what were escaped quotes in it are quotes.
  ['1-1 a$ TXT "\\"hello $\\""', 'a1.example. 5 IN TXT "hello 1"'],
  ['1-1 a$ TXT "\\"a;b$\\""', 'a1.example. 5 IN TXT "a;b1"'],
  ['1-1 a$ TXT "a\\\\b $"', 'a1.example. 5 IN TXT "a\\\\b" "1"'],
  ['1-1 a$ TXT x\\"$', 'a1.example. 5 IN TXT "x\\"1"'],
  ['1-2 h$ A 192.0.2.$', 'h1.example. 5 IN A 192.0.2.1\nh2.example. 5 IN A 192.0.2.2'],
  ['1-5/2 $ 9 IN A 192.0.2.$', '1.example. 9 IN A 192.0.2.1\n3.example. 9 IN A 192.0.2.3\n5.example. 9 IN A 192.0.2.5'],
  ['7-7 $ IN 9 CNAME x$.other.', '7.example. 9 IN CNAME x7.other.'],
  ['7-7 ${0,3} A 192.0.2.${3}', '007.example. 5 IN A 192.0.2.10'],
  ['7-7 ${-10,4,d} A 192.0.2.1', '-003.example. 5 IN A 192.0.2.1'],
  ['31-31 ${0,0,x} A 192.0.2.1', '1f.example. 5 IN A 192.0.2.1'],
  ['31-31 ${0,4,X} A 192.0.2.1', '001F.example. 5 IN A 192.0.2.1'],
  ['9-9 ${0,3,o} A 192.0.2.1', '011.example. 5 IN A 192.0.2.1'],
  ['1024-1024 ${0,3,n} AAAA 2001:db8::${0,4,x}', '0.0.4.example. 5 IN AAAA 2001:db8::400'],
  ['26-26 ${0,7,N} A 192.0.2.1', 'A.1.0.0.example. 5 IN A 192.0.2.1'],
  ['1-1 x${0,2,n}y A 192.0.2.1', 'x1.y.example. 5 IN A 192.0.2.1'],
  ['26-26 ${0,4,n}example. A 192.0.2.1', 'a.1.example. 5 IN A 192.0.2.1'],
  ['1-1 x${+5,2} A 192.0.2.1', 'x06.example. 5 IN A 192.0.2.1'],
  ['1-1 a$ MX "10 m$"', 'a1.example. 5 IN MX 10 m1.example.'],
  ['1-1 a$ TXT "a b" "c$"', 'a1.example. 5 IN TXT "a b" "c1"'],
  ['1-1 a$$ TXT x\\$y', 'a\\$.example. 5 IN TXT "x$y"'],
  ['19-28/2147483645 $ CNAME x', '19.example. 5 IN CNAME x.example.'],
]
for (const [line, records] of GENERATED) {
  test(`$GENERATE ${line}`, () => assert.equal(read(`$TTL 5\n$GENERATE ${line}`), records))
}

const NOT_GENERATED: readonly (readonly [string, string])[] = [
  ['1-1 a$ 5 TXT "x\\"$"', 'main:1:24: bad-value "x\\\\\\"$"'],
  ['', 'main:1:10: field-missing'],
  ['1-2 h$', 'main:1:17: field-missing'],
  ['9--10 h$ A 192.0.2.$', 'main:1:11: generate-range "9--10"'],
  ['2-1 h$ A 192.0.2.$', 'main:1:11: generate-range "2-1"'],
  ['1-3/ $ A 1.2.3.$', 'main:1:11: generate-range "1-3/"'],
  ['1-3/0 $ A 1.2.3.$', 'main:1:11: generate-range "1-3/0"'],
  ['0-2147483648 $ A 1.2.3.$', 'main:1:11: generate-range "0-2147483648"'],
  ['0-2147483647 $ A 1.2.3.$', 'main:1:11: generate-too-many "0-2147483647"'],
  ['1-1 h$ TXT foo${2147483647}', 'main:1:22: generate-modifier "foo${2147483647}"'],
  ['0-7 h$ A 1.2.3.${1000', 'main:1:20: generate-modifier "1.2.3.${1000"'],
  ['0-7 h$ A 1.2.3.${1,0,dgarbage}', 'main:1:20: generate-modifier "1.2.3.${1,0,dgarbage}"'],
  ['0-7 h${0,0,q} A 1.2.3.4', 'main:1:15: generate-modifier "h${0,0,q}"'],
  ['0-7 h${0,128} A 1.2.3.4', 'main:1:15: generate-modifier "h${0,128}"'],
  ['0-7 h$ TKEY "a. 1 2 3"', 'main:1:1: bad-value "h0 TKEY a. 1 2 3"'],
  ['254-257 h$ 5 A 192.0.2.$', 'main:1:1: not-an-address "h256 5 A 192.0.2.256"'],
  ['1-1 h$ 5 TXT "a ) b"', 'main:1:24: bad-value "a ) b"'],
]
for (const [line, error] of NOT_GENERATED) {
  test(`refuses $GENERATE ${line}: ${error}`, () => assert.equal(read(`$GENERATE ${line}`), error))
}

test('limit: records of one $GENERATE', () => {
  assert.equal(read('$GENERATE 0-3 $ 5 A 192.0.2.1', {}, { generatedRecords: 4 }).split('\n').length, 4)
  const refused = read('$GENERATE 0-4 $ 5 A 192.0.2.1', {}, { generatedRecords: 4 })
  assert.equal(refused, 'main:1:11: generate-too-many "0-4"')
})

/** TTL and class of each record. RFC 1035 §5.1, RFC 2308 §4 */
const INHERITED: readonly (readonly [string, string])[] = [
  ['a 5 A 192.0.2.1\nb A 192.0.2.1', '5 IN, 5 IN'],
  ['a 5 A 192.0.2.1\n$TTL 6\nb A 192.0.2.1\nc 7 A 192.0.2.1\nd A 192.0.2.1', '5 IN, 6 IN, 7 IN, 6 IN'],
  ['$TTL 6\n$TTL 7\nb A 192.0.2.1', '7 IN'],
  ['@ 5 SOA a b 1 2 3 4 9\na A 192.0.2.1', '5 IN, 5 IN'],
  ['@ SOA a b 1 2 3 4 9\na 5 A 192.0.2.1\nb A 192.0.2.1', '9 IN, 5 IN, 9 IN'],
  ['$TTL 6\n@ SOA a b 1 2 3 4 9\na A 192.0.2.1', '6 IN, 6 IN'],
  ['a 0 A 192.0.2.1\nb A 192.0.2.1', '0 IN, 0 IN'],
  ['$TTL 1w2d3h4m5s\na A 192.0.2.1', '788645 IN'],
  ['a 1H30M A 192.0.2.1', '5400 IN'],
  ['a 30m1h1h A 192.0.2.1', '9000 IN'],
  ['a IN 5 A 192.0.2.1\nb 5 IN A 192.0.2.1', '5 IN, 5 IN'],
  ['a 5 CH TXT a\nb TXT b\nc IN TXT c\nd TXT d', '5 CH, 5 CH, 5 IN, 5 IN'],
  ['a CH 5 TXT a\n$TTL 6\n TXT b', '5 CH, 6 CH'],
  ['a 5 CLASS32 TXT a\n TXT b', '5 CLASS32, 5 CLASS32'],
]
for (const [text, expected] of INHERITED) {
  test(`TTL and class of ${JSON.stringify(text)}`, () => {
    const fields = read(text)
      .split('\n')
      .map((line) => line.split(' ').slice(1, 3).join(' '))
    assert.equal(fields.join(', '), expected)
  })
}

test('a quote goes over lines within parentheses only, and lines are counted on', () => {
  assert.equal(read('x 5 TXT ( "a\nb" ; c\n"d" )\ny 5 A x'), 'main:4:7: not-an-address "x"')
  assert.equal(read('x 5 TXT ( "a\nb" ; c\n"d" )'), 'x.example. 5 IN TXT "a\\010b" "d"')
  assert.equal(read('x 5 TXT "a\nb"'), 'main:1:9: unclosed-quote')
  // An escaped end of a line is data, and counts as a line.
  assert.equal(read('x 5 TXT "a\\\nb"'), 'x.example. 5 IN TXT "a\\010b"')
  assert.equal(read('x 5 TXT "a\\\nb"\ny 5 A 1'), 'main:3:7: not-an-address "1"')
  assert.equal(read('x 5 TXT "a\\\n\nb"'), 'main:1:9: unclosed-quote')
  assert.equal(read('x 5 TXT a\\\nb'), 'main:1:9: bad-escape "a\\\\"')
  assert.equal(read('x 5 TXT ( "a\nb )'), 'main:1:11: unclosed-quote')
})

test('owners that look like something else', () => {
  const text =
    '$TTL 5\nIN A 192.0.2.1\n60 A 192.0.2.1\nTXT TXT TXT\n\\@ A 192.0.2.1\n@ A 192.0.2.1\n\\$TTL A 192.0.2.1\n'
  assert.deepEqual(
    expectOk(parseRecords(text, ORIGIN), 'read').map((record) => formatRecord(record).split(' ')[0]),
    ['IN.example.', '60.example.', 'TXT.example.', '\\@.example.', 'example.', '\\$TTL.example.'],
  )
})

const HEAD = '$TTL 5\n@ SOA ns root 1 7200 900 1209600 300\n@ NS ns\n'

/** All mistakes, or the count of records. */
function mistakes(text: string, limits: Partial<Limits> = {}): readonly string[] {
  const files: Readonly<Record<string, string>> = { bad: 'x A 1.2.3\n\ny A 1.2\n' }
  const include: IncludeFile = (path) => {
    const found = files[path]
    return found === undefined ? undefined : { file: path, text: found }
  }
  const all = { ...DEFAULT_LIMITS, ...limits }
  const zone = parseZoneFile(text, ORIGIN, all, include)
  const first = parseZone(text, ORIGIN, all, include)
  if (zone.ok) return [String(zone.value.recordCount)]
  const told = zone.error.map((error) => formatZoneFileError('main', error))
  assert.equal(first.ok ? undefined : formatZoneFileError('main', first.error), told[0])
  return told
}

/** Below the head, which has three lines; what is told. */
const MISTAKES: readonly (readonly [string, readonly string[]])[] = [
  ['x A 192.0.2.1\n', ['3']],
  [
    'x A 1.2.3\ny MXX a\nz MX mail\n',
    ['main:4:5: not-an-address "1.2.3"', 'main:5:3: unknown-type "MXX"', 'main:6:6: not-a-number "mail"'],
  ],
  ['x TXT "a\ny A 1.2.3\n', ['main:4:7: unclosed-quote', 'main:5:5: not-an-address "1.2.3"']],
  ['x TXT a )\ny A 1.2.3\n', ['main:4:9: unopened-parenthesis', 'main:5:5: not-an-address "1.2.3"']],
  ['x TXT \0\ny A 1.2.3\n', ['main:4:7: nul-character', 'main:5:5: not-an-address "1.2.3"']],
  // Inside parentheses nobody knows where the next entry begins.
  ['x TXT ( "a\ny A 1.2.3\n', ['main:4:9: unclosed-quote']],
  ['x TXT ( a\ny A 1.2.3\n', ['main:4:7: unclosed-parenthesis']],
  [
    '$INCLUDE bad\n$INCLUDE none\nz A 1\n',
    [
      'bad:1:5: not-an-address "1.2.3"',
      'bad:3:5: not-an-address "1.2"',
      'main:5:10: include-not-found "none"',
      'main:6:5: not-an-address "1"',
    ],
  ],
  ['$GENERATE 5-1 x$ A 192.0.2.$\ny A 1\n', ['main:4:11: generate-range "5-1"', 'main:5:5: not-an-address "1"']],
  // Quotes stand for strings, and for an owner as in BIND.
  [
    '"x" A 1\nx "5" A 192.0.2.1\nx "IN" A 192.0.2.1\nx "A" 192.0.2.1\n',
    [
      'main:4:7: not-an-address "1"',
      'main:5:3: unknown-type "5"',
      'main:6:3: unknown-type "IN"',
      'main:7:3: unknown-type "A"',
    ],
  ],
  ['$TTL "5"\n', ['main:4:6: not-a-number "5"']],
  ['$ORIGIN "a"\n', ['main:4:9: not-a-name "a"']],
  ['$INCLUDE bad "a"\n', ['main:4:14: not-a-name "a"']],
  // One mistake is told once.
  ['$TTL soon\nx TXT a\ny TXT b\n', ['main:4:6: not-a-number "soon"']],
  ['a..b TXT a\n TXT b\n', ['main:4:1: not-a-name "a..b"']],
  // Of records together.
  [
    'x CNAME a\nx TXT b\ny.other. TXT c\n',
    ['main:5:1: alias-and-other-data "x.example."', 'main:6:1: not-in-zone "y.other."'],
  ],
]
for (const [text, told] of MISTAKES) {
  test(`tells every mistake of ${JSON.stringify(text)}`, () => assert.deepEqual(mistakes(HEAD + text), told))
}

test('a file that begins with a mistake is told of once', () => {
  assert.deepEqual(mistakes('$TTL soon\na..b SOA ns root 1 2 3 4 5\n NS ns\n'), [
    'main:1:6: not-a-number "soon"',
    'main:2:1: not-a-name "a..b"',
  ])
  assert.deepEqual(mistakes(''), ['main:1:1: no-soa'])
})

test('mistakes are told up to a limit, of lines and of records together', () => {
  const lines = (line: string): string => HEAD + line.repeat(9)
  assert.equal(mistakes(lines('x A 1\n'), { zoneFileErrors: 4 }).length, 4)
  assert.equal(mistakes(lines('x.other. A 192.0.2.1\n'), { zoneFileErrors: 4 }).length, 4)
  assert.equal(mistakes(lines('$INCLUDE bad\n'), { zoneFileErrors: 4 }).length, 4)
  assert.deepEqual(mistakes(lines('x A 192.0.2.1\n'), { zoneRecords: 2 }), ['main:4:1: too-many-records "x"'])
})
