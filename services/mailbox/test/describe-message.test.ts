// RFC 2047 §5
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DescribedMessage } from '../src/describe-message.ts'

async function described(message: string) {
  async function* pieces() {
    for (const octet of Buffer.from(message, 'latin1')) yield Uint8Array.of(octet)
  }
  const watched = new DescribedMessage(pieces())
  for await (const _ of watched.octets);
  return watched.described()
}

const ROWS: readonly (readonly [message: string, from: string, subject: string])[] = [
  ['From: Alice <a@b.example>\r\nSubject: hello\r\n\r\nSubject: body\r\n', 'Alice <a@b.example>', 'hello'],
  ['Subject: =?utf-8?Q?gr=C3=BC=C3=9Fe?=\r\n =?utf-8?B?IQ==?=\r\n\r\n', '', 'grüße!'],
  ['Subject: =?utf-8?Q?a=0D=0AFrom:_b=E2=80=AEc?=\r\n\r\n', '', 'a\ufffd\ufffdFrom: b c'],
  ['Subject: =?utf-8?Q?a\r\n\r\n', '', '=?utf-8?Q?a'],
  ['From: =?utf-8?Q?x=40bank=2Eexample?= <e@f.example>\r\n\r\n', '=?utf-8?Q?x=40bank=2Eexample?= <e@f.example>', ''],
  [`Subject: ${'x'.repeat(600)}\r\n\r\n`, '', 'x'.repeat(500)],
]
for (const [message, from, subject] of ROWS) {
  test(`describes ${JSON.stringify(message.slice(0, 50))}`, async () => {
    assert.deepEqual(await described(message), { from, subject })
  })
}
