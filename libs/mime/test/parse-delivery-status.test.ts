// RFC 3464 §2, Appendix A; RFC 6533 §3
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseDomainName, parseMailbox } from '@scop/identifiers'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  decodeBody,
  DELIVERY_STATUS_LIMITS,
  formatDeliveryStatus,
  parseDeliveryStatus,
  parseMessage,
  type ReadDeliveryStatus,
  walkParts,
} from '../src/index.ts'

const read = (text: string): ReadDeliveryStatus => parseDeliveryStatus(encodeUtf8(text.replaceAll('\n', '\r\n')))
const kinds = (text: string): readonly string[] => read(text).defects.map(({ kind }) => kind)

const MESSAGE = 'Reporting-MTA: dns; mx.example.org\n'
const RECIPIENT = '\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n'

test('reads a report on two recipients', () => {
  const { recipients, defects, ...message } = read(
    `Original-Envelope-Id: x17\n${MESSAGE}Arrival-Date: Fri, 8 Jul 1994 09:21:25 -0400\n` +
      '\nOriginal-Recipient: rfc822;A@b.example\nFinal-Recipient: RFC822 (so called);\n a@b.example\nAction: Failed\n' +
      'Status: 5.1.1 (no such user)\nRemote-MTA: dns; mail.b.example\nDiagnostic-Code: smtp; 550 <a@b.example>;\n no such user\n' +
      '\n\nFinal-Recipient: utf-8; \\x{E9}\\x{1F600}@b.example\nAction: delayed\nStatus: 4.4.7\n' +
      'Will-Retry-Until: 10 Jul 1994 00:00:00 +0000\nFinal-Log-ID: 4711\n',
  )
  assert.deepEqual(defects, [])
  assert.equal(message.originalEnvelopeId, 'x17')
  assert.deepEqual(message.reportingMta, { type: 'dns', value: 'mx.example.org' })
  assert.equal(message.arrivalDate?.offsetMinutes, -240)
  const [first, second] = recipients
  assert.deepEqual(first?.originalRecipient, { type: 'rfc822', value: 'A@b.example' })
  assert.deepEqual(first?.finalRecipient, { type: 'rfc822', value: 'a@b.example' })
  assert.equal(first?.action, 'failed')
  assert.equal(first?.status, '5.1.1')
  assert.deepEqual(first?.diagnosticCode, { type: 'smtp', value: '550 <a@b.example>; no such user' })
  assert.deepEqual(second?.finalRecipient, { type: 'utf-8', value: '\u00e9\u{1f600}@b.example' })
  assert.equal(second?.willRetryUntil?.epochMilliseconds, Date.UTC(1994, 6, 10))
  assert.equal(second?.finalLogId, '4711')
  assert.equal(recipients.length, 2)
})

const odd: readonly [name: string, text: string, kinds: readonly string[]][] = [
  ['nothing', '', ['no-reporting-mta', 'no-recipient']],
  ['only of the message', MESSAGE, ['no-recipient']],
  ['only of a recipient', RECIPIENT.slice(1), ['no-reporting-mta']],
  ['no type', `Reporting-MTA: mx.example.org\n${RECIPIENT}`, ['bad-typed-value', 'no-reporting-mta']],
  ['no final recipient', `${MESSAGE}\nAction: failed\nStatus: 5.0.0\n`, ['no-final-recipient']],
  ['no action', `${MESSAGE}\nFinal-Recipient: rfc822; a@b.example\nStatus: 5.0.0\n`, ['no-action']],
  ['an unknown action', MESSAGE + RECIPIENT.replace('failed', 'eaten'), ['unknown-action']],
  ['a reply code for a status', MESSAGE + RECIPIENT.replace('5.1.1', '550'), ['bad-status']],
  ['a status of four numbers', MESSAGE + RECIPIENT.replace('5.1.1', '5.1.1.1'), ['bad-status']],
  ['a class that there is not', MESSAGE + RECIPIENT.replace('5.1.1', '3.1.1'), ['bad-status']],
  ['no date', `${MESSAGE}Arrival-Date: soon\n${RECIPIENT}`, ['bad-date']],
  ['all as it should be', MESSAGE + RECIPIENT, []],
]
for (const [name, text, expected] of odd) {
  test(`notes: ${name}`, () => assert.deepEqual(kinds(text), expected))
}

test('what is no escape stays', () => {
  const { recipients } = read(
    `${MESSAGE}\nFinal-Recipient: utf-8; \\x{D800}\\x{110000}\\x{A}\\x{}a\nAction: failed\nStatus: 5.0.0\n`,
  )
  assert.equal(recipients[0]?.finalRecipient?.value, '\\x{D800}\\x{110000}\\x{A}\\x{}a')
})

test('limits: recipients, defects, a group', () => {
  const many = read(MESSAGE + RECIPIENT.repeat(DELIVERY_STATUS_LIMITS.recipients + 2))
  assert.equal(many.recipients.length, DELIVERY_STATUS_LIMITS.recipients)
  assert.deepEqual(
    many.defects.map(({ kind }) => kind),
    ['too-many-recipients'],
  )
  assert.equal(read('\nX: y\n'.repeat(200)).defects.length, DELIVERY_STATUS_LIMITS.defects)
  assert.ok(kinds(`${MESSAGE}X: ${'y'.repeat(300_000)}\n`).includes('group-beyond-limits'))
})

test('reads what is written', () => {
  const domain = expectOk(parseDomainName('mx.example.org'), 'read')
  const mailbox = expectOk(parseMailbox('j\u00fcrg@b.example', { utf8: true }), 'read')
  const message = formatDeliveryStatus({
    from: mailbox,
    fromName: 'Mail',
    to: mailbox,
    subject: 'x',
    messageId: '<a@b>',
    epochMilliseconds: 0,
    reportingMta: domain,
    originalEnvelopeId: 'e',
    recipients: [{ finalRecipient: mailbox, action: 'failed', status: '5.1.1', diagnostic: '550 no; never' }],
    text: 'x',
    originalHeader: encodeUtf8('A: b\r\n'),
    boundary: 'a'.repeat(20),
  })
  const status = statusesIn(message)[0]
  assert.deepEqual(status?.defects, [])
  assert.equal(status?.originalEnvelopeId, 'e')
  assert.deepEqual(status?.recipients[0]?.finalRecipient, { type: 'utf-8', value: 'j\u00fcrg@b.example' })
  assert.deepEqual(status?.recipients[0]?.diagnosticCode, { type: 'smtp', value: '550 no; never' })
})

const vectors = path.join(
  process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url)),
  'mail/dsn',
)
test('reports of real servers', { skip: existsSync(vectors) ? false : 'no vectors' }, (t) => {
  const files = globSync('**/*.eml', { cwd: vectors })
  let statuses = 0
  let recipients = 0
  for (const file of files) {
    for (const status of statusesIn(new Uint8Array(readFileSync(path.join(vectors, file))))) {
      statuses++
      for (const one of status.recipients) {
        recipients++
        assert.ok(one.finalRecipient !== undefined && one.action !== undefined, file)
      }
    }
  }
  t.diagnostic(`${files.length} files, ${statuses} statuses, ${recipients} recipients`)
  assert.ok(statuses > 0 && recipients >= statuses)
})

function statusesIn(message: Uint8Array): readonly ReadDeliveryStatus[] {
  const parts = [...walkParts(parseMessage(message).root)].filter(({ type }) =>
    /^message\/(global-)?delivery-status$/.test(type),
  )
  return parts.map((part) => parseDeliveryStatus(decodeBody(part, message).octets))
}
