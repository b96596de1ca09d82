// Law: message identifiers are read whatever the value; those that can be written read again the same.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import {
  formatMessageIds,
  isOneClickUnsubscribe,
  parseListCommand,
  parseListId,
  parseMessageIds,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '<1234   @   local(blah)  .machine .example> "x" <"a b"@[c]>',
  'Your message of <<a@b',
  '(Use) <mailto:a@b>, <https://c/>, NO',
  '"List" =?utf-8?q?a?= <list.example>',
]

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  parseListCommand(text)
  parseListId(text)
  isOneClickUnsubscribe(text)
  for (const id of parseMessageIds(text).ids) {
    let written: string
    try {
      written = formatMessageIds([id])
    } catch {
      continue // a control character, which no field may hold
    }
    assert.deepEqual(parseMessageIds(written).ids, [id])
  }
}
