// Return-Path: who sent it, written once, above everything, by whoever stores the message.
// RFC 5321 §4.4 (Return-path), §4.5.5 (null reverse-path)

import { formatMailbox, type Mailbox } from '@scop/identifiers'
import { formatField } from '@scop/mime'
import { expectOk } from '@scop/result'

/** The whole field, with its CRLF. */
export function formatReturnPath(sender: Mailbox | undefined): Uint8Array {
  const path = sender === undefined ? '<>' : `<${formatMailbox(sender)}>`
  return expectOk(formatField('Return-Path', path), 'write Return-Path')
}

/** `stored` without its first field when that is a Return-Path: what travels on does not carry ours. */
export async function* withoutReturnPath(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const chunk of stored) {
    yield first ? chunk.subarray(returnPathOctets(chunk)) : chunk
    first = false
  }
}

function returnPathOctets(octets: Uint8Array): number {
  for (let i = 0; i < NAME.length; i++) if (octets[i] !== NAME.charCodeAt(i)) return 0
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) {
    const next = octets[at + 1]
    if (next !== SPACE && next !== TAB) return at + 1
  }
  return octets.length
}

const NAME = 'Return-Path:'
const TAB = 0x09
const LF = 0x0a
const SPACE = 0x20
