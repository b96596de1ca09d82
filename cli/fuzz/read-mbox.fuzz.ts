// Laws: any cut gives the same messages, and none is longer than the file; what is written as an mbox is read as it was.

import assert from 'node:assert/strict'
import { concatOctets, encodeAscii, equalOctets } from '@scop/octets'
import { encodeMboxMessage, formatMboxSeparator } from '../src/mbox.ts'
import { MBOX_LIMITS, type MboxMessage, MboxReader, readMbox, startsMbox } from '../src/read-mbox.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'From a@one.example Thu Jan  1 00:00:00 1970\nA: b\n\n>From here\n\nFrom - Fri Jan  2 00:00:00 +0000 1970\r\nB: c\r\n\r\n',
  'A: b\n\nFrom here on\n>>From\n\n\nFrom x Sat Jan  3 00:00 1970',
]
export const structure = 'message'

const SEPARATOR = encodeAscii(formatMboxSeparator('a@one.example', 0))

export function fuzz(given: Uint8Array): void {
  const input = new Uint8Array(given)
  for (const limits of [MBOX_LIMITS, SMALL]) {
    const whole = readMbox(input, limits)
    const reader = new MboxReader(limits)
    const step = 1 + ((input[0] ?? 0) % 7)
    const cut: MboxMessage[] = []
    for (let at = 0; at < input.length; at += step) cut.push(...reader.feed(input.subarray(at, at + step)))
    assert.deepEqual([...cut, ...reader.finish()], whole)
    assert.ok(whole.reduce((sum, { octets }) => sum + octets, 0) <= input.length)
  }
  startsMbox(input)
  const written = encodeMboxMessage(input)
  const read = readMbox(concatOctets([SEPARATOR, written, SEPARATOR, written]))
  const lines = Buffer.from(input).toString('latin1').replaceAll('\r\n', '\n')
  // Quotes deeper than the limit stay, as any other text does.
  if (lines.includes('>'.repeat(MBOX_LIMITS.quotes))) return
  const expected = Buffer.from(lines.endsWith('\n') ? lines : `${lines}\n`, 'latin1')
  assert.equal(read.length, 2)
  for (const { message } of read) assert.ok(message !== undefined && equalOctets(message, expected))
}

const SMALL = { messageOctets: 20, separatorOctets: 50, quotes: 2 }
