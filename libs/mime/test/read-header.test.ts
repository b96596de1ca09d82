import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { readHeader } from '../src/index.ts'

const MESSAGES = [
  'From: a\r\nTo: b\r\n\r\nbody\r\n',
  'From: a\r\n\r\n',
  '\r\nbody',
  'From: a\r\n',
  '',
  'From: a\n\nbody',
]

async function* pieces(message: string, cut: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < message.length; at += cut) yield encodeAscii(message.slice(at, at + cut))
}

for (const message of MESSAGES) {
  test(`header and body of ${JSON.stringify(message)} are the message, at any cut`, async () => {
    for (const cut of [1, 2, 3, 100]) {
      const { header, body } = expectOk(await readHeader(pieces(message, cut)), 'read')
      let text = Buffer.from(header.octets).toString()
      for await (const chunk of body) text += Buffer.from(chunk).toString()
      assert.equal(text, message)
    }
  })
}

test('a header beyond the limit ends the reading of its source', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield encodeAscii('X: y\r\n')
    } finally {
      ended = true
    }
  }
  const read = await readHeader(endless(), { headerOctets: 1000, fields: 10_000, defects: 10 })
  assert.ok(!read.ok && read.error.kind === 'header-too-long')
  assert.ok(ended)
})

test('what the source throws is thrown where it is read', async () => {
  async function* cut(text: string): AsyncGenerator<Uint8Array> {
    yield encodeAscii(text)
    throw new Error('cut')
  }
  await assert.rejects(readHeader(cut('From: a\r\n')), /cut/)
  const { body } = expectOk(await readHeader(cut('From: a\r\n\r\nbody')), 'read')
  await assert.rejects(async () => {
    for await (const _ of body);
  }, /cut/)
})
