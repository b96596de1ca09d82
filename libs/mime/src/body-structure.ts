// The BODYSTRUCTURE of IMAP: the tree of a message as values still to be written. Of a message read before, it needs only
// the octets of text bodies, to count their lines. RFC 9051 §7.5.2; RFC 3501 §7.4.2

import { parseContentLanguage } from './content-language.ts'
import { type Envelope, envelopeOf } from './envelope.ts'
import { fieldsNamed } from './header-section.ts'
import { bodyRange, type Part } from './message-tree.ts'
import type { Parameter } from './parameters.ts'
import { readPartFields } from './part-fields.ts'

type Extension = {
  readonly disposition: { readonly type: string; readonly parameters: readonly Parameter[] } | undefined
  readonly language: readonly string[]
  readonly location: string | undefined
}

export type SinglePartStructure = Extension & {
  readonly kind: 'single'
  /** Lower case, as `text`. */
  readonly type: string
  readonly subtype: string
  readonly parameters: readonly Parameter[]
  readonly id: string | undefined
  readonly description: string | undefined
  /** Upper case; 7BIT where absent. */
  readonly encoding: string
  /** Octets of the body, still encoded. */
  readonly octets: number
  /** Of text and messages only. */
  readonly lines: number | undefined
  readonly md5: string | undefined
  /** Of a message part only. */
  readonly message: { readonly envelope: Envelope; readonly structure: BodyStructure } | undefined
}

export type MultipartStructure = Extension & {
  readonly kind: 'multipart'
  /** Lower case, as `mixed`. */
  readonly subtype: string
  readonly parameters: readonly Parameter[]
  /** A multipart without parts, which IMAP has no form for, is given one: text, empty. */
  readonly parts: readonly BodyStructure[]
}

export type BodyStructure = SinglePartStructure | MultipartStructure

export function bodyStructureOf(part: Part, message: Uint8Array): BodyStructure {
  const fields = readPartFields(part)
  const [type = 'text', subtype = 'plain'] = part.type.split('/')
  const { disposition } = fields
  const extension: Extension = {
    disposition:
      disposition === undefined ? undefined : { type: disposition.disposition, parameters: disposition.parameters },
    language: languagesOf(part),
    location: locationOf(part),
  }
  const parameters = fields.contentType?.parameters ?? DEFAULT_PARAMETERS
  if (part.content.kind === 'multipart') {
    const parts = part.content.parts.map((entry) => bodyStructureOf(entry.part, message))
    return { kind: 'multipart', subtype, parameters, parts: parts.length > 0 ? parts : [EMPTY], ...extension }
  }
  const { start, end } = bodyRange(part)
  const inner = part.content.kind === 'message' ? part.content.message : undefined
  return {
    kind: 'single',
    type,
    subtype,
    parameters: fields.contentType === undefined && type !== 'text' ? [] : parameters,
    id: text(part, 'Content-ID'),
    description: text(part, 'Content-Description'),
    encoding: (fields.transferEncoding ?? '7bit').toUpperCase(),
    octets: end - start,
    lines: type === 'text' || inner !== undefined ? countLines(message.subarray(start, end)) : undefined,
    md5: text(part, 'Content-MD5'),
    message:
      inner === undefined
        ? undefined
        : { envelope: envelopeOf(inner.header), structure: bodyStructureOf(inner, message) },
    ...extension,
  }
}

/** The tags of Content-Language; none where it is absent or cannot be read. RFC 3282 §2 */
export function languagesOf(part: Part): readonly string[] {
  const languages = parseContentLanguage(text(part, 'Content-Language') ?? '')
  return languages.ok ? languages.value : []
}

/** RFC 2557 §4 */
export function locationOf(part: Part): string | undefined {
  return text(part, 'Content-Location')
}

function text(part: Part, name: string): string | undefined {
  const field = fieldsNamed(part.header, name)[0]
  return field === undefined ? undefined : field.text.trim()
}

/** Line ends, and a last line without one. */
function countLines(octets: Uint8Array): number {
  let lines = 0
  let at = 0
  for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, at)) {
    lines++
    at = lf + 1
  }
  return at < octets.length ? lines + 1 : lines
}

const LF = 0x0a
const DEFAULT_PARAMETERS: readonly Parameter[] = [{ name: 'charset', value: 'us-ascii' }]
const EMPTY: SinglePartStructure = {
  kind: 'single',
  type: 'text',
  subtype: 'plain',
  parameters: DEFAULT_PARAMETERS,
  id: undefined,
  description: undefined,
  encoding: '7BIT',
  octets: 0,
  lines: 0,
  md5: undefined,
  message: undefined,
  disposition: undefined,
  language: [],
  location: undefined,
}
