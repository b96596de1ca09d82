// Leaves: text in many charsets, other media, reports; each as its content and the fields that describe it.
// RFC 2045 §5, §6; RFC 2046 §4, §5.2; RFC 2183 §2; RFC 3464 §2, RFC 8098 §3, RFC 6522 §4

import type { EntityField, Parameter } from '@scop/mime'
import { drawDomain } from './addresses.ts'
import { drawCharset, drawUnits, drawWideCharset } from './charset-text.ts'
import { OctetWriter } from './octet-writer.ts'
import { type WantedParameter, writeParameters } from './parameters.ts'
import type { Scribe } from './scribe.ts'
import type { Alternative } from './weights.ts'
import { writeBase64, writeQuotedPrintable, writeUuencode, writeYenc } from './transfer-encodings.ts'

/** Writes a field, line end included, and answers it. */
export type FieldWriter = () => EntityField
export type Plan<Body> = { readonly fields: FieldWriter[]; readonly writeBody: () => Body }
export type LeafPlan = Plan<{ readonly kind: 'leaf'; readonly octets: Uint8Array }>

// content = "Content-Type" ":" type "/" subtype *(";" parameter)
export function contentTypeField(
  scribe: Scribe,
  type: string,
  subtype: string,
  wanted: readonly WantedParameter[],
): FieldWriter {
  return () => {
    const { out, random } = scribe
    const name = scribe.beginField('Content-Type')
    scribe.cfws()
    const upper = random.chance(8)
    out.text(upper ? type.toUpperCase() : type)
    scribe.cfws()
    out.text('/')
    scribe.cfws()
    out.text(upper ? subtype.toUpperCase() : subtype)
    const parameters: Parameter[] = writeParameters(scribe, wanted)
    scribe.cfws()
    scribe.endField()
    return { name, kind: 'content-type', contentType: { type, subtype, parameters } }
  }
}

export function encodingField(scribe: Scribe, token: string): FieldWriter {
  return () => {
    const form = scribe.choose('mechanism')
    const name = scribe.beginField('Content-Transfer-Encoding')
    if (form === 'commented') {
      scribe.comment()
      scribe.out.text(' ')
    }
    const written =
      form === 'upper' ? token.toUpperCase() : form === 'mixed' ? token.charAt(0).toUpperCase() + token.slice(1) : token
    scribe.out.text(written)
    if (form === 'commented') scribe.cfws()
    scribe.endField()
    return { name, kind: 'content-transfer-encoding', token }
  }
}

/** text/plain of US-ASCII as itself, with no field at all where that is what it means. RFC 2045 §5.2 */
export function planBareText(scribe: Scribe, empty: boolean): LeafPlan {
  const octets = empty ? NOTHING : drawTextOctets(scribe, 'us-ascii', undefined)
  return { fields: [], writeBody: () => identity(scribe, octets) }
}

export function planText(scribe: Scribe, inMessage: boolean): LeafPlan {
  const { random } = scribe
  const kind = scribe.choose('text-type')
  const [type, subtype] = ['text', kind === 'unknown' ? random.of(['x-velm', 'markdown', 'troff']) : kind]
  const charsetKind = scribe.choose('charset')
  const wide = charsetKind === 'multibyte' && random.chance(10)
  const charset =
    charsetKind === 'absent' ? undefined : wide ? drawWideCharset(scribe) : drawCharset(scribe, charsetKind)
  const octets = drawTextOctets(scribe, kind, charset)
  const wanted: WantedParameter[] = []
  if (charset !== undefined) {
    const name = random.chance(20) ? charset.name.toUpperCase() : charset.name
    wanted.push({ name: 'charset', value: { kind: 'given', text: name } })
  }
  if (kind === 'calendar')
    wanted.push({ name: 'method', value: { kind: 'given', text: random.of(['REQUEST', 'REPLY']) } })
  if (kind === 'plain' && scribe.choose('content-type-parameter') === 'format') {
    wanted.push({ name: 'format', value: { kind: 'given', text: random.of(['flowed', 'fixed']) } })
    if (random.chance(50)) wanted.push({ name: 'delsp', value: { kind: 'given', text: random.of(['yes', 'no']) } })
  } else if (scribe.choose('content-type-parameter') === 'x-token') {
    wanted.push({ name: 'x-velm', value: { kind: 'drawn', end: '' } })
  }
  const plan = planEncoded(scribe, octets, wide)
  const fields = [contentTypeField(scribe, type, subtype, wanted), ...plan.fields]
  if (!inMessage) fields.push(...descriptiveFields(scribe, '.txt'))
  return { fields, writeBody: plan.writeBody }
}

/** By the encoding that text may have, which a field names unless it is 7bit. */
function planEncoded(scribe: Scribe, octets: Uint8Array, binary: boolean): LeafPlan {
  const { random } = scribe
  const drawn = scribe.choose('transfer-encoding')
  const ascii = octets.every((octet) => octet < 0x80)
  if (binary || drawn === 'base64')
    return {
      fields: [encodingField(scribe, 'base64')],
      writeBody: () => {
        writeBase64(scribe, octets)
        return { kind: 'leaf', octets }
      },
    }
  if (drawn === 'quoted-printable')
    return {
      fields: [encodingField(scribe, 'quoted-printable')],
      writeBody: () => {
        writeQuotedPrintable(scribe, octets, true)
        return { kind: 'leaf', octets }
      },
    }
  const token = random.of(ascii ? ['7bit', '7bit', '8bit', 'binary'] : ['8bit', '8bit', 'binary'])
  const fields = ascii && drawn === 'identity-absent' ? [] : [encodingField(scribe, token)]
  return { fields, writeBody: () => identity(scribe, octets) }
}

export function planAttachment(scribe: Scribe): LeafPlan {
  const { random } = scribe
  const kind = scribe.choose('media-type')
  const [type, subtype, end] = random.of(MEDIA[kind])
  const size = scribe.choose('octets')
  let length = 0
  if (size === 'few') length = random.between(1, 200)
  if (size === 'many') length = random.between(200, 6000)
  if (size === 'very-many') length = random.between(6000, 90_000)
  const encoding = scribe.choose('attachment-encoding')
  if (encoding === 'uuencode' && length % 45 === 13) length++
  const octets = new Uint8Array(length)
  const low = encoding === 'quoted-printable' || random.chance(20)
  for (let i = 0; i < length; i++)
    octets[i] = low && random.chance(80) ? random.between(0x20, 0x7e) : random.next() >>> 24
  // As they are, they must not hold what could be a delimiter, and in 8bit are lines.
  if (encoding === 'binary') for (let i = 0; i < length; i++) if (octets[i] === DASH) octets[i] = SPACE
  if (encoding === '8bit') {
    for (let i = 0; i < length; i++) {
      const octet = octets[i] as number // as: i < length
      if (octet < 0x20 || octet === DASH || octet === 0x7f) octets[i] = 0xe9
      if (i % 72 === 70 && i + 1 < length) octets[i] = CR
      if (i % 72 === 71) octets[i] = LF
    }
  }
  const name = `${scribe.word()}${end}`
  const wanted: WantedParameter[] = []
  const parameter = scribe.choose('content-type-parameter')
  if (parameter === 'name') wanted.push({ name: 'name', value: { kind: 'drawn', end } })
  if (parameter === 'x-token') wanted.push({ name: 'x-velm-a', value: { kind: 'drawn', end: '' } })
  const token = encoding === 'uuencode' ? random.of(['x-uuencode', 'x-uue']) : encoding === 'yenc' ? 'x-yenc' : encoding
  return {
    fields: [
      contentTypeField(scribe, type, subtype, wanted),
      encodingField(scribe, token),
      ...descriptiveFields(scribe, end),
    ],
    writeBody: () => {
      if (encoding === 'base64') writeBase64(scribe, octets)
      else if (encoding === 'quoted-printable') writeQuotedPrintable(scribe, octets, false)
      else if (encoding === 'uuencode') writeUuencode(scribe, octets, name)
      else if (encoding === 'yenc') writeYenc(scribe, octets, name)
      else scribe.out.all(octets)
      return { kind: 'leaf', octets }
    },
  }
}

/** Types of message/ that are no message, and the like. */
export function planSpecial(scribe: Scribe, forced?: 'delivery-status' | 'disposition-notification'): LeafPlan {
  const { random } = scribe
  const kind = forced ?? scribe.choose('special')
  const to = `${scribe.word()}@${drawDomain(scribe)}`
  const write = (
    type: string,
    subtype: string,
    wanted: readonly WantedParameter[],
    lines: readonly string[],
  ): LeafPlan => {
    const octets = ENCODER.encode(lines.join('\r\n'))
    return { fields: [contentTypeField(scribe, type, subtype, wanted)], writeBody: () => identity(scribe, octets) }
  }
  const given = (name: string, text: string): WantedParameter => ({ name, value: { kind: 'given', text } })
  switch (kind) {
    case 'delivery-status': {
      const lines = [
        `Reporting-MTA: dns; ${drawDomain(scribe)}`,
        '',
        `Final-Recipient: rfc822; ${to}`,
        'Action: failed',
        'Status: 5.1.1',
        '',
      ]
      return write('message', 'delivery-status', [], lines)
    }
    case 'disposition-notification':
      return write(
        'message',
        'disposition-notification',
        [],
        [`Final-Recipient: rfc822;${to}`, 'Disposition: manual-action/MDN-sent-manually; displayed', ''],
      )
    case 'partial':
      return write(
        'message',
        'partial',
        [given('id', `${random.next()}@${drawDomain(scribe)}`), given('number', '2'), given('total', '3')],
        [scribe.words(5, 30), ''],
      )
    case 'external-body':
      return write(
        'message',
        'external-body',
        [given('access-type', 'URL'), given('url', `https://${drawDomain(scribe)}/x`)],
        ['Content-Type: image/png', `Content-ID: <${to}>`, '', ''],
      )
    case 'rfc822-headers':
      return write('text', 'rfc822-headers', [], [`To: ${to}`, `Subject: ${scribe.words(1, 4)}`, ''])
    case 'unknown':
      return write('message', 'x-velm', [], [scribe.words(1, 20)])
  }
}

function identity(scribe: Scribe, octets: Uint8Array): { readonly kind: 'leaf'; readonly octets: Uint8Array } {
  scribe.out.all(octets)
  return { kind: 'leaf', octets }
}

// disposition = "Content-Disposition" ":" disposition-type *(";" disposition-parm)      and the rest of RFC 2045 §7, §8
export function descriptiveFields(scribe: Scribe, end: string): FieldWriter[] {
  const { random } = scribe
  const fields: FieldWriter[] = []
  const shown = scribe.choose('content-disposition')
  if (shown !== 'absent') {
    fields.push(() => {
      const disposition = shown === 'unknown' ? 'x-velm' : shown
      const name = scribe.beginField('Content-Disposition')
      scribe.cfws()
      scribe.out.text(random.chance(5) ? disposition.toUpperCase() : disposition)
      const wanted: WantedParameter[] = []
      const which = scribe.choose('disposition-parameter')
      if (which !== 'none') wanted.push({ name: 'filename', value: { kind: 'drawn', end } })
      if (which === 'size') wanted.push({ name: 'size', value: { kind: 'given', text: `${random.below(100_000)}` } })
      if (which === 'dates') {
        const text = `Wed, 12 Feb 1997 16:29:${random.between(10, 59)} -0500`
        wanted.push({ name: 'modification-date', value: { kind: 'given', text } })
      }
      const parameters = writeParameters(scribe, wanted)
      scribe.endField()
      return { name, kind: 'content-disposition', disposition: { disposition, parameters } }
    })
  }
  return fields
}

/** Lines as the kind has them; every octet below 0x80 where there is no charset. */
function drawTextOctets(scribe: Scribe, kind: string, charset: ReturnType<typeof drawCharset> | undefined): Uint8Array {
  const { random } = scribe
  SCRATCH.clear()
  const form = scribe.choose('text-lines')
  if (form === 'empty') return NOTHING
  const wide = charset !== undefined && charset.space.octets.length > 1
  const ascii = charset === undefined || charset.name === 'us-ascii'
  const count =
    form === 'one'
      ? 1
      : form === 'many'
        ? random.between(10, 60)
        : form === 'very-many'
          ? random.between(60, 600)
          : random.between(2, 9)
  if (!wide && kind === 'calendar') SCRATCH.text('BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n')
  for (let i = 0; i < count; i++) {
    if (!wide && form === 'from-and-dots' && random.chance(40))
      SCRATCH.text(random.of(['From here ', '.', '..', ' ', '\t', '>From ', '. ']))
    else {
      const words = form === 'long-lines' ? random.between(60, 95) : random.between(0, 12)
      if (!wide && kind === 'html')
        SCRATCH.text(random.of(['<p class="v">', '<td width=3>', '<br>', '<a href="https://x.test/?a=1&b=2">']))
      if (!wide && kind === 'calendar') SCRATCH.text('SUMMARY:')
      if (charset === undefined || ascii || random.chance(60)) {
        for (let word = 0; word < words; word++) {
          if (word > 0) SCRATCH.all(charset?.space.octets ?? ONE_SPACE)
          if (wide) SCRATCH.all((random.of(charset?.words ?? [])[0] ?? { octets: NOTHING }).octets)
          else SCRATCH.text(scribe.word())
        }
      } else {
        const few = Math.min(words, form === 'long-lines' ? 30 : 12)
        for (const { octets } of drawUnits(scribe, charset, few)) SCRATCH.all(octets)
      }
      if (!wide && kind === 'html') SCRATCH.text(random.of(['</p>', '', '</a>', '&nbsp;']))
    }
    if (i === count - 1 && form === 'unfinished') break
    if (wide) SCRATCH.all(charset?.name === 'utf-16be' ? WIDE_LINE_END : WIDE_LINE_END_LE)
    else SCRATCH.lineEnd()
  }
  return SCRATCH.copy()
}

const DASH = 0x2d
const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a
const NOTHING = new Uint8Array(0)
const ONE_SPACE = Uint8Array.of(SPACE)
const WIDE_LINE_END = Uint8Array.of(0, CR, 0, LF)
const WIDE_LINE_END_LE = Uint8Array.of(CR, 0, LF, 0)
const SCRATCH = new OctetWriter()
const ENCODER = new TextEncoder()
const MEDIA: Readonly<
  Record<Alternative<'media-type'>, readonly (readonly [type: string, subtype: string, end: string])[]>
> = {
  image: [
    ['image', 'png', '.png'],
    ['image', 'jpeg', '.jpg'],
    ['image', 'svg+xml', '.svg'],
  ],
  application: [
    ['application', 'pdf', '.pdf'],
    ['application', 'octet-stream', '.bin'],
    ['application', 'vnd.velm.sheet+zip', '.vlm'],
  ],
  audio: [['audio', 'basic', '.au']],
  video: [['video', 'mpeg', '.mpg']],
  font: [['font', 'woff2', '.woff2']],
  'x-token': [
    ['x-velm', 'x-odd', ''],
    ['application', 'x-zip.7', '.7z'],
    ["x!#$&'", 'y^_`{|}', ''],
  ],
}
