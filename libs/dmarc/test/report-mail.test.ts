// RFC 9990 §3.5.2, §4; RFC 9991 §4; RFC 6591 §3
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { parseMessage, walkParts } from '@scop/mime'
import { decodeLatin1, encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  type DestinationVerdict,
  type FailureReport,
  formatAggregateReport,
  formatFailureMail,
  formatReportMail,
  parseAggregateReport,
  parseFailureReport,
  parseReportUris,
  readReportMail,
  verifyDestination,
} from '../src/index.ts'
import { fold, unfold } from '../src/node/index.ts'
import { name } from './proofs.ts'
import { answer, type Zone } from './zone.ts'

const mailbox = (text: string) => expectOk(parseMailbox(text), text)
const frame = {
  from: mailbox('dmarc@receiver.example'),
  to: mailbox('reports@example.com'),
  nowMilliseconds: 1_700_000_000_000,
  messageId: '<1@receiver.example>',
  random: new Uint8Array(16).fill(7),
}
const XML = `<feedback><report_metadata><org_name>R</org_name><email>a@r.example</email><report_id>7.x@receiver.example</report_id>
<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published><domain>example.com</domain>
<p>reject</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>41</count></row><identifiers>
<header_from>example.com</header_from></identifiers></record></feedback>`

test('a mail with an aggregate report reads back the same', () => {
  const { report } = expectOk(parseAggregateReport(encodeAscii(XML)), 'read')
  const ours = { ...report, policy: { ...report.policy, domain: name('example.com') } }
  const mail = formatReportMail(ours, { ...frame, receiver: name('receiver.example'), fold })
  const text = decodeLatin1(mail)
  assert.match(
    text,
    /^Subject: Report Domain: example\.com Submitter: receiver\.example Report-ID:\s+<7\.x@receiver\.example>\r$/m,
  )
  assert.match(text, /receiver\.example!example\.com!1700000000!1700086399\.xml\.gz/)
  assert.ok(text.split('\r\n').every((line) => line.length <= 78))
  assert.ok(!/[^\r]\n/.test(text))
  const tree = parseMessage(mail)
  assert.deepEqual(tree.defects, [])
  assert.deepEqual(
    [...walkParts(tree.root)].map(({ type }) => type),
    ['multipart/mixed', 'text/plain', 'application/gzip'],
  )
  const read = expectOk(readReportMail(mail, unfold), 'read')
  assert.deepEqual(
    read.aggregates.map((one) => one.report),
    [report],
  )
  assert.throws(() =>
    formatReportMail({ ...ours, reportId: 'x\r\nBcc: a@b' }, { ...frame, receiver: name('r.example'), fold }),
  )
  assert.throws(() =>
    formatReportMail(ours, { ...frame, random: new Uint8Array(8), receiver: name('r.example'), fold }),
  )
  assert.ok(formatAggregateReport(report).length > 0)
})

const failure: FailureReport = {
  version: '1',
  userAgent: 'scop/1',
  authFailure: 'dmarc',
  identityAlignment: ['dkim'],
  reportedDomains: ['consumer.example'],
  sourceIp: undefined,
  sourcePort: 12345,
  originalMailFrom: 'author=gen.example@forwarder.example',
  originalRcptTo: [],
  originalEnvelopeId: '65E1A3F0A0',
  arrivalSeconds: 1_658_210_268,
  deliveryResult: 'reject',
  authenticationResults: ['gen.example; dmarc=fail header.from=consumer.example'],
  dkimDomain: 'consumer.example',
  dkimIdentity: '@consumer.example',
  dkimSelector: 'epsilon',
  spfDns: [],
  incidents: 2,
}

test('a failure report reads back the same, and has no body of the message', () => {
  const header = encodeAscii('From: a@consumer.example\r\nSubject: hi\r\n')
  const options = { ...frame, receiver: name('gen.example'), report: failure, header }
  const mail = expectOk(formatFailureMail(options), 'write')
  const read = expectOk(parseFailureReport(mail), 'read')
  assert.deepEqual(read.report, failure)
  assert.equal(read.originalIs, 'header')
  assert.deepEqual(read.original && decodeLatin1(read.original), decodeLatin1(header))
  assert.equal(expectOk(readReportMail(mail, unfold), 'read').failure?.report.dkimSelector, 'epsilon')
  const none = expectOk(
    formatFailureMail({ ...options, header: undefined, report: { ...failure, identityAlignment: [] } }),
    'write',
  )
  assert.deepEqual(expectOk(parseFailureReport(none), 'read').report.identityAlignment, [])
  const injected = formatFailureMail({ ...options, report: { ...failure, originalMailFrom: 'a\r\nBcc: x' } })
  assert.deepEqual(injected, { ok: false, error: { kind: 'bad-field', name: 'Original-Mail-From' } })
})

test('refuses mails that are no failure report', () => {
  const kind = (text: string) => {
    const read = parseFailureReport(encodeAscii(text))
    return read.ok ? 'read' : read.error.kind
  }
  const feedback = (fields: string) => `Content-Type: message/feedback-report\r\n\r\n${fields}`
  assert.equal(kind(feedback('Feedback-Type: auth-failure\r\n')), 'read')
  assert.equal(kind(feedback('Feedback-Type: AUTH-Failure')), 'read')
  const source = (text: string) =>
    expectOk(parseFailureReport(encodeAscii(feedback(`Feedback-Type: auth-failure\r\nSource-IP: ${text}`))), text)
      .report.sourceIp
  assert.deepEqual(['192.0.2.1', '192.0.2.1 (host.example)', '[2001:DB8::1]', 'host.example'].map(source), [
    '192.0.2.1',
    '192.0.2.1',
    '2001:db8::1',
    undefined,
  ])
  assert.equal(kind(feedback('Feedback-Type: abuse\r\n')), 'other-feedback')
  assert.equal(kind(feedback('')), 'bad-feedback-part')
  assert.equal(kind('From: a@b.example\r\n\r\nhello'), 'not-a-failure-report')
  assert.equal(kind(''), 'not-a-failure-report')
})

function verify(uri: string, zone: Zone, tag: 'rua' | 'ruf' = 'rua'): { verdict: string; asked: readonly string[] } {
  const [parsed] = parseReportUris(uri)
  assert.ok(parsed !== undefined)
  const verification = verifyDestination({ policyDomain: name('blue.example.com'), uri: parsed, tag })
  const asked: string[] = []
  let step = verification.next([])
  while (step.done !== true) {
    asked.push(...step.value.map((question) => question.name))
    step = verification.next(step.value.map((question) => answer(zone, question)))
  }
  return { verdict: wordsOf(step.value), asked }
}

function wordsOf(verdict: DestinationVerdict): string {
  if (verdict.kind === 'refused') return verdict.reason
  if (verdict.kind === 'temporary-failure') return verdict.kind
  return verdict.mailboxes
    .map(({ localPart, domain }) => `${localPart}@${typeof domain === 'string' ? domain : '[]'}`)
    .join(' ')
}

test('reports go elsewhere only where they are wanted', () => {
  const org = { 'example.com': 'v=DMARC1; p=none' }
  const at = 'blue.example.com._report._dmarc.red.example.net'
  const red = 'mailto:r@red.example.net'
  for (const [uri, records, expected] of [
    ['mailto:r@blue.example.com', {}, 'r@blue.example.com'],
    ['mailto:r@example.com', org, 'r@example.com'],
    ['mailto:r@other.example.com', org, 'r@other.example.com'],
    ['mailto:r@other.example.com', {}, 'not-wanted'],
    [red, {}, 'not-wanted'],
    [red, { [at]: 'v=DMARC1' }, 'r@red.example.net'],
    [red, { [at]: 'v=DMARC1;' }, 'r@red.example.net'],
    [red, { [at]: ['v=spf1', 'v=DMARC1', 'v=DMARC1; p=none'] }, 'r@red.example.net'],
    [red, { [at]: 'v=spf1 -all' }, 'not-wanted'],
    [red, { [at]: 'v=DMARC1; rua=mailto:new@red.example.net' }, 'new@red.example.net'],
    [red, { [at]: 'v=DMARC1; ruf=mailto:new@red.example.net' }, 'r@red.example.net'],
    [red, { [at]: 'v=DMARC1; rua=mailto:new@victim.example' }, 'override-elsewhere'],
    [red, { [at]: 'v=DMARC1; rua=mailto:new@red.example.net,mailto:new@victim.example' }, 'override-elsewhere'],
    ['https://red.example.net/x', {}, 'no-mailto'],
    ['mailto:r@[192.0.2.1]', {}, 'address-literal'],
    [`mailto:r@${'x.'.repeat(110)}red.example.net`, {}, 'name-too-long'],
  ] as const)
    assert.equal(verify(uri, { records }).verdict, expected, `${uri} ${JSON.stringify(records)}`)
  assert.equal(
    verify(red, { records: { [at]: 'v=DMARC1; ruf=mailto:f@red.example.net' } }, 'ruf').verdict,
    'f@red.example.net',
  )
  assert.equal(verify(red, { down: [at] }).verdict, 'temporary-failure')
  assert.equal(verify('mailto:r@example.com', { down: ['example.com'] }).verdict, 'temporary-failure')
  assert.deepEqual(verify(red, {}).asked, [at])
  assert.deepEqual(verify('mailto:r@blue.example.com', {}).asked, [])
})
