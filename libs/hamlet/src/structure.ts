// Entities: multiparts in multiparts, messages in messages, leaves. What is chosen first is what is written inside out: the
// fields of a part are known before its body is. RFC 2046 §5.1 (multipart), §5.2.1 (message/rfc822); RFC 6532 §3.7 (message/global)

import type { Entity, EntityBody, EntityField } from '@scop/mime'
import { OctetWriter } from './octet-writer.ts'
import {
  contentTypeField,
  descriptiveFields,
  encodingField,
  type FieldWriter,
  type Plan,
  planAttachment,
  planBareText,
  planSpecial,
  planText,
} from './leaves.ts'
import { languageField, writeContentFields } from './content-fields.ts'
import type { WantedParameter } from './parameters.ts'
import type { Scribe } from './scribe.ts'
import { writeBase64 } from './transfer-encodings.ts'

/** How many parts a mail may still have, and how deep it is. */
export type Room = {
  parts: number
  readonly depth: number
  readonly writeMessage: (scribe: Scribe, room: Room) => Entity
}
export type BodyPlan = Plan<EntityBody>

/** What a whole message is made of; its fields are those that speak of the body. */
export function planMessageBody(scribe: Scribe, room: Room): BodyPlan & { readonly mime: boolean } {
  const kind = scribe.choose('structure')
  if (kind === 'no-content-type') {
    const mime = scribe.choose('plain-message') === 'mime-version'
    return { ...planBareText(scribe, false), mime }
  }
  return { ...planKind(scribe, room, kind, true), mime: true }
}

type Kind = 'text' | 'attachment' | 'multipart' | 'message' | 'special'

function planKind(scribe: Scribe, room: Room, kind: Kind, inMessage: boolean): BodyPlan {
  room.parts--
  const composite = room.depth < DEEPEST && room.parts > 0
  switch (kind) {
    case 'text':
      return planText(scribe, inMessage)
    case 'attachment':
      return planAttachment(scribe)
    case 'special':
      return planSpecial(scribe)
    case 'multipart':
      return composite ? planMultipart(scribe, room) : planText(scribe, inMessage)
    case 'message':
      return composite ? planInnerMessage(scribe, room) : planText(scribe, inMessage)
  }
}

/** message/rfc822 and message/global; the latter may be encoded, and is a leaf then. */
function planInnerMessage(scribe: Scribe, room: Room): BodyPlan {
  const { random } = scribe
  const kind = scribe.choose('message')
  const subtype = kind === 'rfc822' ? 'rfc822' : 'global'
  const fields = [contentTypeField(scribe, 'message', subtype, [])]
  if (kind === 'global-encoded') {
    fields.push(encodingField(scribe, 'base64'))
    return {
      fields,
      writeBody: () => {
        const { out } = scribe
        scribe.out = new OctetWriter()
        room.writeMessage(scribe, inside(room))
        const octets = scribe.out.copy()
        scribe.out = out
        writeBase64(scribe, octets)
        return { kind: 'leaf', octets }
      },
    }
  }
  if (random.chance(30)) fields.push(encodingField(scribe, random.of(['8bit', 'binary'])))
  if (random.chance(40)) fields.push(...descriptiveFields(scribe, '.eml'))
  return { fields, writeBody: () => ({ kind: 'message', message: room.writeMessage(scribe, inside(room)) }) }
}

function planMultipart(scribe: Scribe, room: Room): BodyPlan {
  const { random } = scribe
  const kind = scribe.choose('multipart')
  const subtype = kind === 'unknown' ? random.of(['x-velm', 'voice-message']) : kind
  const boundary = drawBoundary(scribe)
  const given = (name: string, text: string): WantedParameter => ({ name, value: { kind: 'given', text } })
  const wanted: WantedParameter[] = [{ name: 'boundary', value: { kind: 'boundary', text: boundary } }]
  if (kind === 'related') wanted.push(given('type', 'text/html'))
  if (kind === 'report') wanted.push(given('report-type', 'delivery-status'))
  if (kind === 'signed') wanted.push(given('micalg', 'pgp-sha256'), given('protocol', 'application/pgp-signature'))
  if (kind === 'encrypted') wanted.push(given('protocol', 'application/pgp-encrypted'))
  random.shuffle(wanted)
  const fields = [contentTypeField(scribe, 'multipart', subtype, wanted)]
  if (random.chance(10)) fields.push(encodingField(scribe, random.of(['7bit', '8bit', 'binary'])))
  return { fields, writeBody: () => writeMultipart(scribe, inside(room), boundary, kind) }
}

// multipart-body := [preamble CRLF] dash-boundary transport-padding CRLF body-part *encapsulation
//                   close-delimiter transport-padding [CRLF epilogue]
function writeMultipart(scribe: Scribe, room: Room, boundary: string, kind: string): EntityBody {
  const { out, random } = scribe
  const preamble = writePreamble(scribe, boundary)
  const number = scribe.choose('parts')
  const wanted =
    number === 'one' ? 1 : number === 'two' ? 2 : number === 'few' ? random.between(3, 5) : random.between(6, 20)
  const count = kind === 'report' ? 3 : Math.max(1, Math.min(wanted, room.parts))
  const parts: Entity[] = []
  for (let i = 0; i < count; i++) {
    out.text(`${i > 0 ? '\r\n' : ''}--${boundary}${PADDING[scribe.choose('transport-padding')]}\r\n`)
    parts.push(
      kind === 'digest' ? writeDigestPart(scribe, room) : writePart(scribe, room, kind === 'report' ? i : undefined),
    )
  }
  out.text(`\r\n--${boundary}--${PADDING[scribe.choose('transport-padding')]}`)
  return { kind: 'multipart', preamble, parts, epilogue: writeEpilogue(scribe, boundary) }
}

function writePreamble(scribe: Scribe, boundary: string): Uint8Array {
  const { out } = scribe
  const start = out.length
  const kind = scribe.choose('preamble')
  if (kind === 'absent') return out.copy(start)
  if (kind === 'text') out.text(drawText(scribe, 'This is a message in several parts.'))
  // What is no delimiter: a delimiter begins its line with "--" and the boundary.
  if (kind === 'looks-like-delimiter')
    out.text(scribe.random.of([`--~${boundary}`, ` --${boundary}`, `-- ${boundary}`, `-${boundary}`, '--']))
  const preamble = out.copy(start)
  out.lineEnd()
  return preamble
}

function writeEpilogue(scribe: Scribe, boundary: string): Uint8Array {
  const { out } = scribe
  const kind = scribe.choose('epilogue')
  if (kind === 'absent') return out.copy(out.length)
  out.lineEnd()
  const start = out.length
  if (kind === 'text') out.text(drawText(scribe, ''))
  if (kind === 'looks-like-delimiter') out.text(`--~${boundary}\r\n`)
  return out.copy(start)
}

function drawText(scribe: Scribe, first: string): string {
  const text = first === '' || scribe.random.chance(50) ? scribe.words(1, 12) : first
  return scribe.random.of([text, `${text}\r\n`, `${text}\r\n${scribe.words(1, 5)}`, `\r\n${text}`])
}

// body-part := MIME-part-headers [CRLF *OCTET]
function writePart(scribe: Scribe, room: Room, inReport: number | undefined): Entity {
  const form = inReport === undefined ? scribe.choose('body-part') : 'header-and-body'
  if (form === 'no-header' || form === 'nothing')
    return writeEntity(scribe, planBareText(scribe, form === 'nothing'), [])
  if (form === 'empty-body') {
    room.parts--
    return writeEntity(
      scribe,
      { ...planBareText(scribe, true), fields: [contentTypeField(scribe, 'text', 'plain', [])] },
      [],
    )
  }
  if (inReport === 1) return writeEntity(scribe, planSpecial(scribe, 'delivery-status'), [])
  const kind = inReport === 2 ? 'message' : inReport === 0 ? 'text' : scribe.choose('part-structure')
  const plan = kind === 'no-content-type' ? planBareText(scribe, false) : planKind(scribe, room, kind, false)
  return writeEntity(scribe, plan, writeContentFields(scribe))
}

/** In a digest a part without Content-Type is a message. RFC 2046 §5.1.5 */
function writeDigestPart(scribe: Scribe, room: Room): Entity {
  room.parts--
  if (scribe.random.chance(20)) return writeEntity(scribe, planText(scribe, false), [])
  const fields = scribe.random.chance(40) ? [contentTypeField(scribe, 'message', 'rfc822', [])] : []
  const writeBody = (): EntityBody => ({ kind: 'message', message: room.writeMessage(scribe, inside(room)) })
  return writeEntity(scribe, { fields, writeBody }, scribe.random.chance(20) ? [languageField(scribe)] : [])
}

function writeEntity(scribe: Scribe, plan: BodyPlan, more: readonly FieldWriter[]): Entity {
  const writers = [...plan.fields, ...more]
  if (scribe.profile === 'grammar') scribe.random.shuffle(writers)
  const fields: EntityField[] = writers.map((write) => write())
  scribe.out.lineEnd()
  return { fields, body: plan.writeBody() }
}

const inside = (room: Room): Room => {
  const inner = { ...room, parts: Math.ceil(room.parts / 2), depth: room.depth + 1 }
  room.parts -= inner.parts
  return inner
}

/** No boundary of a mail is the beginning of another: each has its number where they begin to differ. RFC 2046 §5.1.2 */
// boundary := 0*69<bchars> bcharsnospace
function drawBoundary(scribe: Scribe): string {
  const { random } = scribe
  const place = scribe.nextBoundary()
  const number =
    place < 25
      ? String.fromCharCode(0x61 + place)
      : `z${String.fromCharCode(0x61 + (Math.floor(place / 26) % 26), 0x61 + (place % 26))}`
  const some = (length: number, chars: string): string => {
    let text = ''
    for (let i = 0; i < length; i++) text += chars.charAt(random.below(chars.length))
    return text
  }
  switch (scribe.choose('boundary')) {
    case 'random':
      return number + some(random.between(8, 40), ALPHANUMERIC)
    case 'equals-underscore':
      return `----=_Part_${number}_${random.next()}.${random.next()}`
    case 'short':
      return number
    case 'longest':
      return number + some(70 - number.length, ALPHANUMERIC)
    case 'with-space':
      return `${number} ${some(8, ALPHANUMERIC)} ${some(5, ALPHANUMERIC)}`
    case 'all-bchars':
      return `${number + some(20, BCHARS)}=`
  }
}

const DEEPEST = 7
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const BCHARS = "'()+_,-./:=?0aZ"
const PADDING = { none: '', spaces: '  ', tab: '\t' } as const
