// Where readers of mail are known to differ, each place with a name and an offset: what a filter saw may not be what the
// reader shows. A message without ambiguities is read the same by all; one with them may still be honest.
// draft-chen-email-mime-ambiguity-defense; RFC 2045 §5.1, §6.4, §8; RFC 2046 §5.1.1; RFC 5322 §2.2, §3.6

import { decodeLatin1, equalOctets } from '@scop/octets'
import { parseContentDisposition } from './content-disposition.ts'
import { parseContentType } from './content-type.ts'
import type { Field } from './field.ts'
import { fieldsNamed, type HeaderDefect } from './header-section.ts'
import { type LineEndFindings, LineEndObserver } from './line-end-observer.ts'
import { type MessageTree, MessageTreeReader, type Part } from './message-tree.ts'
import { type Parameter, parameterNamed } from './parameters.ts'
import { MESSAGE_LIMITS, type MessageLimits, type PartDefectKind, type PartPath } from './part-event.ts'
import { parseTransferEncoding } from './transfer-encoding.ts'

export type AmbiguityKind =
  | PartDefectKind
  /** Defects of a header section, the first of each kind. */
  | `header-${HeaderDefect['kind']}`
  /** The same field again with the same value, or with another. */
  | 'duplicate-mime-field'
  | 'conflicting-mime-field'
  /** A field that a message has once, such as From, comes again. */
  | 'duplicate-message-field'
  | 'two-boundaries'
  | 'conflicting-parameters'
  | 'encoded-parameter'
  | 'malformed-parameters'
  | 'malformed-disposition'
  /** `name` of Content-Type and `filename` of Content-Disposition are not the same. */
  | 'conflicting-names'
  | 'odd-transfer-encoding'
  | 'unknown-transfer-encoding'
  /** MIME fields, but no MIME-Version. */
  | 'missing-mime-version'
  /** A delimiter where the header has no empty line yet. */
  | 'header-ends-at-delimiter'
  | 'boundary-prefix-of-another'
  | 'odd-boundary'
  /** In the whole message: a CR without LF, a LF without CR where other lines have both, a NUL. */
  | 'bare-cr'
  | 'mixed-line-ends'
  | 'nul'

export type Ambiguity = {
  readonly kind: AmbiguityKind
  readonly path: PartPath
  /** Octets from the start of the message. */
  readonly offset: number
}

/** More than these are not reported; the report is then longer than anybody reads. */
export const AMBIGUITY_LIMITS: { readonly ambiguities: number } = { ambiguities: 1000 }

/** In order of offset. `tree` is what `parseMessage(message)` answers. Bodies are not decoded. */
export function reportAmbiguities(
  tree: MessageTree,
  message: Uint8Array,
  limits: { readonly ambiguities: number } = AMBIGUITY_LIMITS,
): readonly Ambiguity[] {
  const lineEnds = new LineEndObserver()
  lineEnds.feed(message)
  return reportOf(tree, lineEnds.finish(), limits)
}

/** The same report of a message that comes in pieces: keeps headers and delimiters, and nothing else of it. */
export class AmbiguityReader {
  readonly #tree: MessageTreeReader
  readonly #lineEnds = new LineEndObserver()

  constructor(limits: MessageLimits = MESSAGE_LIMITS) {
    this.#tree = new MessageTreeReader(limits)
  }

  feed(chunk: Uint8Array): void {
    this.#lineEnds.feed(chunk)
    this.#tree.feed(chunk)
  }

  finish(limits: { readonly ambiguities: number } = AMBIGUITY_LIMITS): {
    readonly tree: MessageTree
    readonly ambiguities: readonly Ambiguity[]
  } {
    const tree = this.#tree.finish()
    return { tree, ambiguities: reportOf(tree, this.#lineEnds.finish(), limits) }
  }
}

function reportOf(
  tree: MessageTree,
  { bareCr, nul, mixed }: LineEndFindings,
  limits: { readonly ambiguities: number },
): readonly Ambiguity[] {
  const found: Ambiguity[] = []
  const report: Report = (kind, path, offset) => {
    if (found.length < limits.ambiguities) found.push({ kind, path, offset })
  }
  for (const { kind, path, offset } of tree.defects) report(kind, path, offset)
  if (bareCr !== undefined) report('bare-cr', [], bareCr)
  if (nul !== undefined) report('nul', [], nul)
  if (mixed !== undefined) report('mixed-line-ends', [], mixed)
  inspectPart(tree.root, true, [], report)
  return found.sort((a, b) => a.offset - b.offset)
}

type Report = (kind: AmbiguityKind, path: PartPath, offset: number) => void

function inspectPart(part: Part, isMessage: boolean, outer: readonly Uint8Array[], report: Report): void {
  inspectHeader(part, report)
  if (isMessage) inspectMessageFields(part, report)
  inspectContentType(part, report)
  inspectTransferEncoding(part, report)
  if (part.content.kind === 'message') inspectPart(part.content.message, true, outer, report)
  if (part.content.kind !== 'multipart') return
  const { boundary, parts } = part.content
  const clashes = outer.some((other) => isPrefix(other, boundary) || isPrefix(boundary, other))
  if (clashes) report('boundary-prefix-of-another', part.path, part.range.start)
  if (boundary.length > 70 || !BOUNDARY.test(decodeLatin1(boundary)))
    report('odd-boundary', part.path, part.range.start)
  for (const entry of parts) inspectPart(entry.part, false, [...outer, boundary], report)
}

function inspectHeader(part: Part, report: Report): void {
  const { header, path, range } = part
  const seen = new Set<string>()
  for (const { kind, offset } of header.defects) {
    // One line end for the whole message is no ambiguity; a mixture is reported once.
    if (kind === 'bare-lf' || kind === 'bare-cr' || seen.has(kind)) continue
    seen.add(kind)
    report(`header-${kind}`, path, range.start + offset)
  }
  const { octets, emptyLine } = header
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

function inspectMessageFields(part: Part, report: Report): void {
  const { header, path, range } = part
  for (const name of MESSAGE_FIELDS) {
    const again = fieldsNamed(header, name)[1]
    if (again !== undefined) report('duplicate-message-field', path, range.start + again.offset)
  }
  if (fieldsNamed(header, 'MIME-Version').length > 0) return
  const mime = fieldsNamed(header, 'Content-Type')[0] ?? fieldsNamed(header, 'Content-Transfer-Encoding')[0]
  if (mime !== undefined) report('missing-mime-version', path, range.start + mime.offset)
}

function inspectContentType(part: Part, report: Report): void {
  const { header, path, range } = part
  const typeField = fieldsNamed(header, 'Content-Type')[0]
  const text = typeField === undefined ? '' : typeField.text
  const type = typeField === undefined ? undefined : parseContentType(text)
  if (typeField !== undefined && type?.ok === true) {
    const offset = range.start + typeField.offset
    const twice = type.value.defects.some(
      (defect) => CONFLICTS.has(defect.kind) && /^boundary[ \t*=]/i.test(text.slice(defect.at, defect.at + 10)),
    )
    if (twice && type.value.type === 'multipart') report('two-boundaries', path, offset)
    inspectParameters(type.value.defects, path, offset, report)
  }
  const dispositionField = fieldsNamed(header, 'Content-Disposition')[0]
  if (dispositionField === undefined) return
  const disposition = parseContentDisposition(dispositionField.text)
  const offset = range.start + dispositionField.offset
  if (!disposition.ok) return report('malformed-disposition', path, offset)
  inspectParameters(disposition.value.defects, path, offset, report)
  const name = type?.ok === true ? parameterNamed(type.value.parameters, 'name') : undefined
  if (isOther(name, disposition.value.parameters)) report('conflicting-names', path, offset)
}

function isOther(name: string | undefined, parameters: readonly Parameter[]): boolean {
  const filename = parameterNamed(parameters, 'filename')
  return name !== undefined && filename !== undefined && name !== filename
}

/** One report of each kind for a field. */
function inspectParameters(
  defects: readonly { readonly kind: string }[],
  path: PartPath,
  offset: number,
  report: Report,
): void {
  const kinds = new Set<AmbiguityKind>()
  for (const { kind } of defects) {
    if (CONFLICTS.has(kind)) kinds.add('conflicting-parameters')
    else if (kind === 'no-disposition') kinds.add('malformed-disposition')
    else kinds.add(kind === 'encoded-word-in-parameter' ? 'encoded-parameter' : 'malformed-parameters')
  }
  for (const kind of kinds) report(kind, path, offset)
}

function inspectTransferEncoding(part: Part, report: Report): void {
  const field: Field | undefined = fieldsNamed(part.header, 'Content-Transfer-Encoding')[0]
  if (field === undefined) return
  const parsed = parseTransferEncoding(field.text)
  const offset = part.range.start + field.offset
  if (!parsed.ok || parsed.value.known === undefined) report('unknown-transfer-encoding', part.path, offset)
  else if (parsed.value.defects.length > 0) report('odd-transfer-encoding', part.path, offset)
}

const isPrefix = (prefix: Uint8Array, of: Uint8Array): boolean =>
  prefix.length <= of.length && equalOctets(prefix, of.subarray(0, prefix.length))

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
const CONFLICTS: ReadonlySet<string> = new Set(['duplicate-parameter', 'plain-and-extended'])
// boundary := 0*69<bchars> bcharsnospace      bchars := bcharsnospace / " "
const BOUNDARY = /^[A-Za-z0-9'()+_,./:=? -]+$/
