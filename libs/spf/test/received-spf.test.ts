// Nothing of the envelope or of DNS can add to the field.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { decodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { formatReceivedSpf } from '../src/index.ts'
import { check } from './zone.ts'

const receiver = expectOk(parseDomainName('mx.example.org'), 'read')

test('says who, for whom, and which mechanism of which record', async () => {
  const outcome = await check({ 'TXT example.com': ['v=spf1 ip4:192.0.2.1 -all'] })
  const field = decodeAscii(
    formatReceivedSpf(outcome, { receiver, helo: 'mail.example.com', mailFrom: 'a@example.com' }),
  )
  assert.ok(field.ok)
  assert.equal(
    field.value.replace(/\r\n(?=[ \t])/g, ''),
    'Received-SPF: pass (the client may send for the domain) receiver=mx.example.org; client-ip=192.0.2.1; envelope-from="a@example.com"; helo=mail.example.com; identity=mailfrom; mechanism="ip4:192.0.2.1"; x-record=example.com\r\n',
  )
})

test('whatever HELO and the sender are, it is one field', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (helo, sender) => {
      const outcome = await check({}, { helo, sender })
      const field = decodeAscii(formatReceivedSpf(outcome, { receiver, helo, mailFrom: sender }))
      assert.ok(field.ok)
      assert.ok(!/\r\n(?![ \t]|$)/.test(field.value), field.value)
      assert.equal(field.value.match(/receiver=mx\.example\.org; /g)?.length, 1)
    }),
  )
})
