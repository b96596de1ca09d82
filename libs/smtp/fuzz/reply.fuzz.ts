// Laws: replies read at any cut are the same, hold no control characters, and are written and read again the same.

import assert from 'node:assert/strict'
import { encodeAscii, GrowingBuffer } from '@scop/octets'
import { encodeReply, type Reply, ReplyReader } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '220 hi\r\n250-2.1.0 a\r\n250 2.1.0 b\r\n',
  '250\r\n',
  '354 go\r\n550-5.1.1\r\n550 \xff\r\n',
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const whole = read(input, input.length)
  assert.deepEqual(read(input, 1), whole)
  for (const reply of whole.replies) {
    const lines = reply.enhanced === undefined ? reply.lines : reply.lines.map((line) => `${reply.enhanced} ${line}`)
    const text = encodeReply({ ...reply, lines: lines as Reply['lines'] }) // as: an enhanced code and such a line
    assert.match(text, /^(?:[2-5][0-9]{2}[ -][\x20-\x7e]*\r\n)+$/)
    const again = read(encodeAscii(text), text.length)
    if (!text.split('\r\n').some((line) => line.length + 2 > LIMITS.replyLineOctets))
      assert.deepEqual(again, { replies: [reply], error: undefined })
  }
}

function read(
  input: Uint8Array,
  size: number,
): { readonly replies: readonly Reply[]; readonly error: string | undefined } {
  const buffer = new GrowingBuffer()
  const reader = new ReplyReader(LIMITS)
  const replies: Reply[] = []
  for (let at = 0; at < input.length; at += size) {
    buffer.append(input.slice(at, at + size))
    for (;;) {
      const reply = reader.read(buffer)
      if (!reply.ok) return { replies, error: reply.error }
      if (reply.value === undefined) break
      replies.push(reply.value)
    }
  }
  return { replies, error: undefined }
}

const LIMITS = { replyLineOctets: 60, replyLines: 5 }
