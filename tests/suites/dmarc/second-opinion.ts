// A second opinion of a report, by other means than the library's: what its numbers are, and whether a refusal is earned.
// Text is searched, not parsed; gzip is the runtime's own.

import { gunzipSync } from 'node:zlib'
import type { AggregateReport, ReadReportError } from '@scop/dmarc'
import { messageCount } from '@scop/dmarc'

/** Where the library's numbers and those that stand in the text differ. Rests on no structure. */
export function numbersDiffer(report: AggregateReport, xml: string): readonly string[] {
  const text = withoutNotes(xml)
  const counts = numbersIn(text, 'count')
  const differences: string[] = []
  const compare = (what: string, ours: number, theirs: number): void => {
    if (ours !== theirs) differences.push(`${what}: ${ours}, in the text ${theirs}`)
  }
  compare('records', report.records.length, [...text.matchAll(/<(?:\w+:)?record[\s>]/g)].length)
  compare(
    'messages',
    messageCount(report),
    counts.reduce((sum, one) => sum + one, 0),
  )
  compare('begin', report.beginSeconds, numbersIn(text, 'begin')[0] ?? -1)
  compare('end', report.endSeconds, numbersIn(text, 'end')[0] ?? -1)
  const sources = [...text.matchAll(/<(?:\w+:)?source_ip>\s*([^<\s]*)\s*</g)].map(([, address = '']) => address)
  report.records.forEach(({ sourceIp }, n) => {
    if (sourceIp !== undefined && canonical(sources[n] ?? '') !== canonical(sourceIp))
      differences.push(`record ${n}: ${sourceIp}, in the text ${sources[n]}`)
  })
  return differences
}

/** Why a refusal is wrong; undefined where the file is as the refusal says. */
export function objection(error: ReadReportError, octets: Uint8Array): string | undefined {
  const text = Buffer.from(octets).toString('latin1')
  switch (error.kind) {
    case 'empty':
      return text.trim() === '' ? undefined : 'it is not empty'
    case 'not-well-formed':
      return isBalanced(text) ? `every tag is closed (${error.why} at ${error.at})` : undefined
    case 'not-a-dmarc-report':
      return /<(?:\w+:)?feedback[\s>]/.test(text) ? 'it has a feedback element' : undefined
    case 'bad-count':
      return everyRecordCounts(text) ? 'every record has a count' : undefined
    case 'no-date-range':
      return numbersIn(text, 'begin').length > 0 && numbersIn(text, 'end').length > 0 ? 'it has a period' : undefined
    case 'no-policy-domain':
      return /<(?:\w+:)?policy_published>\s*<(?:\w+:)?domain>[^<\s]/.test(text) ? 'it has a domain' : undefined
    case 'bad-gzip':
      return isGzip(octets) ? 'gunzip reads it' : undefined
    case 'tls-report':
      return /organization-name|application\/tlsrpt/i.test(text) ? undefined : 'it is about nothing of TLS'
    case 'no-report-in-mail':
      return /\.xml|feedback-report|<feedback/i.test(text)
        ? 'something is attached that looks like a report'
        : undefined
    case 'other-feedback':
      return /^Feedback-Type:\s*auth-failure/im.test(text) ? 'it is about an authentication failure' : undefined
    case 'bad-feedback-part':
      return /^Feedback-Type:\s*\S/im.test(text) ? 'it names its type' : undefined
    default:
      return undefined // a limit, an archive that cannot be read, or no document at all
  }
}

function numbersIn(text: string, name: string): readonly number[] {
  const found = text.matchAll(new RegExp(`<(?:\\w+:)?${name}>\\s*([0-9]+)(?:\\.[0-9]+)?\\s*<`, 'g'))
  return [...found].map(([, digits]) => Number(digits))
}

function everyRecordCounts(text: string): boolean {
  const records = withoutNotes(text)
    .split(/<(?:\w+:)?record[\s>]/)
    .slice(1)
  return records.every((record) => numbersIn(record, 'count').length === 1)
}

const withoutNotes = (text: string): string => text.replace(/<!--.*?-->/gs, '')

/** Tags alone, one by one: whether each is closed by its own name up to the end of feedback, and no "<" or "&" is left over. */
function isBalanced(xml: string): boolean {
  const text = withoutNotes(xml).replace(/<!\[CDATA\[.*?\]\]>|<\?.*?\?>/gs, '')
  if (/<!|&(?!(?:lt|gt|amp|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(text)) return false
  const open: string[] = []
  const pieces = text.split('<').slice(1)
  for (const piece of pieces) {
    const tag = /^(\/?)([A-Za-z_][\w:.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(\/?)>/.exec(piece)
    if (tag === null) return false
    const [, closing, name = '', empty] = tag
    if (closing === '/' && open.pop() !== name) return false
    if (closing === '/' && /(?:^|:)feedback$/.test(name)) return true
    if (closing === '' && empty === '') open.push(name)
  }
  return open.length === 0 && pieces.length > 0
}

function isGzip(octets: Uint8Array): boolean {
  try {
    gunzipSync(octets)
    return true
  } catch {
    return false
  }
}

/** IPv6 in one way of writing, by the runtime's URL parser. */
function canonical(address: string): string {
  return address.includes(':') ? (URL.parse(`http://[${address}]/`)?.hostname ?? address) : address
}
