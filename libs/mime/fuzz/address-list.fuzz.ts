// Laws: an address list is read or refused, and its mailboxes written alone read again the same.

import assert from 'node:assert/strict'
import { formatMailbox } from '@scop/identifiers'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import { mailboxesOf, parseAddressList } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'John Doe <jdoe@machine.example>, "a \\" b" <c@d.test>',
  'A Group:Ed Jones <c@a.test>,joe@where.test;, <@a.test,@b.test:c@d.test>',
  'Pete(A nice \\) chap) <pete(his account)@[IPv6:::1](his host)>',
]

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  const text = decodeUtf8(input)
  const list = parseAddressList(text.ok ? text.value : decodeLatin1(input))
  if (!list.ok) return
  for (const { mailbox } of mailboxesOf(list.value)) {
    const again = parseAddressList(`<${formatMailbox(mailbox)}>`)
    assert.ok(again.ok, formatMailbox(mailbox))
    assert.deepEqual(again.value, [{ kind: 'mailbox', displayName: undefined, mailbox }])
  }
}
