// RFC 3464, RFC 6522
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName, parseMailbox } from '@scop/identifiers'
import { decodeLatin1, decodeUtf8, encodeLatin1, encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { type DeliveryReport, formatDeliveryStatus, parseHeaderSection, TransportFactsReader } from '../src/index.ts'

const mailbox = (text: string) => expectOk(parseMailbox(text, { utf8: true }), 'read')
const report: DeliveryReport = {
  from: mailbox('postmaster@example.org'),
  fromName: 'Mail Delivery System',
  to: mailbox('alice@example.org'),
  subject: 'Undelivered Mail Returned to Sender',
  messageId: '<1@example.org>',
  epochMilliseconds: 0,
  reportingMta: expectOk(parseDomainName('mx.example.org'), 'read'),
  arrivalEpochMilliseconds: 0,
  originalEnvelopeId: 'QQ314159',
  recipients: [
    {
      finalRecipient: mailbox('bob@example.com'),
      originalRecipient: 'rfc822;bob@example.com',
      action: 'failed',
      status: '5.1.1',
      remoteMta: expectOk(parseDomainName('mx.example.com'), 'read'),
      diagnostic: '550 5.1.1 no such\r\nuser',
      lastAttemptEpochMilliseconds: 0,
    },
    {
      finalRecipient: mailbox('ü+@example.com'),
      action: 'delayed',
      status: '4.4.1',
      willRetryUntilEpochMilliseconds: 60000,
    },
  ],
  text: 'Sorry.\nIt failed.\n',
  originalHeader: encodeLatin1('Subject: hi\r\nFrom: alice@example.org\r\n\r\n'),
  boundary: 'abcdefghijklmnop',
}

test('writes a report of three parts', () => {
  const text = decodeLatin1(formatDeliveryStatus(report))
  assert.match(text, /^From: "Mail Delivery System" <postmaster@example\.org>\r\n/)
  assert.match(text, /\r\nAuto-Submitted: auto-replied\r\n/)
  const parts = text.split('--abcdefghijklmnop')
  assert.equal(parts.length, 5)
  assert.equal(
    parts[2],
    '\r\nContent-Type: message/delivery-status\r\n\r\n' +
      'Original-Envelope-Id: QQ314159\r\nReporting-MTA: dns; mx.example.org\r\n' +
      'Arrival-Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n' +
      'Original-Recipient: rfc822;bob@example.com\r\nFinal-Recipient: rfc822; bob@example.com\r\nAction: failed\r\n' +
      'Status: 5.1.1\r\nRemote-MTA: dns; mx.example.com\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n' +
      'Last-Attempt-Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n' +
      'Final-Recipient: utf-8; \\x{FC}\\x{2B}@example.com\r\nAction: delayed\r\nStatus: 4.4.1\r\n' +
      'Will-Retry-Until: Thu, 1 Jan 1970 00:01:00 +0000\r\n\r\n',
  )
  assert.match(
    parts[3] ?? '',
    /text\/rfc822-headers\r\nContent-Transfer-Encoding: 7bit\r\n\r\nSubject: hi\r\nFrom: alice@example\.org\r\n\r\n$/,
  )
})

test('the boundary never occurs in the content', () => {
  const text = decodeLatin1(formatDeliveryStatus({ ...report, text: '--abcdefghijklmnop--\nabcdefghijklmnop-0' }))
  assert.match(text, /boundary="abcdefghijklmnop-1"/)
})

test('refuses our own mistakes', () => {
  assert.throws(() => formatDeliveryStatus({ ...report, boundary: 'short' }))
  assert.throws(() => formatDeliveryStatus({ ...report, boundary: 'abcdefghijklmnop"x' }))
  assert.throws(() => formatDeliveryStatus({ ...report, recipients: [] }))
})

test('whatever the world said, SMTP can carry the report', () => {
  const nasty = fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\r',
        '\n',
        '\0',
        '"',
        '\\',
        'ä',
        '😀',
        '\ud83d',
        ' ',
        'word',
        '€'.repeat(500),
        '"'.repeat(700),
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(nasty, nasty, (foreign, other) => {
      const [recipient] = report.recipients
      assert.ok(recipient !== undefined)
      const octets = formatDeliveryStatus({
        ...report,
        subject: foreign,
        fromName: other,
        text: foreign,
        recipients: [{ ...recipient, diagnostic: foreign, originalRecipient: other }],
        originalHeader: encodeUtf8(`Subject: ${other}\r\n\r\n`),
      })
      const reader = new TransportFactsReader()
      reader.feed(octets)
      const { bareCr, bareLf, nul, longestLineOctets, endsWithCrlf } = reader.facts
      assert.deepEqual([bareCr, bareLf, nul, endsWithCrlf], [false, false, false, true])
      assert.ok(longestLineOctets <= 998, String(longestLineOctets))
      assert.ok(decodeUtf8(octets).ok)
      const { header } = expectOk(parseHeaderSection(octets), 'read')
      assert.deepEqual(header.defects, [])
      assert.equal(header.fields.length, 9)
    }),
  )
})
