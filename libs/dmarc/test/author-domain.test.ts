// RFC 9989 §5.3.1, §11.5; RFC 6854; RFC 2047 §5 (3)
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHeaderSection } from '@scop/mime'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { DMARC_LIMITS, findAuthorDomain } from '../src/index.ts'

const find = (...fields: readonly string[]) =>
  findAuthorDomain(expectOk(parseHeaderSection(encodeUtf8(`${fields.join('\r\n')}\r\n\r\n`)), 'read').header)

test('finds the one domain', () => {
  for (const [value, domain, mailboxes = 1] of [
    ['sender@example.com', 'example.com'],
    ['Sender <sender@Mail.EXAMPLE.com>', 'mail.example.com'],
    ['"ceo@bank.example" <sender@example.com>', 'example.com'],
    ['=?utf-8?q?ceo=40bank=2Eexample?= <sender@example.com>', 'example.com'],
    ['sender@example.com (not@example.net)', 'example.com'],
    ['a@example.com, B <b@EXAMPLE.COM>', 'example.com', 2],
    ['sender@bücher.example', 'xn--bcher-kva.example'],
    ['sender@xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['sender@example\uff0ecom', 'example.com'],
    ['sender@example\u3002com', 'example.com'],
    ['sender@ＥＸＡＭＰＬＥ.com', 'example.com'],
    ['a@bücher.example, b@xn--bcher-kva.example', 'xn--bcher-kva.example', 2],
    ['sender\r\n @\r\n example.com', 'example.com'],
  ] as const) {
    assert.deepEqual(find(`From: ${value}`), { ok: true, value: { domain, mailboxes } }, value)
  }
  assert.equal(find('fROM : a@example.com', 'Sender: b@example.net').ok, true)
})

test('refuses what has no one author, each for its own reason', () => {
  for (const [fields, kind, domains] of [
    [['To: a@example.com'], 'no-from', undefined],
    [['From: a@example.com', 'From: b@example.net'], 'several-from-fields', ['example.com', 'example.net']],
    [['From: a@example.com', 'from: a@example.com'], 'several-from-fields', ['example.com']],
    [['From: a@example.com', 'From : <>'], 'several-from-fields', ['example.com']],
    [['From:'], 'no-mailbox', undefined],
    [['From: <>'], 'no-mailbox', undefined],
    [['From: undisclosed:;'], 'no-mailbox', undefined],
    [['From: (only) (comments)'], 'no-mailbox', undefined],
    [['From: Team: a@example.com;'], 'group', ['example.com']],
    [['From: Team: a@example.com, b@example.net;'], 'group', ['example.com', 'example.net']],
    [['From: =?utf-8?q?a=40example=2Ecom?='], 'encoded-word-in-address', []],
    [['From: =?utf-8?q?a?=@example.com'], 'encoded-word-in-address', ['example.com']],
    [['From: <=?utf-8?b?YQ==?=@example.com>'], 'encoded-word-in-address', ['example.com']],
    [['From: a@=?utf-8?q?example=2Ecom?='], 'encoded-word-in-address', []],
    [['From: <@example.net,@example.org:a@example.com>'], 'source-route', ['example.com']],
    [['From: a@[192.0.2.1]'], 'address-literal', undefined],
    [['From: a@[IPv6:2001:db8::1]'], 'address-literal', undefined],
    [[`From: a@${'x'.repeat(64)}.example`], 'bad-mailbox', undefined],
    [['From: a@127.0.0.1'], 'bad-mailbox', undefined],
    [['From: a@xn--a.example\u200e'], 'bad-mailbox', undefined],
    [['From: a@example.com, b@example.net'], 'several-domains', ['example.com', 'example.net']],
    [['From: a@example.com, b@mail.example.com'], 'several-domains', ['example.com', 'mail.example.com']],
    [['From: a@example.com <b@example.net>'], 'unreadable', undefined],
    [['From: <a@example.com> <b@example.net>'], 'unreadable', undefined],
    [['From: a@example.com@example.net'], 'unreadable', undefined],
    [['From: a@example.com\0@example.net'], 'unreadable', undefined],
    [['From: a@example .com'], 'unreadable', undefined],
    [['From: nobody'], 'unreadable', undefined],
  ] as const) {
    const found = find(...fields)
    assert.equal(found.ok ? found.value.domain : found.error.kind, kind, fields.join(' | '))
    if (!found.ok && 'domains' in found.error) assert.deepEqual(found.error.domains, domains, fields.join(' | '))
  }
})

test('names no more domains than the limit', () => {
  const many = Array.from({ length: 30 }, (_, n) => `a@d${n}.example`)
  for (const found of [find(`From: ${many.join(', ')}`), find(...many.map((one) => `From: ${one}`))]) {
    assert.ok(!found.ok && 'domains' in found.error)
    assert.equal(found.error.domains.length, DMARC_LIMITS.authorDomains)
  }
})
