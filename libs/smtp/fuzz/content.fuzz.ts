// Laws: content read at any cut is the same; content without a fault, stuffed and read again, is the same, and is all
// that comes between; nothing but CRLF "." CRLF ends it.

import assert from 'node:assert/strict'
import { concatOctets } from '@scop/octets'
import { type ContentFault, ContentReader, DotStuffer } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n',
  'a\n.\n\r\n.\r\n',
  'a\r.\r\r\n.\r\n',
  '\r\r\n.\r\n',
  '.\r\n',
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  for (const dotted of [true, false]) {
    const whole = read(input, dotted, input.length)
    for (const size of [1, 2, 3, 7]) assert.deepEqual(read(input, dotted, size), whole)
    if (whole.ended) {
      const used = Buffer.from(input.subarray(0, whole.used))
      assert.ok(used.equals(Buffer.from('.\r\n')) || used.subarray(-5).equals(Buffer.from('\r\n.\r\n')))
    }
    if (whole.fault !== undefined || (dotted && !whole.ended)) continue
    const stuffer = new DotStuffer(LIMITS)
    const [body, end] = [stuffer.stuff(whole.content), stuffer.end()]
    assert.ok(body.ok && end.ok)
    const wire = concatOctets([body.value, end.value])
    assert.deepEqual(read(wire, true, wire.length), { ...whole, used: wire.length, ended: true })
  }
}

type Whole = { content: Uint8Array; used: number; ended: boolean; fault: ContentFault | undefined }

function read(input: Uint8Array, dotted: boolean, size: number): Whole {
  const reader = new ContentReader(dotted, LIMITS)
  const kept: Uint8Array[] = []
  let used = 0
  let ended = false
  while (used < input.length && !ended) {
    const reading = reader.read(input.subarray(used, used + size))
    kept.push(new Uint8Array(reading.content))
    used += reading.used
    ended = reading.ended
  }
  if (!dotted) reader.end()
  const { fault } = reader
  return { content: fault === undefined ? concatOctets([EMPTY, ...kept]) : EMPTY, used, ended, fault }
}

const EMPTY = new Uint8Array(0)
const LIMITS = { textLineOctets: 40, messageOctets: 200 }
