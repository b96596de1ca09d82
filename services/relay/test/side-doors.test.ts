// Names and addresses of others that lead back to this machine by a side door: nothing is sent there.
// RFC 4291 §2.5.2 (unspecified), §2.5.5.2 (IPv4-mapped)

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName, parseIpAddress, parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { findReceivers, type MailNames } from '../src/receivers.ts'

const rules = {
  hostname: expectOk(parseDomainName('mx.one.example'), 'parse'),
  ownAddresses: [expectOk(parseIpAddress('192.0.2.77'), 'parse')],
  allowLoopback: false,
  hosts: 5,
  addressesPerHost: 4,
}

for (const text of ['127.0.0.1', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1', '::ffff:0.0.0.0', '::ffff:192.0.2.77']) {
  test(`${text}, as the address of a mail host and in a recipient`, async () => {
    const address = expectOk(parseIpAddress(text), 'parse')
    const exchange = expectOk(parseDomainName('mx.evil.example'), 'parse')
    const security = 'insecure'
    const names: MailNames = {
      mx: async () => ({ kind: 'answer', value: { kind: 'mx', exchanges: [{ preference: 1, exchange }] }, security }),
      addresses: async () => ({ kind: 'answer', value: [address], security }),
    }
    const literal = text.includes(':') ? `[IPv6:${text}]` : `[${text}]`
    for (const domain of ['evil.example', literal]) {
      const found = await findReceivers(expectOk(parseMailbox(`a@${domain}`), 'parse').domain, names, '', rules)
      assert.deepEqual(found.ok ? found.value : found.error.status, '5.4.6', domain)
    }
  })
}
