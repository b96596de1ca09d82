// What is ambiguous about what a part says it is: its type, its boundary, its charset, its names.
// RFC 2045 §5.1; RFC 2046 §4.1.2, §5.1.1; RFC 2047 §5 (no encoded words in parameters); RFC 2183; RFC 2231

import { decodeLatin1, equalOctets } from '@scop/octets'
import type { AmbiguityKind, ReportAmbiguity } from './ambiguity.ts'
import { hasComment, trimSpace } from './cfws.ts'
import { charsetNamed } from './charset.ts'
import { parseContentDisposition } from './content-disposition.ts'
import { type ContentType, parseContentType } from './content-type.ts'
import { fieldsNamed } from './header-section.ts'
import type { Part } from './message-tree.ts'
import { type Parameter, parameterNamed } from './parameters.ts'
import type { PartPath } from './part-event.ts'

export function inspectContentType(part: Part, report: ReportAmbiguity): void {
  const { header, path, range } = part
  const typeField = fieldsNamed(header, 'Content-Type')[0]
  const text = typeField === undefined ? '' : typeField.text
  const type = typeField === undefined ? undefined : parseContentType(text)
  if (typeField !== undefined && hasComment(text)) {
    report('comment-in-mime-field', path, range.start + typeField.offset)
  }
  if (typeField !== undefined && type?.ok === true) {
    const offset = range.start + typeField.offset
    if (type.value.type === 'multipart') inspectBoundaryParameter(text, type.value, path, offset, report)
    const charset = parameterNamed(type.value.parameters, 'charset')
    if (type.value.type === 'text' && charset !== undefined && isOdd(charset)) report('odd-charset', path, offset)
    const twice = type.value.defects.some(
      (defect) => CONFLICTS.has(defect.kind) && /^boundary[ \t*=(]/i.test(text.slice(defect.at, defect.at + 10)),
    )
    if (twice && type.value.type === 'multipart') report('two-boundaries', path, offset)
    inspectParameters(type.value.defects, path, offset, report)
  }
  const dispositionField = fieldsNamed(header, 'Content-Disposition')[0]
  if (dispositionField === undefined) return
  const dispositionText = dispositionField.text
  const disposition = parseContentDisposition(dispositionText)
  const offset = range.start + dispositionField.offset
  if (hasComment(dispositionText)) report('comment-in-mime-field', path, offset)
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
  report: ReportAmbiguity,
): void {
  const kinds = new Set<AmbiguityKind>()
  for (const { kind } of defects) {
    if (CONFLICTS.has(kind)) kinds.add('conflicting-parameters')
    else if (kind === 'no-disposition') kinds.add('malformed-disposition')
    else kinds.add(kind === 'encoded-word-in-parameter' ? 'encoded-parameter' : 'malformed-parameters')
  }
  for (const kind of kinds) report(kind, path, offset)
}

function inspectBoundaryParameter(
  text: string,
  { parameters }: ContentType,
  path: PartPath,
  offset: number,
  report: ReportAmbiguity,
): void {
  // In a quoted string, too: a reader that searches takes it from there.
  if (EXTENDED_BOUNDARY.test(text)) report('extended-boundary', path, offset)
  const boundary = parameterNamed(parameters, 'boundary')
  if (boundary === undefined) return
  const last = boundary.at(-1)
  if (trimSpace(boundary) === '') report('empty-boundary', path, offset)
  else if (last === ' ' || last === '\t') report('padded-boundary', path, offset)
}

/** `outer` are the boundaries of the multiparts around this one. */
export function inspectBoundary(
  { path, range }: Part,
  boundary: Uint8Array,
  outer: readonly Uint8Array[],
  report: ReportAmbiguity,
): void {
  const clashes = outer.some((other) => isPrefix(other, boundary) || isPrefix(boundary, other))
  if (clashes) report('boundary-prefix-of-another', path, range.start)
  const text = decodeLatin1(boundary)
  if (boundary.length > 70 || !BOUNDARY.test(text)) report('odd-boundary', path, range.start)
  if (text.includes('=?')) report('encoded-boundary', path, range.start)
}

function isOdd(charset: string): boolean {
  const name = charsetNamed(charset)
  return name === undefined || ODD_CHARSETS.has(name)
}

const isPrefix = (prefix: Uint8Array, of: Uint8Array): boolean =>
  prefix.length <= of.length && equalOctets(prefix, of.subarray(0, prefix.length))

const CONFLICTS: ReadonlySet<string> = new Set(['duplicate-parameter', 'plain-and-extended'])
const ODD_CHARSETS: ReadonlySet<string> = new Set(['utf-7', 'utf-16le', 'utf-16be', 'x-user-defined'])
const EXTENDED_BOUNDARY = /[;\s)]boundary\*/i
// boundary := 0*69<bchars> bcharsnospace      bchars := bcharsnospace / " "
const BOUNDARY = /^[A-Za-z0-9'()+_,./:=? -]+$/
