import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeMboxMessage, formatMboxSeparator } from '../src/mbox.ts'

const MESSAGES: readonly (readonly [string, string, string])[] = [
  ['a message', 'Subject: x\r\n\r\nHello.\r\n', 'Subject: x\n\nHello.\n\n'],
  ['a line that begins like a separator', 'A: b\r\n\r\nFrom here\r\n', 'A: b\n\n>From here\n\n'],
  ['one that was quoted before', 'A: b\r\n\r\n>>From here\r\n', 'A: b\n\n>>>From here\n\n'],
  ['From after a lone CR, which ends no line', 'A: b\r\n\r\nx\rFrom y\r\n', 'A: b\n\nx\rFrom y\n\n'],
  ['From within a line', 'A: b\r\n\r\nnot From here\r\n', 'A: b\n\nnot From here\n\n'],
  ['no line end at the end', 'A: b\r\n\r\nend', 'A: b\n\nend\n\n'],
]
for (const [name, message, written] of MESSAGES) {
  test(`writes ${name}`, () => assert.equal(encodeMboxMessage(Buffer.from(message)).toString(), written))
}

test('keeps octets above 127 as they are', () => {
  const octets = Uint8Array.from([0x41, 0xff, 0x80, 0x0d, 0x0a])
  assert.deepEqual([...encodeMboxMessage(octets)], [0x41, 0xff, 0x80, 0x0a, 0x0a])
})

const SENDERS: readonly (readonly [string, string])[] = [
  ['alice@one.example', 'From alice@one.example Thu Jan  1 00:00:00 1970\n'],
  ['', 'From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n'],
  ['"two words"@one.example', 'From "two_words"@one.example Thu Jan  1 00:00:00 1970\n'],
  ['a\nFrom b@c', 'From a_From_b@c Thu Jan  1 00:00:00 1970\n'],
]
for (const [sender, line] of SENDERS) {
  test(`separates with the sender ${JSON.stringify(sender)}`, () => assert.equal(formatMboxSeparator(sender, 0), line))
}
