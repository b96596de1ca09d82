// Laws: it answers; no more recipients and defects than the limits; every offset lies within; a group once more is read as the first.

import assert from 'node:assert/strict'
import { concatOctets, encodeAscii } from '@scop/octets'
import { DELIVERY_STATUS_LIMITS, parseDeliveryStatus } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Reporting-MTA: dns; a.example\r\nArrival-Date: 1 Jan 2020 00:00:00 +0000\r\n\r\nFinal-Recipient: rfc822;a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n',
  'Final-Recipient: utf-8; \\x{E9}@b.example\nAction: x\nStatus: 9\nDiagnostic-Code: smtp; 550\n no\n\n\nOriginal-Recipient: x',
]
export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  const read = parseDeliveryStatus(input)
  assert.ok(read.recipients.length <= DELIVERY_STATUS_LIMITS.recipients + 1)
  assert.ok(read.defects.length <= DELIVERY_STATUS_LIMITS.defects)
  for (const { offset } of read.defects) assert.ok(offset >= 0 && offset <= input.length)
  if (read.recipients.length === 0 || read.defects.some(({ kind }) => kind === 'group-beyond-limits')) return
  const more = parseDeliveryStatus(concatOctets([input, encodeAscii('\r\n\r\nFinal-Recipient: rfc822; last\r\n')]))
  assert.deepEqual(more.recipients.slice(0, read.recipients.length - 1), read.recipients.slice(0, -1))
}
