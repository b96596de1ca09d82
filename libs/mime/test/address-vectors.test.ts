// Addresses of is_email (with its diagnoses) and of emile: what is right is read as it stands, what is wrong is noticed, and no
// wrong one passes the strict reader. RFC 5322 §3.4, §4.4; RFC 5321 §4.1.2; RFC 6532 §3.2
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseAddressList, readAddressList } from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

/** In the grammar, if obsolete: a strict writer has none of them. Line ends and other controls are looked at apart. */
const OBSOLETE: ReadonlySet<string> = new Set([
  'empty-element',
  'obsolete-phrase',
  'obsolete-route',
  'space-around-at',
  'obsolete-local-part',
  'obsolete-domain',
  'space-in-domain-literal',
])
const kindsOf = (text: string): readonly string[] => readAddressList(text).defects.map(({ kind }) => kind)
const isRead = (text: string): boolean =>
  readAddressList(text).addresses.length > 0 &&
  kindsOf(text).every((kind) => OBSOLETE.has(kind) || kind === 'control-character')
const isNoticed = (text: string): boolean =>
  readAddressList(text).addresses.length === 0 || kindsOf(text).some((kind) => !OBSOLETE.has(kind))

type Case = { readonly id: string; readonly address: string; readonly category: string; readonly diagnosis: string }

function readCases(file: string): readonly Case[] {
  const text = readFileSync(file, 'utf8').replace(/<!--[\s\S]*?-->/g, '')
  return Array.from(text.matchAll(/<test id="(\d+)">([\s\S]*?)<\/test>/g), ([, id = '', body = '']) => {
    const element = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(body)?.[1] ?? ''
    return { id, address: unescape(element('address')), category: element('category'), diagnosis: element('diagnosis') }
  })
}

/** The files write controls as their pictures, U+2400 on. */
function unescape(text: string): string {
  return text
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .replace(/[\u2400-\u2421]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0x2400))
}

/** Where is_email refuses what RFC 5322 lets through, by the diagnosis. */
const LAXER_GRAMMAR: ReadonlySet<string> = new Set([
  'ISEMAIL_ERR_DOMAINHYPHENSTART', // RFC 5322 §3.4.1: a domain is a dot-atom; RFC 5321 §4.1.2 is the strict reader's
  'ISEMAIL_ERR_DOMAINHYPHENEND', // the same
  'ISEMAIL_ERR_EXPECTING_QPAIR', // RFC 6532 §3.2: UTF-8 may follow a backslash
])

for (const [name, count] of [
  ['tests.xml', 164],
  ['tests-original.xml', 279],
] as const) {
  test(`is_email ${name}`, (t) => {
    const file = join(vectors, 'mail/address/isemail', name)
    if (!existsSync(file)) return t.skip('vectors mail/address/isemail absent')
    const cases = readCases(file)
    assert.equal(cases.length, count)
    for (const { id, address, category, diagnosis } of cases) {
      const label = `${id} ${diagnosis} ${JSON.stringify(address)}`
      if (category !== 'ISEMAIL_ERR') {
        // RFC 5322 §4.4: obs-dtext may quote a control; here such a literal is none.
        assert.ok(isRead(address) || diagnosis === 'ISEMAIL_RFC5322_DOMLIT_OBSDTEXT', label)
        continue
      }
      if (!LAXER_GRAMMAR.has(diagnosis)) assert.ok(isNoticed(address), label)
      if (diagnosis !== 'ISEMAIL_ERR_EXPECTING_QPAIR') assert.equal(parseAddressList(address).ok, false, label)
    }
  })
}

test('addresses of emile', (t) => {
  const file = join(vectors, 'originals/emile/addresses.json')
  if (!existsSync(file)) return t.skip('vectors originals/emile absent')
  // as: the file's form
  const { good, bad } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly good: readonly string[]
    readonly bad: readonly string[]
  }
  for (const text of good) assert.ok(isRead(text), JSON.stringify(text))
  for (const text of bad) {
    assert.equal(parseAddressList(text).ok, false, JSON.stringify(text))
    // RFC 5322 §3.4.1: any dtext is a literal, and a local part may be "".
    if (/@\[[^[]*\](?: \(comment\))?$/.test(text) || text === '""@iana.org') continue
    assert.ok(isNoticed(text), JSON.stringify(text))
  }
  assert.deepEqual([good.length, bad.length], [182, 167])
})
