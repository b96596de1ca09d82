// The body of a new mail: text, HTML with its images, invitation and attachments, nested as readers want them:
// mixed( alternative( text, related( HTML, images ), calendar ), attachments ), each level only where it has two parts.
// RFC 2046 §5.1.3, §5.1.4; RFC 2387 §3; RFC 6047 §2.4 (calendar); RFC 2183 §2; RFC 2045 §6 (encodings)

import { encodeUtf8, indexOfOctets, isAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { type ContentType, parseContentType } from './content-type.ts'
import type { Entity, EntityField } from './entity.ts'
import type { Parameter } from './parameters.ts'

export type NewAttachment = {
  /** `image/png`, with parameters where it has them. No multipart and no message: those are not octets. */
  readonly type: string
  readonly octets: Uint8Array
  readonly name?: string
  /** Default `attachment`. */
  readonly disposition?: 'attachment' | 'inline'
}

export type InlineImage = {
  readonly type: string
  readonly octets: Uint8Array
  /** Without angle brackets: what the HTML calls `cid:…`. */
  readonly contentId: string
  readonly name?: string
}

export type NewBody = {
  /** With any line ends. */
  readonly text?: string
  readonly html?: string
  readonly images?: readonly InlineImage[]
  /** An iCalendar object, and the method it has. RFC 5546 §1.4 */
  readonly calendar?: { readonly method: CalendarMethod; readonly text: string }
  readonly attachments?: readonly NewAttachment[]
}

export type CalendarMethod =
  | 'PUBLISH'
  | 'REQUEST'
  | 'REPLY'
  | 'ADD'
  | 'CANCEL'
  | 'REFRESH'
  | 'COUNTER'
  | 'DECLINECOUNTER'

export type ComposeBodyError =
  | { readonly kind: 'bad-type'; readonly type: string }
  /** With control characters, or not Unicode. */
  | { readonly kind: 'bad-name'; readonly name: string }
  | { readonly kind: 'not-unicode' }
  | { readonly kind: 'image-without-html' }
  /** Random octets that are not random. */
  | { readonly kind: 'no-free-boundary' }

/** `randomOctets` gives that many octets, each time others. */
export function composeBody(
  body: NewBody,
  randomOctets: (count: number) => Uint8Array,
): Result<Entity, ComposeBodyError> {
  const { text, html, images = [], calendar, attachments = [] } = body
  if (images.length > 0 && html === undefined) return err({ kind: 'image-without-html' })
  const texts = [text, html, calendar?.text].filter((one) => one !== undefined)
  if (texts.some((one) => !one.isWellFormed())) return err({ kind: 'not-unicode' })
  const shown = images.map((image) => imagePart(image))
  const files = attachments.map((file) => filePart(file))
  const bad = [...shown, ...files].find((part) => !part.ok)
  if (bad?.ok === false) return bad
  const octets = [...texts.map(encodeUtf8), ...images.map((one) => one.octets), ...attachments.map((one) => one.octets)]
  const boundary = freeBoundary(octets, randomOctets)
  if (boundary === undefined) return err({ kind: 'no-free-boundary' })
  const join = (subtype: string, parts: readonly Entity[], parameters: readonly Parameter[] = []): Entity => {
    const [only] = parts
    return only !== undefined && parts.length === 1
      ? only
      : multipart(subtype, parts, [...parameters, { name: 'boundary', value: `${boundary}-${subtype}` }])
  }
  const alternatives: Entity[] = []
  if (text !== undefined) alternatives.push(textPart('plain', text))
  if (html !== undefined) {
    const parts = [textPart('html', html), ...shown.filter((part) => part.ok).map((part) => part.value)]
    alternatives.push(join('related', parts, [{ name: 'type', value: 'text/html' }]))
  }
  if (calendar !== undefined) {
    alternatives.push(textPart('calendar', calendar.text, [{ name: 'method', value: calendar.method }]))
  }
  const parts = files.filter((part) => part.ok).map((part) => part.value)
  if (alternatives.length > 0) parts.unshift(join('alternative', alternatives))
  return ok(parts.length === 0 ? textPart('plain', '') : join('mixed', parts))
}

function multipart(subtype: string, parts: readonly Entity[], parameters: readonly Parameter[]): Entity {
  const none = new Uint8Array(0)
  return {
    fields: [typeField({ type: 'multipart', subtype, parameters })],
    body: { kind: 'multipart', preamble: none, parts, epilogue: none },
  }
}

function textPart(subtype: string, text: string, parameters: readonly Parameter[] = []): Entity {
  const octets = encodeUtf8(text.replace(LINE_ENDS, '\r\n'))
  // RFC 2046 §4.1.2: the least charset that does
  const charset = isAscii(octets) ? 'us-ascii' : 'utf-8'
  return {
    fields: [
      typeField({ type: 'text', subtype, parameters: [{ name: 'charset', value: charset }, ...parameters] }),
      encodingField(textEncoding(octets)),
    ],
    body: { kind: 'leaf', octets },
  }
}

/** Readable where that is not much longer. 7bit wants ASCII in lines of 998 octets, no NUL, CR and LF in pairs. RFC 2045 §2.7 */
function textEncoding(octets: Uint8Array): '7bit' | 'quoted-printable' | 'base64' {
  let escaped = 0
  let line = 0
  let plain = true
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number // as: at < length
    if (octet === CR && octets[at + 1] === LF) {
      line = 0
      at++
      continue
    }
    line++
    if (octet === NUL || octet === CR || octet === LF || octet > DEL || line > MAX_LINE) plain = false
    if ((octet < SPACE && octet !== TAB) || octet >= DEL || octet === EQUALS) escaped++
  }
  if (plain) return '7bit'
  return escaped * 6 <= octets.length ? 'quoted-printable' : 'base64'
}

function imagePart({ type, octets, contentId, name }: InlineImage): Result<Entity, ComposeBodyError> {
  const part = filePart({ type, octets, disposition: 'inline', ...(name !== undefined && { name }) })
  if (!part.ok) return part
  const id: EntityField = { name: 'Content-ID', kind: 'message-ids', ids: [contentId] }
  return ok({ ...part.value, fields: [...part.value.fields, id] })
}

// todo RFC 2046 §5.2.1: a message as an attachment, kept octet for octet
function filePart({ type, octets, name, disposition }: NewAttachment): Result<Entity, ComposeBodyError> {
  const parsed = parseContentType(type)
  if (!parsed.ok || parsed.value.defects.length > 0 || COMPOSITE.has(parsed.value.type)) {
    return err({ kind: 'bad-type', type })
  }
  if (name !== undefined && (CONTROL.test(name) || !name.isWellFormed())) return err({ kind: 'bad-name', name })
  const parameters = name === undefined ? [] : [{ name: 'filename', value: name }]
  const { defects: _, ...contentType } = parsed.value
  return ok({
    fields: [
      typeField(contentType),
      encodingField('base64'),
      {
        name: 'Content-Disposition',
        kind: 'content-disposition',
        disposition: { disposition: disposition ?? 'attachment', parameters },
      },
    ],
    body: { kind: 'leaf', octets },
  })
}

function typeField(contentType: ContentType): EntityField {
  return { name: 'Content-Type', kind: 'content-type', contentType }
}

function encodingField(token: string): EntityField {
  return { name: 'Content-Transfer-Encoding', kind: 'content-transfer-encoding', token }
}

/** What occurs nowhere in the octets; where it begins, neither base64 nor quoted-printable have it. */
function freeBoundary(
  contents: readonly Uint8Array[],
  randomOctets: (count: number) => Uint8Array,
): string | undefined {
  for (let i = 0; i < BOUNDARY_TRIES; i++) {
    const boundary = `=_${randomOctets(BOUNDARY_OCTETS).toHex()}`
    const octets = encodeUtf8(boundary)
    if (!contents.some((content) => indexOfOctets(content, octets) >= 0)) return boundary
  }
  return undefined
}

const NUL = 0x00
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const EQUALS = 0x3d
const DEL = 0x7f
const MAX_LINE = 998
const BOUNDARY_OCTETS = 15
const BOUNDARY_TRIES = 8
const COMPOSITE: ReadonlySet<string> = new Set(['multipart', 'message'])
const LINE_ENDS = /\r\n?|\n/g
// oxlint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/
