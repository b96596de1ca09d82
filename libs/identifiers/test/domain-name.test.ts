import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import {
  type DomainName,
  type DomainNameError,
  isAtOrBelow,
  parseDomainName,
  parseInternationalDomainName,
} from '../src/index.ts'

const label63 = 'a'.repeat(63)
const name253 = [label63, label63, label63, 'a'.repeat(61)].join('.')

const ACCEPTED: readonly (readonly [text: string, name: string])[] = [
  ['example.org', 'example.org'],
  ['EXAMPLE.Org', 'example.org'],
  ['example.org.', 'example.org'],
  ['localhost', 'localhost'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['a-b.c--d.e1', 'a-b.c--d.e1'],
  ['1.2.3.4.in-addr.arpa', '1.2.3.4.in-addr.arpa'],
  ['0x7f.example', '0x7f.example'],
  ['x0x1', 'x0x1'],
  [name253, name253],
  [`${name253}.`, name253],
]

for (const [text, name] of ACCEPTED) {
  test(`reads "${text.slice(0, 40)}"`, () => {
    assert.deepEqual(parseDomainName(text), { ok: true, value: name })
    assert.deepEqual(parseInternationalDomainName(text), { ok: true, value: name })
  })
}

const REFUSED: readonly (readonly [text: string, kind: DomainNameError['kind']])[] = [
  ['', 'bad-label'],
  ['.', 'bad-label'],
  ['..', 'bad-label'],
  ['.example', 'bad-label'],
  ['a..b', 'bad-label'],
  ['example..', 'bad-label'],
  ['-a.example', 'bad-label'],
  ['a-.example', 'bad-label'],
  ['_dmarc.example', 'bad-label'],
  ['a b.example', 'bad-label'],
  ['example.org\n', 'bad-label'],
  ['example.org\0', 'bad-label'],
  ['*.example', 'bad-label'],
  ['[192.0.2.1]', 'bad-label'],
  ['user@example.org', 'bad-label'],
  [`${'a'.repeat(64)}.example`, 'bad-label'],
  [`${name253}a`, 'name-too-long'],
  ['192.0.2.1', 'all-numeric-top-label'],
  ['127.1', 'all-numeric-top-label'],
  ['2130706433', 'all-numeric-top-label'],
  ['127.0.0.0x1', 'all-numeric-top-label'],
  ['0X7F000001', 'all-numeric-top-label'],
  ['a.0x', 'all-numeric-top-label'],
]

for (const [text, kind] of REFUSED) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))}: ${kind}`, () => {
    const read = parseDomainName(text)
    assert.equal(read.ok ? read.value : read.error.kind, kind)
    assert.equal(parseInternationalDomainName(text).ok, false)
  })
}

test('U+212A, which lowers to an ASCII k, is no letter of a name', () => {
  assert.equal(parseDomainName('\u212aelvin.example').ok, false)
})

const INTERNATIONAL: readonly (readonly [text: string, nameOrKind: string])[] = [
  ['bücher.example', 'xn--bcher-kva.example'],
  ['BÜCHER.example', 'xn--bcher-kva.example'],
  ['straße.example', 'xn--strae-oqa.example'], // not strasse: non-transitional
  ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
  ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
  ['\u212aelvin.example', 'kelvin.example'], // as UTS 46 maps it
  ['１２７.０.０.１', 'all-numeric-top-label'],
  ['０x7f000001', 'all-numeric-top-label'],
  ['bü/cher.example', 'bad-label'],
  ['bü／cher.example', 'not-idna'],
  ['bü@cher.example', 'bad-label'],
  ['bü:25', 'bad-label'],
  ['bü%2e.example', 'bad-label'],
  ['bü\tcher.example', 'bad-label'],
  ['bü_cher.example', 'bad-label'],
  ['\ud800.example', 'not-idna'],
  ['\u0600.example', 'not-idna'],
  ['ü'.repeat(60) + '.example', 'bad-label'],
  [`${'ü.'.repeat(130)}example`, 'name-too-long'],
]

for (const [text, expected] of INTERNATIONAL) {
  test(`international: ${JSON.stringify(text.slice(0, 40))} is ${expected}`, () => {
    const read = parseInternationalDomainName(text)
    assert.equal(read.ok ? read.value : read.error.kind, expected)
  })
}

test('what is accepted reads again the same, in every reader', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.domain(),
    fc.string({ unit: fc.constantFrom('ü', '例', '.', '。', 'a', '-', '1', 'ß') }),
  )
  fc.assert(
    fc.property(text, (given) => {
      const read = parseInternationalDomainName(given)
      if (!read.ok) return
      assert.match(read.value, /^[a-z0-9.-]{1,253}$/)
      assert.deepEqual(parseDomainName(read.value), read)
      assert.deepEqual(parseInternationalDomainName(read.value), read)
    }),
  )
})

test('agrees with the runtime on the A-labels of what it accepts', () => {
  for (const [text, name] of INTERNATIONAL) {
    const read = parseInternationalDomainName(text)
    if (read.ok) assert.equal(domainToASCII(text), name)
  }
})

const name = (text: string): DomainName => {
  const read = parseDomainName(text)
  assert.ok(read.ok)
  return read.value
}

for (const [child, parent, expected] of [
  ['example.org', 'example.org', true],
  ['mx.example.org', 'example.org', true],
  ['a.b.example.org', 'example.org', true],
  ['badexample.org', 'example.org', false],
  ['org', 'example.org', false],
  ['example.org.evil', 'example.org', false],
] as const) {
  test(`${child} is ${expected ? '' : 'not '}at or below ${parent}`, () => {
    assert.equal(isAtOrBelow(name(child), name(parent)), expected)
  })
}
