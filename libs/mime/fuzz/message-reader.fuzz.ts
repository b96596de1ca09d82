// Laws: the events of a message do not depend on where it is cut, but that text comes in other pieces; they stand in the
// order of the octets; the fields of every part, and its body and text, are read whatever they are.

import assert from 'node:assert/strict'
import { concatOctets } from '@scop/octets'
import {
  decodeBody,
  decodeBodyText,
  MessageReader,
  parseMessage,
  type PartEvent,
  readPartFields,
  walkParts,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Content-Type: text/plain; charset=utf-7\r\nContent-Transfer-Encoding: base64\r\n\r\nK0FHRS0=\r\n',
  'Content-Type: multipart/mixed; boundary=b\r\n\r\np\r\n--b\r\nContent-Disposition: attachment; filename="a\\"b"\r\n\r\n\r\n--b--\r\n',
]
export const structure = 'message'

export function fuzz(given: Uint8Array): void {
  const input = new Uint8Array(given) // no Buffer, which is not deeply equal to what is copied
  const whole = eventsOf(input, input.length)
  const least = 1 + (input.length >> 11) // joining the pieces again costs the square of their number
  for (const size of [least, least + 4]) assert.deepEqual(eventsOf(input, size), whole)
  let left = 16
  for (const part of walkParts(parseMessage(input).root)) {
    if (left-- === 0) break
    readPartFields(part)
    // A uuencoded line says how long it is, and may leave out the blanks at its end: two octets become up to 63.
    assert.ok(decodeBody(part, input).octets.length <= 32 * input.length)
    assert.ok(decodeBodyText(part, input).text.isWellFormed())
  }
}

function eventsOf(input: Uint8Array, size: number): readonly PartEvent[] {
  const reader = new MessageReader()
  const events: PartEvent[] = []
  const add = (event: PartEvent): void => {
    const last = events.at(-1)
    const continues =
      'octets' in event &&
      last !== undefined &&
      'octets' in last &&
      last.kind === event.kind &&
      event.kind !== 'boundary'
    if (continues)
      events[events.length - 1] = { ...last, octets: concatOctets([last.octets, event.octets]) } as PartEvent // as: the same kind
    else events.push(event)
  }
  for (let at = 0; at < input.length; at += size)
    for (const event of reader.feed(input.slice(at, at + size))) add(event)
  for (const event of reader.finish()) add(event)
  return events
}
