// Law: From has one author domain or a reason why not; the domain is in A-labels, and written alone it is found again.

import assert from 'node:assert/strict'
import { parseHeaderSection } from '@scop/mime'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { findAuthorDomain } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'From: Sender <sender@example.com>\r\n\r\n',
  'From: a@example.com, "b" <b@b\u00fccher.example>\r\nFrom: Team: c@example\uff0ecom;\r\n\r\n',
  'From: =?utf-8?q?a?= <@a,@b:c@[192.0.2.1]>\r\n\r\n',
]

export function fuzz(input: Uint8Array): void {
  const parsed = parseHeaderSection(input)
  if (!parsed.ok) return
  const found = findAuthorDomain(parsed.value.header)
  if (!found.ok) return
  const { domain } = found.value
  const alone = expectOk(parseHeaderSection(encodeAscii(`From: a@${domain}\r\n\r\n`)), 'read')
  assert.deepEqual(findAuthorDomain(alone.header), { ok: true, value: { domain, mailboxes: 1 } })
}
