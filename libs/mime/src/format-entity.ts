// An entity as a message. Law: the answer, read again, is the entity, in every field and octet; what cannot be written so
// that it is gets refused, with the place and the reason. Where our own reader decides how something is read, it is asked.
// RFC 5322 §2.1, §3.6; RFC 2045 §5, §6; RFC 2046 §5.1.1, §5.2.1

import { concatOctets, encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { encodeTransfer } from './encode-transfer.ts'
import type { Entity, EntityField } from './entity.ts'
import { type FormatFieldError, formatField } from './format-field.ts'
import { type FieldValueError, formatFieldValue } from './format-field-value.ts'
import { type HeaderError, type HeaderSection, parseHeaderSection } from './header-section.ts'
import { type MessageTree, type Part, parseMessage } from './message-tree.ts'
import {
  type DefaultType,
  MESSAGE_LIMITS,
  type MessageLimits,
  type PartDefectKind,
  type PartPath,
} from './part-event.ts'
import { transferEncodingOf } from './part-fields.ts'
import { readStructure } from './part-structure.ts'
import { readField } from './read-field.ts'
import { isSameValue } from './same-value.ts'

export type FormatEntityError = {
  /** The part it is about; `field` counts its fields from 0. */
  readonly path: PartPath
} & (
  | { readonly kind: 'bad-field'; readonly field: number; readonly reason: FieldValueError | FormatFieldError }
  /** Written as its kind says, it would be read as `read`: a value that is not in the form the reader gives, as text of a
   *  structured field that its grammar can read, white space at the ends, a type in upper case, a key too many. */
  | { readonly kind: 'reads-otherwise'; readonly field: number; readonly read: EntityField }
  /** Its fields, as they are read, ask for a body of this kind. */
  | { readonly kind: 'wrong-body'; readonly wanted: 'leaf' | 'message' | 'multipart' }
  /** It has a line end in it. */
  | { readonly kind: 'bad-boundary' }
  /** A line of this part, preamble, epilogue and header too, is a delimiter of a multipart that it is in. */
  | { readonly kind: 'delimiter-in-text' }
  | { readonly kind: 'beyond-limits'; readonly limit: HeaderError['kind'] | PartDefectKind }
)

/** CRLF throughout, but for what bodies have. Nested as deep as the limits let it be read. */
export function formatEntity(
  entity: Entity,
  limits: MessageLimits = MESSAGE_LIMITS,
): Result<Uint8Array, FormatEntityError> {
  const writer = new EntityWriter(limits)
  const error = writer.write(entity, [], 'text/plain')
  if (error !== undefined) return err(error)
  const octets = concatOctets(writer.pieces)
  const misread = findMisread(writer.places, parseMessage(octets, limits))
  return misread === undefined ? ok(octets) : err(misread)
}

/** Where a text of a part stands in the message. */
type Place = { readonly path: PartPath; readonly start: number; readonly end: number }

class EntityWriter {
  readonly pieces: Uint8Array[] = []
  /** In their order: of each part its header, then its body, or preamble, parts and epilogue. */
  readonly places: Place[] = []
  readonly #limits: MessageLimits
  #octets = 0

  constructor(limits: MessageLimits) {
    this.#limits = limits
  }

  // entity = *field CRLF body
  write(entity: Entity, path: PartPath, defaultType: DefaultType): FormatEntityError | undefined {
    const header = this.#formatHeader(entity.fields, path)
    if (!header.ok) return header.error
    this.#put(path, header.value.octets)
    const { structure } = readStructure(header.value, defaultType, this.#limits.boundaryOctets)
    const { body } = entity
    // Deeper parts are leaves to the reader: so the recursion has its end.
    const wanted = path.length + 1 >= this.#limits.depth ? 'leaf' : structure.kind
    if (body.kind !== wanted) return { path, kind: 'wrong-body', wanted }
    if (body.kind === 'leaf') this.#put(path, encodeTransfer(body.octets, transferEncodingOf(header.value)))
    else if (body.kind === 'message') return this.write(body.message, [...path, 0], 'text/plain')
    else if (structure.kind === 'multipart') {
      if (structure.boundary.includes(LF)) return { path, kind: 'bad-boundary' }
      const childType = structure.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
      return this.#writeParts(body, structure.boundary, path, childType)
    }
    return undefined
  }

  // multipart-body = [preamble CRLF] *( "--" boundary CRLF body-part CRLF ) "--" boundary "--" CRLF [epilogue]
  #writeParts(
    body: Extract<Entity['body'], { kind: 'multipart' }>,
    boundary: Uint8Array,
    path: PartPath,
    childType: DefaultType,
  ): FormatEntityError | undefined {
    this.#put(path, body.preamble)
    let delimiter = concatOctets([body.preamble.length > 0 ? CRLF_DASHES : DASHES, boundary])
    for (const [place, part] of body.parts.entries()) {
      this.#skip(delimiter, CRLF)
      const error = this.write(part, [...path, place], childType)
      if (error !== undefined) return error
      delimiter = concatOctets([CRLF_DASHES, boundary])
    }
    this.#skip(delimiter, DASHES_CRLF)
    this.#put(path, body.epilogue)
    return undefined
  }

  #formatHeader(fields: readonly EntityField[], path: PartPath): Result<HeaderSection, FormatEntityError> {
    const lines: Uint8Array[] = []
    for (const [place, field] of fields.entries()) {
      const value = formatFieldValue(field)
      const line = value.ok ? formatField(field.name, value.value) : value
      if (!line.ok) return err({ path, kind: 'bad-field', field: place, reason: line.error })
      lines.push(line.value)
    }
    const parsed = parseHeaderSection(concatOctets([...lines, CRLF]), this.#limits.header)
    if (!parsed.ok) return err({ path, kind: 'beyond-limits', limit: parsed.error.kind })
    const { header } = parsed.value
    for (const [place, field] of header.fields.entries()) {
      const read = readField(field)
      if (!isSameValue(read, fields[place])) return err({ path, kind: 'reads-otherwise', field: place, read })
    }
    return ok(header)
  }

  #put(path: PartPath, octets: Uint8Array): void {
    this.places.push({ path, start: this.#octets, end: this.#octets + octets.length })
    this.#skip(octets)
  }

  #skip(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.pieces.push(piece)
      this.#octets += piece.length
    }
  }
}

/** The first text that the reader does not find where it was written. */
function findMisread(written: readonly Place[], tree: MessageTree): FormatEntityError | undefined {
  const read: Place[] = []
  pushPlaces(tree.root, read)
  const misread = written.find((place, i) => !isSameValue(place, read[i]))
  if (misread === undefined && written.length === read.length) return undefined
  const path = misread?.path ?? []
  const beyond = tree.defects.find((defect) => BEYOND_LIMITS.has(defect.kind))
  if (beyond !== undefined) return { path, kind: 'beyond-limits', limit: beyond.kind }
  return { path, kind: 'delimiter-in-text' }
}

function pushPlaces(part: Part, into: Place[]): void {
  const { path, range, header, content } = part
  into.push({ path, start: range.start, end: range.start + header.octets.length })
  if (content.kind === 'leaf') into.push({ path, ...content.body })
  else if (content.kind === 'message') pushPlaces(content.message, into)
  else {
    into.push({ path, ...content.preamble })
    for (const entry of content.parts) pushPlaces(entry.part, into)
    into.push({ path, ...content.epilogue })
  }
}

const LF = 0x0a
const CRLF = encodeUtf8('\r\n')
const DASHES = encodeUtf8('--')
const CRLF_DASHES = encodeUtf8('\r\n--')
const DASHES_CRLF = encodeUtf8('--\r\n')
const BEYOND_LIMITS: ReadonlySet<PartDefectKind> = new Set<PartDefectKind>([
  'header-beyond-limits',
  'too-many-parts',
  'too-many-fields',
  'headers-too-long',
])
