import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatOctets, decodeLatin1, encodeAscii } from '@scop/octets'
import { formatReturnPath, withoutReturnPath } from '../src/return-path.ts'
import { mailbox } from './store-fixture.ts'

for (const [stored, expected] of [
  ['Return-Path: <>\r\nSubject: x\r\n\r\n', 'Subject: x\r\n\r\n'],
  ['Return-Path:\r\n <a@b.example>\r\nSubject: x\r\n\r\n', 'Subject: x\r\n\r\n'],
  ['Return-Path: <a@b.example>\r\nReturn-Path: <c@d.example>\r\n\r\n', 'Return-Path: <c@d.example>\r\n\r\n'],
  ['Subject: x\r\nReturn-Path: <>\r\n\r\n', 'Subject: x\r\nReturn-Path: <>\r\n\r\n'],
  ['Return-Pathology: x\r\n\r\n', 'Return-Pathology: x\r\n\r\n'],
  ['', ''],
] as const) {
  test(`travels on as ${JSON.stringify(expected)}: ${JSON.stringify(stored)}`, async () => {
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      yield encodeAscii(stored)
      yield encodeAscii('Return-Path: in the body\r\n')
    }
    const travelling = concatOctets(await Array.fromAsync(withoutReturnPath(chunks())))
    assert.equal(decodeLatin1(travelling), `${expected}Return-Path: in the body\r\n`)
  })
}

test('a long sender is folded, and goes as a whole', async () => {
  const field = formatReturnPath(mailbox(`"${'a '.repeat(30)}"@${'x'.repeat(60)}.example`))
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield concatOctets([field, encodeAscii('Subject: x\r\n')])
  }
  assert.equal(decodeLatin1(concatOctets(await Array.fromAsync(withoutReturnPath(chunks())))), 'Subject: x\r\n')
})
