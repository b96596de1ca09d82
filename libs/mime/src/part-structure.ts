// From a part's header to how its body is to be read: as a leaf, as a message, or as parts between delimiters.
// The first Content-Type and the first boundary parameter count. RFC 2045 §5.1, §5.2, §6.4; RFC 2046 §5.1.1, §5.2.1; RFC 6532 §3.7

import { decodeLatin1, encodeLatin1, encodeUtf8 } from '@scop/octets'
import { type ContentType, parseContentType } from './content-type.ts'
import { unfoldOctets } from './field.ts'
import { fieldsNamed, type HeaderSection } from './header-section.ts'
import { parameterNamed } from './parameters.ts'
import type { DefaultType, PartDefectKind, PartStructure } from './part-event.ts'
import { parseTransferEncoding } from './transfer-encoding.ts'

/** `defect` is what stands in the way of a better answer. */
export type StructureReading = { readonly structure: PartStructure; readonly defect: PartDefectKind | undefined }

/** Types are not checked against a registry. */
export function readStructure(
  header: HeaderSection,
  defaultType: DefaultType,
  boundaryOctets: number,
): StructureReading {
  const text = firstValue(header, 'Content-Type')
  const parsed = text === undefined ? undefined : parseContentType(text)
  if (parsed?.ok === false) return leaf('text/plain', 'bad-content-type')
  const type = parsed === undefined ? defaultType : `${parsed.value.type}/${parsed.value.subtype}`
  if (type === 'message/rfc822' || type === 'message/global') {
    if (!isEncoded(header)) return { structure: { kind: 'message', type }, defect: undefined }
    return leaf(type, type === 'message/rfc822' ? 'encoded-message' : undefined)
  }
  if (text === undefined || parsed === undefined || !type.startsWith('multipart/')) return leaf(type, undefined)
  const boundary = readBoundary(text, parsed.value)
  if (boundary === undefined) return leaf(type, 'no-boundary')
  if (boundary.length > boundaryOctets) return leaf(type, 'boundary-too-long')
  const structure: PartStructure = { kind: 'multipart', type, boundary }
  return { structure, defect: isEncoded(header) ? 'encoded-multipart' : undefined }
}

const leaf = (type: string, defect: PartDefectKind | undefined): StructureReading => ({
  structure: { kind: 'leaf', type },
  defect,
})

/** One character per octet, so that a boundary is found octet for octet whatever its charset. */
function firstValue(header: HeaderSection, name: string): string | undefined {
  const field = fieldsNamed(header, name)[0]
  return field === undefined ? undefined : decodeLatin1(unfoldOctets(field.value))
}

function isEncoded(header: HeaderSection): boolean {
  const text = firstValue(header, 'Content-Transfer-Encoding')
  const parsed = text === undefined ? undefined : parseTransferEncoding(text)
  return parsed?.ok === true && parsed.value.known !== undefined && !IDENTITY.has(parsed.value.known)
}

/** Without white space at its end, which could not be told from transport padding; absent where nothing is left. */
// boundary := 0*69<bchars> bcharsnospace
function readBoundary(contentType: string, read: ContentType): Uint8Array | undefined {
  const value = contentType.includes('=?')
    ? undecodedBoundary(contentType)
    : parameterNamed(read.parameters, 'boundary')
  if (value === undefined) return undefined
  let end = value.length
  while (value[end - 1] === ' ' || value[end - 1] === '\t') end--
  if (end === 0) return undefined
  const boundary = value.slice(0, end)
  return NOT_LATIN1.test(boundary) ? encodeUtf8(boundary) : encodeLatin1(boundary)
}

/** An encoded word is none here: delimiters have it as it stands. */
function undecodedBoundary(contentType: string): string | undefined {
  const parsed = parseContentType(contentType.replaceAll('=?', `=${STAND_IN}`))
  return parsed.ok ? parameterNamed(parsed.value.parameters, 'boundary')?.replaceAll(STAND_IN, '?') : undefined
}

const IDENTITY: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])
const STAND_IN = '\ue000' // occurs nowhere in text of one character per octet
const NOT_LATIN1 = /[^\x00-\xff]/
