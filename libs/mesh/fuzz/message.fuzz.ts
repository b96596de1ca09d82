// Laws of the message reader: it answers; any cut gives the same events; accepted, written and read again, it is the same.

import assert from 'node:assert/strict'
import { concatOctets, encodeUtf8 } from '@scop/octets'
import { encodeFrame, type MessageEvent, MessageReader } from '../src/index.ts'

const LIMITS = { headOctets: 4096, tailOctets: 4096, frameOctets: 65_536, messageOctets: 1_000_000 }
const json = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value))

export const seeds: readonly (string | Uint8Array)[] = [
  concatOctets([encodeFrame('head', json({ trace: 'a', request: {} })), encodeFrame('tail', json(null))]),
  concatOctets([
    encodeFrame('head', json([1])),
    encodeFrame('octets', encodeFrame('tail', json(null))),
    encodeFrame('octets', new Uint8Array(300)),
    encodeFrame('tail', json({ above: 'eA==' })),
  ]),
  encodeFrame('refusal', json({ kind: 'x', message: 'y' })),
  encodeFrame('octets', new Uint8Array(3)),
  '\u0001\u0000\u0000\u0000\u0002{}\u0003\u0000\u0000\u0000\u0004null',
]

export function fuzz(input: Uint8Array): void {
  const whole = read([input])
  const step = 1 + (input.length % 7)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < input.length; at += step) pieces.push(input.subarray(at, at + step))
  assert.deepEqual(read(pieces), whole)
  if (whole.end !== undefined || whole.events.some((event) => event.kind === 'broken')) return
  const again: Uint8Array[] = []
  for (const event of whole.events) {
    if (event.kind === 'broken') continue
    again.push(encodeFrame(event.kind, event.kind === 'octets' ? event.octets : json(event.value)))
  }
  const { events, end } = read(again)
  assert.deepEqual({ events: events.map(plain), end }, { events: whole.events.map(plain), end: undefined })
}

/** JSON's -0 is written as 0. */
const plain = (event: MessageEvent): unknown =>
  event.kind === 'octets' || event.kind === 'broken' ? event : { kind: event.kind, value: JSON.stringify(event.value) }

function read(pieces: readonly Uint8Array[]): { events: MessageEvent[]; end: unknown } {
  const reader = new MessageReader(LIMITS, true)
  const events: MessageEvent[] = []
  for (const piece of pieces) {
    for (const event of reader.read(piece)) {
      const last = events.at(-1)
      if (event.kind === 'octets' && last?.kind === 'octets') {
        events[events.length - 1] = { kind: 'octets', octets: concatOctets([last.octets, event.octets]) }
      } else events.push(event)
    }
  }
  return { events, end: reader.end() }
}
