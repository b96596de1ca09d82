// Law: whatever octets, mail or archive, they are reports or refused, within the limits.

import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { encodeAscii, encodeBase64 } from '@scop/octets'
import { readReport, readReportMail, REPORT_LIMITS } from '../src/index.ts'
import { unfold } from '../src/node/index.ts'

const xml = `<feedback><report_metadata><date_range><begin>1</begin><end>2</end></date_range></report_metadata><policy_published>
<domain>example.com</domain></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row></record></feedback>`
const gzip = gzipSync(encodeAscii(xml))

export const seeds: readonly (string | Uint8Array)[] = [
  gzip,
  `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r
\r\n${encodeBase64(gzip)}\r\n--b\r\nContent-Type: text/xml\r\n\r\n${xml}\r\n--b--\r\n`,
  'PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0aAPK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0aPK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x20\0\0\0\0\0',
]

const limits = { ...REPORT_LIMITS, reportOctets: 64 * 1024 }

export function fuzz(input: Uint8Array): void {
  for (const read of [readReport(input, unfold, limits), readReportMail(input, unfold, limits)]) {
    if (read.ok) assert.ok(read.value.aggregates.length > 0 || read.value.failure !== undefined)
  }
  const unfolded = unfold(input, limits)
  if (!unfolded.ok) return
  const total = unfolded.value.reduce((sum, { length }) => sum + length, 0)
  assert.ok(total <= Math.max(limits.reportOctets, input.length))
}
