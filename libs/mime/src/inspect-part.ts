// What is ambiguous about the header of a part, of its message, and of all parts in it.
// RFC 5322 §2.2, §3.6; RFC 2045 §4, §6.4; RFC 2046 §5.1.1, §5.2.2, §5.2.3

import { equalOctets } from '@scop/octets'
import type { ReportAmbiguity } from './ambiguity.ts'
import { hasComment } from './cfws.ts'
import type { Field } from './field.ts'
import { fieldsNamed, type HeaderDefect } from './header-section.ts'
import { inspectBoundary, inspectContentType } from './inspect-content-type.ts'
import type { Part } from './message-tree.ts'
import { parseTransferEncoding } from './transfer-encoding.ts'

export function inspectPart(
  part: Part,
  isMessage: boolean,
  outer: readonly Uint8Array[],
  report: ReportAmbiguity,
): void {
  inspectHeader(part, report)
  if (isMessage) inspectMessageFields(part, report)
  inspectContentType(part, report)
  inspectTransferEncoding(part, report)
  if (part.type === 'message/partial') report('partial-message', part.path, part.range.start)
  if (part.type === 'message/external-body') report('external-body', part.path, part.range.start)
  if (part.content.kind === 'message') inspectPart(part.content.message, true, outer, report)
  if (part.content.kind !== 'multipart') return
  const { boundary, parts } = part.content
  inspectBoundary(part, boundary, outer, report)
  for (const entry of parts) inspectPart(entry.part, false, [...outer, boundary], report)
}

function inspectHeader(part: Part, report: ReportAmbiguity): void {
  const { header, path, range } = part
  const seen = new Set<string>()
  for (const { kind, offset } of header.defects) {
    // One line end for the whole message is no ambiguity; a mixture is reported once.
    if (kind === 'bare-lf' || kind === 'bare-cr' || seen.has(kind)) continue
    seen.add(kind)
    report(`header-${kind}`, path, range.start + offset)
  }
  const { octets, emptyLine } = header
  if (octets[0] === SPACE || octets[0] === TAB) report('begins-with-continuation', path, range.start)
  const line = path.length === 0 ? header.defects.find(isFromLine) : undefined
  if (line?.offset === 0) report('from-line', path, range.start)
  const odd = header.fields.find(({ name }) => ODD_NAME.test(name))
  if (odd !== undefined) report('odd-field-name', path, range.start + odd.offset)
  if (path.length > 0 && octets.length > 0 && emptyLine.length === 0) {
    report('header-ends-at-delimiter', path, range.start + octets.length)
  }
  for (const name of MIME_FIELDS) {
    const [first, ...more] = fieldsNamed(header, name)
    for (const field of more) {
      const same = first !== undefined && equalOctets(first.value, field.value)
      report(same ? 'duplicate-mime-field' : 'conflicting-mime-field', path, range.start + field.offset)
    }
  }
}

function inspectMessageFields(part: Part, report: ReportAmbiguity): void {
  const { header, path, range } = part
  for (const name of MESSAGE_FIELDS) {
    const again = fieldsNamed(header, name)[1]
    if (again !== undefined) report('duplicate-message-field', path, range.start + again.offset)
  }
  if (fieldsNamed(header, 'MIME-Version').length > 0) return
  const mime = fieldsNamed(header, 'Content-Type')[0] ?? fieldsNamed(header, 'Content-Transfer-Encoding')[0]
  if (mime !== undefined) report('missing-mime-version', path, range.start + mime.offset)
}

function inspectTransferEncoding(part: Part, report: ReportAmbiguity): void {
  const field: Field | undefined = fieldsNamed(part.header, 'Content-Transfer-Encoding')[0]
  if (field === undefined) return
  const text = field.text
  const parsed = parseTransferEncoding(text)
  const offset = part.range.start + field.offset
  if (hasComment(text)) report('comment-in-mime-field', part.path, offset)
  if (!parsed.ok || parsed.value.known === undefined) report('unknown-transfer-encoding', part.path, offset)
  else if (parsed.value.defects.length > 0) report('odd-transfer-encoding', part.path, offset)
}

const isFromLine = (defect: HeaderDefect): boolean =>
  defect.kind === 'not-a-field' && equalOctets(defect.octets.subarray(0, FROM.length), FROM)

const TAB = 0x09
const SPACE = 0x20
const FROM = Uint8Array.of(0x46, 0x72, 0x6f, 0x6d, SPACE)
const ODD_NAME = /[^A-Za-z0-9._-]/
const MIME_FIELDS = [
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-Disposition',
  'Content-ID',
  'MIME-Version',
] as const
const MESSAGE_FIELDS = [
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
] as const
