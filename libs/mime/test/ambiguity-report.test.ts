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
    kinds: 'extended-boundary two-boundaries conflicting-parameters',
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
  { kinds: '', text: 'MIME-Version: 1.0\nX_Y.z-1: a\n\n' },
  { kinds: 'odd-field-name', text: 'A: 1\n§X{y}: a\n\n' },
  { kinds: 'header-not-a-field begins-with-continuation', text: '§ A: 1\nB: 2\n\n' },
  { kinds: '', text: 'A: 1\n B: 2\n\n' },
  { kinds: 'header-not-a-field from-line', text: '§From a@b Mon Jan  5 00:00:00 2026\nA: 1\n\n' },
  { kinds: 'header-space-before-colon', text: 'From§ : a@b\n\n' },
  { kinds: 'comment-in-mime-field', text: 'MIME-Version: 1.0\n§Content-Type: text/plain (a)\n\nhi\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: text/plain; name="(a)"\n\nhi\n' },
  { kinds: 'comment-in-mime-field', text: 'MIME-Version: 1.0\n§Content-Transfer-Encoding: (a) 7bit\n\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n\n' },
  { kinds: 'comment-in-mime-field', text: 'MIME-Version: 1.0\n§Content-Disposition: inline (a)\n\n' },
  { kinds: '', text: 'MIME-Version: 1.0 (a)\n\n' },
  { kinds: 'odd-charset', text: 'MIME-Version: 1.0\n§Content-Type: text/html; charset=utf-7\n\nhi\n' },
  { kinds: 'odd-charset', text: 'MIME-Version: 1.0\n§Content-Type: text/plain; charset="UTF-16"\n\nhi\n' },
  { kinds: 'odd-charset', text: 'MIME-Version: 1.0\n§Content-Type: text/plain; charset=utf-32le\n\nhi\n' },
  { kinds: 'odd-charset', text: 'MIME-Version: 1.0\n§Content-Type: text/plain; charset=klingon\n\nhi\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: application/x; charset=utf-7\n\nhi\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: text/plain; charset=koi8-r\n\nhi\n' },
  { kinds: 'partial-message', text: '§MIME-Version: 1.0\nContent-Type: message/partial; id=a; number=1\n\n' },
  { kinds: 'external-body', text: '§MIME-Version: 1.0\nContent-Type: message/external-body; access-type=url\n\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: message/delivery-status\n\n' },
  {
    kinds: 'encoded-parameter encoded-boundary',
    text: '§Content-Type: multipart/mixed; boundary="=?utf-8?Q?a?="\nMIME-Version: 1.0\n\n--=?utf-8?Q?a?=--\n',
  },
  {
    kinds: 'encoded-boundary',
    text: '§Content-Type: multipart/mixed; boundary="a=?utf-8?Q"\nMIME-Version: 1.0\n\n--a=?utf-8?Q--\n',
  },
  { kinds: '', text: 'Content-Type: multipart/mixed; boundary="a=_?"\nMIME-Version: 1.0\n\n--a=_?--\n' },
  {
    kinds: 'extended-boundary',
    text: 'MIME-Version: 1.0\n§Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab--\n',
  },
  {
    kinds: 'extended-boundary',
    text: "MIME-Version: 1.0\n§Content-Type: multipart/mixed; boundary*=us-ascii''ab\n\n--ab--\n",
  },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=ab; x*0=boundary\n\n--ab--\n' },
  {
    kinds: 'no-boundary empty-boundary',
    text: '§Content-Type: multipart/mixed; boundary=""\nMIME-Version: 1.0\n\n--\n',
  },
  { kinds: 'no-boundary', text: '§Content-Type: multipart/mixed\nMIME-Version: 1.0\n\n--\n' },
  { kinds: 'padded-boundary', text: 'MIME-Version: 1.0\n§Content-Type: multipart/mixed; boundary="a "\n\n--a--\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a  \n\n--a--\n' },
  {
    kinds: 'encoded-multipart',
    text: '§Content-Type: multipart/mixed; boundary=a\nContent-Transfer-Encoding: base64\nMIME-Version: 1.0\n\n--a--\n',
  },
  {
    kinds: 'encoded-message',
    text: '§Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\nMIME-Version: 1.0\n\nQTogMQ==\n',
  },
  { kinds: '', text: 'Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\nMIME-Version: 1.0\n\nA: 1\n\n' },
  { kinds: 'bad-content-type', text: '§Content-Type: text\nMIME-Version: 1.0\n\nhi\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nQUJD\nQQ==\n' },
  { kinds: 'body-junk', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nQU§-JD\n' },
  { kinds: 'body-data-after-padding', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nQQ==§QUJD\n' },
  { kinds: 'body-missing-padding', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nQUJDQQ\n§' },
  { kinds: 'body-incomplete-quad', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nQUJDQ\n§' },
  { kinds: 'body-stray-padding', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nQUJD§=\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n\nQU-JD=\n' },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\na=3D=\nb =\t\n' },
  {
    kinds: 'body-broken-escape',
    text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\na=3D§=XY=ZZ\n',
  },
  { kinds: 'uuencoded-block', text: 'A: 1\n\nhi\n§begin 644 a.exe\n#86)C\n`\nend\n' },
  { kinds: 'uuencoded-block', text: 'A: 1\n\n§begin 644 a\nend\n' },
  { kinds: '', text: 'A: 1\n\nhi\nbegin 644 times\nand go on\nend\n' },
  { kinds: '', text: 'A: 1\n\nhi\n begin 644 a.exe\n#86)C\n' },
  {
    kinds: 'uuencoded-block',
    text: 'MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n§a=\n=62\nbegin 644 a.exe\n#86)C\n',
  },
  { kinds: '', text: 'MIME-Version: 1.0\nContent-Type: application/x\n\nbegin 644 a.exe\n#86)C\n' },
]
for (const { kinds, text } of rows) {
  test(`reports ${kinds === '' ? 'nothing' : kinds}: ${JSON.stringify(text.slice(0, 60))}`, () => {
    const found = report(text.replace('§', ''))
    assert.equal(found.map(({ kind }) => kind).join(' '), kinds)
    for (const { offset } of found) assert.equal(offset, text.indexOf('§'))
  })
}

test('a boundary given twice is seen under a comment and in pieces', () => {
  const kinds = (parameters: string): readonly string[] =>
    report(`MIME-Version: 1.0\nContent-Type: multipart/mixed; ${parameters}\n\n--a--\n`).map(({ kind }) => kind)
  assert.ok(kinds('boundary=a; boundary((x)y)=b').includes('two-boundaries'))
  assert.ok(kinds('boundary=a; boundary =b').includes('two-boundaries'))
  assert.ok(kinds('boundary*0=a; boundary*0=b').includes('two-boundaries'))
  assert.ok(!kinds('boundary=a; boundaryx=b; boundaryx=c').includes('two-boundaries'))
})

test('what is found in a body is reported once of each kind, however much of another comes before it', () => {
  const text = `Content-Transfer-Encoding: base64\nMIME-Version: 1.0\n\n${'QUJD-'.repeat(500)}QQ==QUJD`
  assert.deepEqual(report(text), [
    { kind: 'body-junk', path: [], offset: text.indexOf('D-') + 1 },
    { kind: 'body-data-after-padding', path: [], offset: text.length - 4 },
  ])
})

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
