// Law: a mail is a failure report or refused; its fields, written and read again, are the same.

import assert from 'node:assert/strict'
import { concatOctets, encodeAscii } from '@scop/octets'
import { formatFeedback, parseFailureReport } from '../src/index.ts'

const mail = (feedback: string): string => `Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r
Content-Type: message/feedback-report\r\n\r\n${feedback}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: a@b.example\r\n--b--\r\n`

export const seeds: readonly (string | Uint8Array)[] = [
  mail(`Feedback-Type: auth-failure\r\nVersion: 1\r\nUser-Agent: x/1\r\nAuth-Failure: dmarc\r\nIdentity-Alignment: dkim, spf\r
Source-IP: 192.0.2.1\r\nSource-Port: 25\r\nReported-Domain: example.com\r\nArrival-Date: Fri, 28 Sep 2018 16:48:42 +0800\r
Original-Rcpt-To: a@b.example\r\nAuthentication-Results: x;\r\n dmarc=fail\r\nIncidents: 7\r\n`),
  `Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nSender Domain: example.com
Sender IP Address: 192.0.2.1\nSPF Alignment: no\n\n------ This is a copy of the headers that were received\n\nFrom: a@b\n--b--\n`,
  mail('Feedback-Type: abuse\r\n'),
]

export function fuzz(input: Uint8Array): void {
  const parsed = parseFailureReport(input)
  if (!parsed.ok) return
  const feedback = formatFeedback(parsed.value.report)
  if (!feedback.ok) return
  const head = encodeAscii('Content-Type: message/feedback-report\r\n\r\n')
  const again = parseFailureReport(concatOctets([head, feedback.value]))
  assert.ok(again.ok)
  assert.deepEqual(again.value.report, parsed.value.report)
}
