// Laws: the report of a message in pieces is that of the whole message, wherever it is cut; it is in order of offset, within
// the message, and no longer than its limit.

import assert from 'node:assert/strict'
import { AMBIGUITY_LIMITS, AmbiguityReader, parseMessage, reportAmbiguities } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Content-Type: text/plain\r\nContent-Type: text/html\r\nFrom : a\r\njunk\r\n\r\na\rb\nc\r\n\0',
  'Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n--b\r\n--bb\r\n--b--\r\n--b\r\n',
  'Content-Transfer-Encoding: (a) base64\r\n\r\nQUJD-QQ==QUJD\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n\r\n=XY\r\nbegin 644 a\r\n#86)C\r\n`\r\nend\r\n',
]
export const structure = 'message'

export function fuzz(given: Uint8Array): void {
  const input = new Uint8Array(given) // no Buffer, which is not deeply equal to what is copied
  const whole = reportAmbiguities(parseMessage(input), input)
  assert.ok(whole.length <= AMBIGUITY_LIMITS.ambiguities)
  let last = 0
  for (const { offset } of whole) {
    assert.ok(offset >= last && offset <= input.length)
    last = offset
  }
  const size = 1 + ((input[0] ?? 0) % 7)
  const reader = new AmbiguityReader()
  for (let at = 0; at < input.length; at += size) reader.feed(input.subarray(at, at + size))
  assert.deepEqual(reader.finish().ambiguities, whole)
}
