// Law: addresses for reports are read or passed over; the list printed and read again is the same.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatReportUris, parseReportUris, reportUriTo } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'mailto:a@b.example',
  'mailto:%22a%2Cb%22@b.example!10m , https://b.example/x,mailto:c@d.example?subject=x',
]

export function fuzz(input: Uint8Array): void {
  const uris = parseReportUris(decodeLatin1(input))
  assert.deepEqual(parseReportUris(formatReportUris(uris)), uris)
  for (const { mailbox } of uris) {
    if (mailbox === undefined) continue
    const uri = reportUriTo(mailbox)
    assert.deepEqual(parseReportUris(uri.uri), [uri])
  }
}
