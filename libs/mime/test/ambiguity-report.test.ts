// draft-chen-email-mime-ambiguity-defense
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeLatin1 } from '@scop/octets'
import { type Ambiguity, AmbiguityReader, parseMessage, reportAmbiguities } from '../src/index.ts'

const report = (text: string): readonly Ambiguity[] => {
  const message = encodeLatin1(text)
  return reportAmbiguities(parseMessage(message), message)
}
const crlf = (text: string): string => text.replaceAll('\n', '\r\n')

// `@` marks where the ambiguity is, and is taken out.
const rows: readonly { readonly kinds: string; readonly text: string }[] = [
  { kinds: '', text: 'From: a@b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nhi\n' },
  { kinds: '', text: 'Subject: LF and no MIME\n\nhi\n' },
  {
    kinds: '',
    text: crlf(
      'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="a b"\n\n--a b\nContent-Disposition: attachment; filename=x\nContent-Type: text/plain; name=x\n\n1\n--a b--\n',
    ),
  },
  { kinds: 'missing-mime-version', text: '§Content-Type: text/plain\n\n' },
  {
    kinds: 'conflicting-mime-field',
    text: 'MIME-Version: 1.0\nContent-Type: text/plain\n§Content-Type: text/html\n\n',
  },
  { kinds: 'duplicate-mime-field', text: 'MIME-Version: 1.0\nContent-Type: text/plain\n§Content-Type: text/plain\n\n' },
  { kinds: 'duplicate-message-field', text: 'From: a@b\n§From: c@d\n\n' },
  {
    kinds: 'two-boundaries conflicting-parameters',
    text: 'MIME-Version: 1.0\n§Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a--\n',
  },
  {
    kinds: 'two-boundaries conflicting-parameters',
    text: "MIME-Version: 1.0\n§Content-Type: multipart/mixed; boundary=b; boundary*=us-ascii''a\n\n--a--\n",
  },
  {
    kinds: 'malformed-parameters',
    text: 'MIME-Version: 1.0\n§Content-Type: text/plain; charset\n\n',
  },
  {
    kinds: 'encoded-parameter',
    text: 'MIME-Version: 1.0\n§Content-Disposition: attachment; filename="=?utf-8?Q?a?="\n\n',
  },
  { kinds: 'malformed-disposition malformed-parameters', text: '§Content-Disposition: filename=x\n\n' },
  {
    kinds: 'conflicting-names',
    text: 'MIME-Version: 1.0\nContent-Type: text/plain; name=a.txt\n§Content-Disposition: attachment; filename=a.exe\n\n',
  },
  { kinds: 'odd-transfer-encoding', text: 'MIME-Version: 1.0\n§Content-Transfer-Encoding: 8-bit\n\n' },
  { kinds: 'unknown-transfer-encoding', text: 'MIME-Version: 1.0\n§Content-Transfer-Encoding: base65\n\n' },
  { kinds: 'header-not-a-field', text: 'A: 1\n§junk\nB: 2\n\n' },
  { kinds: 'header-space-before-colon', text: 'A§ : 1\n\n' },
  { kinds: 'mixed-line-ends', text: 'A: 1\r\n\r\nhi§\nho\r\n' },
  { kinds: 'bare-cr', text: 'A: 1\n\nhi§\rho\n' },
  { kinds: 'nul', text: 'A: 1\n\nhi§\0\n' },
  {
    kinds: 'odd-boundary',
    text: '§MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="a*"\n\n--a*--\n',
  },
  {
    kinds: 'boundary-prefix-of-another',
    text: 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n--a\n§Content-Type: multipart/mixed; boundary=aa\n\n--aa--\n--a--\n',
  },
  {
    kinds: 'header-ends-at-delimiter',
    text: 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n--a\nX: 1\n§--a--\n',
  },
  {
    kinds: 'missing-close-delimiter',
    text: 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n1\n§',
  },
]
for (const { kinds, text } of rows) {
  test(`reports ${kinds === '' ? 'nothing' : kinds}: ${JSON.stringify(text.slice(0, 60))}`, () => {
    const found = report(text.replace('§', ''))
    assert.equal(found.map(({ kind }) => kind).join(' '), kinds)
    for (const { offset } of found) assert.equal(offset, text.indexOf('§'))
  })
}

test('reports no more than its limit, and says whose part it is', () => {
  const text = `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n${'--a\nX: 1\n'.repeat(5)}--a--\n`
  const message = encodeLatin1(text)
  const found = reportAmbiguities(parseMessage(message), message, { ambiguities: 3 })
  assert.deepEqual(
    found.map(({ kind, path }) => [kind, path]),
    [
      ['header-ends-at-delimiter', [0]],
      ['header-ends-at-delimiter', [1]],
      ['header-ends-at-delimiter', [2]],
    ],
  )
})

const vectors = process.env.SCOP_VECTORS ?? join(import.meta.dirname, '../../../../shared/vectors')
test('reports places in order on real mail', (t) => {
  const root = join(vectors, 'mail/mime/real-raw')
  if (!existsSync(root)) return t.skip(`${root} absent`)
  const names = readdirSync(root)
  let clean = 0
  for (const name of names) {
    const message = readFileSync(join(root, name))
    const found = reportAmbiguities(parseMessage(message), message)
    if (found.length === 0) clean++
    let last = 0
    for (const { offset } of found) {
      assert.ok(offset >= last && offset <= message.length)
      last = offset
    }
  }
  t.diagnostic(`${clean} of ${names.length} without ambiguities`)
})

test('reports the same of a message in pieces, at any cut', () => {
  for (const { text } of rows) {
    const message = encodeLatin1(text.replaceAll('§', ''))
    const whole = reportAmbiguities(parseMessage(message), message)
    for (const cut of [1, 2, 3, 7, 64]) {
      const reader = new AmbiguityReader()
      for (let at = 0; at < message.length; at += cut) reader.feed(message.subarray(at, at + cut))
      assert.deepEqual(reader.finish().ambiguities, whole, `${JSON.stringify(text)} in pieces of ${cut}`)
    }
  }
  for (const end of ['a\r', 'a\r\rb\n', '\n\r\n']) {
    const reader = new AmbiguityReader()
    for (const octet of encodeLatin1(end)) reader.feed(Uint8Array.of(octet))
    assert.deepEqual(reader.finish().ambiguities, report(end))
  }
})
