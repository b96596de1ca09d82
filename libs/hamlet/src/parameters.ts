// Parameters of Content-Type and Content-Disposition, written in every form.
// RFC 2045 §5.1 (syntax); RFC 2231 §3 (continuations), §4 (charset and language); RFC 6532 §3.2 (UTF-8 in quoted strings)

import type { Parameter } from '@scop/mime'
import { type Charset, drawCharset, drawUnits, type Unit } from './charset-text.ts'
import type { Scribe } from './scribe.ts'
import { writeQuotedString } from './text-fields.ts'

/** A parameter to write: its value is given as a token or to be quoted, or drawn in any form. */
export type WantedParameter = {
  readonly name: string
  readonly value:
    | { readonly kind: 'given'; readonly text: string }
    | { readonly kind: 'boundary'; readonly text: string }
    | { readonly kind: 'drawn'; readonly end: string }
}

/** `*( ";" parameter )`; answers what it wrote. */
export function writeParameters(scribe: Scribe, wanted: readonly WantedParameter[]): Parameter[] {
  return wanted.map(({ name, value }) => {
    switch (value.kind) {
      case 'given':
        return writeGiven(scribe, name, value.text)
      case 'boundary':
        return writeBoundary(scribe, name, value.text)
      case 'drawn':
        return writeDrawn(scribe, name, value.end)
    }
  })
}

function begin(scribe: Scribe, attribute: string, next: number): void {
  const { out } = scribe
  scribe.cfws()
  out.text(';')
  if (scribe.foldIfLong(attribute.length + next + 2) === undefined) {
    if (scribe.profile === 'realistic' || scribe.random.chance(80)) out.octet(SPACE)
    else scribe.cfws()
  }
  const form = scribe.choose('parameter-name')
  out.text(form === 'usual' ? attribute : form === 'upper' ? attribute.toUpperCase() : capitalize(attribute))
  scribe.cfws()
  out.text('=')
  scribe.cfws()
}

function writeGiven(scribe: Scribe, name: string, text: string): Parameter {
  begin(scribe, name, text.length + 2)
  scribe.out.text(TOKEN.test(text) && scribe.random.chance(60) ? text : `"${text}"`)
  return { name, value: text }
}

function writeBoundary(scribe: Scribe, name: string, text: string): Parameter {
  const form = scribe.choose('boundary-value')
  if (form === 'continued' && text.length > 1) {
    const cut = scribe.random.between(1, text.length - 1)
    begin(scribe, `${name}*0`, cut)
    scribe.out.text(`"${text.slice(0, cut)}"`)
    begin(scribe, `${name}*1`, text.length - cut)
    scribe.out.text(`"${text.slice(cut)}"`)
    return { name, value: text }
  }
  begin(scribe, name, text.length + 2)
  const escaped = form === 'quoted-pair' ? `\\${text}` : text
  scribe.out.text(form === 'token' && TOKEN.test(text) ? text : `"${escaped}"`)
  return { name, value: text }
}

function writeDrawn(scribe: Scribe, name: string, end: string): Parameter {
  const { out, random } = scribe
  const form = scribe.choose('value')
  switch (form) {
    case 'token': {
      const value = `${scribe.word()}${random.of(['', '-1', '_x', '+', "'"])}${end}`
      begin(scribe, name, value.length)
      out.text(value)
      return { name, value }
    }
    case 'empty':
      begin(scribe, name, 2)
      out.text('""')
      return { name, value: '' }
    // White space within quotes is part of the value, also at its ends.
    case 'spaces': {
      const value = ` ${scribe.word()}  ${scribe.word()}${random.of(['', ' ', '\t'])}`
      begin(scribe, name, value.length + 2)
      out.text(`"${value}"`)
      return { name, value }
    }
    case 'quoted-string': {
      const value = `${scribe.words(1, 4)}${random.of(['', ' (1)', ';', ', x', "'s", ' = '])}${end}`
      begin(scribe, name, value.length + 2)
      out.text(`"${value}"`)
      return { name, value }
    }
    case 'quoted-pair': {
      begin(scribe, name, 20)
      return { name, value: writeQuotedString(scribe, random.between(1, 3)) }
    }
    case 'utf8': {
      const value = `${scribe.utf8Word()} ${scribe.utf8Word()}${end}`
      begin(scribe, name, value.length * 2)
      out.text(`"${value}"`)
      return { name, value }
    }
    case 'extended':
    case 'continued-extended':
    case 'continued-mixed':
      return writeExtended(scribe, name, end, form)
    case 'continued': {
      const value = `${scribe.words(2, 8)}${end}`
      const cuts = cutAnywhere(scribe, value.length)
      writeSections(
        scribe,
        cuts.map(([from, to], i) => [`${name}*${i}`, `"${value.slice(from, to)}"`]),
      )
      return { name, value }
    }
  }
}

// extended-initial-value = [charset] "'" [language] "'" extended-other-values
function writeExtended(
  scribe: Scribe,
  name: string,
  end: string,
  form: 'extended' | 'continued-extended' | 'continued-mixed',
): Parameter {
  const { random } = scribe
  const kind = scribe.choose('extended-charset')
  const charset: Charset = drawCharset(scribe, kind === 'absent' ? 'us-ascii' : kind)
  const language = scribe.choose('extended-language') === 'present' ? random.of(['en', 'de-CH', 'x-velm']) : undefined
  const units = drawUnits(scribe, charset, form === 'extended' ? random.between(1, 2) : random.between(2, 5))
  const charsetName = kind === 'absent' ? '' : random.chance(30) ? charset.name.toUpperCase() : charset.name
  const prefix = `${charsetName}'${language ?? ''}'`
  let value = ''
  for (const { text } of units) value += text
  const sections: [attribute: string, value: string][] = []
  if (form === 'extended') {
    sections.push([`${name}*`, prefix + percentEncode(scribe, units) + end])
    value += end
  } else {
    cutAnywhere(scribe, units.length).forEach(([from, to], i) => {
      sections.push([`${name}*${i}*`, (i === 0 ? prefix : '') + percentEncode(scribe, units.slice(from, to))])
    })
    if (form === 'continued-mixed') {
      const plain = ` ${scribe.words(1, 2)}%20'${end}`
      sections.push([`${name}*${sections.length}`, `"${plain}"`])
      value += plain
    }
  }
  writeSections(scribe, sections)
  return language === undefined ? { name, value } : { name, value, language }
}

function writeSections(scribe: Scribe, sections: [attribute: string, value: string][]): void {
  if (sections.length > 1 && scribe.choose('sections') === 'shuffled') scribe.random.shuffle(sections)
  for (const [attribute, value] of sections) {
    begin(scribe, attribute, value.length)
    scribe.out.text(value)
  }
}

/** One to five ranges that follow each other. */
function cutAnywhere(scribe: Scribe, length: number): (readonly [from: number, to: number])[] {
  const ranges: (readonly [number, number])[] = []
  let from = 0
  for (let left = scribe.random.between(1, 5); left > 1 && length - from > 1; left--) {
    const to = scribe.random.between(from + 1, length - 1)
    ranges.push([from, to])
    from = to
  }
  ranges.push([from, length])
  return ranges
}

// ext-octet = "%" 2(DIGIT / "A" / … / "F")      attribute-char = any but SPACE, CTLs, "*", "'", "%", tspecials
function percentEncode(scribe: Scribe, units: readonly Unit[]): string {
  let text = ''
  for (const { octets } of units) {
    for (const octet of octets) {
      const char = String.fromCharCode(octet)
      if (ATTRIBUTE_CHAR.test(char) && (octet === 0x2e || !scribe.random.chance(10))) text += char
      else text += `%${octet < 16 ? '0' : ''}${octet.toString(16).toUpperCase()}`
    }
  }
  return text
}

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const SPACE = 0x20
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+$/
const ATTRIBUTE_CHAR = /^[A-Za-z0-9!#$&+\-.^_`{|}~]$/
