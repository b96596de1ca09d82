// Parameters of Content-Type and Content-Disposition, written: `parseParameters` reads back the same.
// RFC 2045 §5.1 (tokens, quoted strings); RFC 2231 §3, §4, §7 (where these do not do)

import { encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { formatQuotedString } from './cfws.ts'
import { isSectionOrExtended, PARAMETER_LIMITS, type Parameter } from './parameters.ts'

export type FormatParameterError =
  | { readonly kind: 'bad-parameter-name'; readonly name: string }
  | { readonly kind: 'duplicate-parameter'; readonly name: string }
  | { readonly kind: 'bad-language'; readonly language: string }
  | { readonly kind: 'not-unicode'; readonly name: string }
  | { readonly kind: 'too-many-parameters' }

/** `; name=value` for each: as tokens or quoted strings where ASCII does, else as RFC 2231 has it, in sections where long. */
export function formatParameters(parameters: readonly Parameter[]): Result<string, FormatParameterError> {
  const seen = new Set<string>()
  let text = ''
  let count = 0
  for (const parameter of parameters) {
    const { name, value, language } = parameter
    if (!NAME.test(name) || isSectionOrExtended(name)) return err({ kind: 'bad-parameter-name', name })
    if (seen.has(name)) return err({ kind: 'duplicate-parameter', name })
    if (language !== undefined && !LANGUAGE.test(language)) return err({ kind: 'bad-language', language })
    if (!value.isWellFormed()) return err({ kind: 'not-unicode', name })
    seen.add(name)
    const formatted = formatParameter(parameter)
    // RFC 2045 has the star in names, RFC 2231 gives it a meaning.
    if (name.includes('*') && !formatted[0]?.startsWith(`; ${name}=`)) return err({ kind: 'bad-parameter-name', name })
    count += formatted.length
    // What nobody would read back
    if (count > PARAMETER_LIMITS.parameters) return err({ kind: 'too-many-parameters' })
    text += formatted.join('')
  }
  return ok(text)
}

// parameter = regular-parameter / extended-parameter      RFC 2231 §7
function formatParameter({ name, value, language }: Parameter): readonly string[] {
  const most = name.includes('*') ? MAX_UNDIVIDED : MAX_PLAIN
  if (language === undefined && value.length <= most && QUOTABLE.test(value) && !value.includes('=?'))
    return [`; ${name}=${TOKEN.test(value) ? value : formatQuotedString(value)}`]
  const encoded = percentEncode(`utf-8'${language ?? ''}'`, value)
  const [only] = encoded
  if (encoded.length === 1) return [`; ${name}*=${only}`]
  return encoded.map((section, i) => `; ${name}*${i}*=${section}`)
}

/** In sections of whole characters. */
function percentEncode(prefix: string, value: string): readonly string[] {
  const sections: string[] = []
  let section = prefix
  for (const char of value) {
    let encoded = char
    if (!ATTRIBUTE_CHAR.test(char)) {
      encoded = ''
      for (const octet of encodeUtf8(char)) encoded += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
    }
    if (section.length + encoded.length > MAX_SECTION && section !== prefix) {
      sections.push(section)
      section = ''
    }
    section += encoded
  }
  sections.push(section)
  return sections
}

const NAME = /^[a-z0-9!#$%&'*+\-.^_`{|}~]{1,64}$/
const LANGUAGE = /^[A-Za-z0-9-]{1,64}$/
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+$/
/** ASCII a quoted string keeps as it is, with no white space that a fold could touch twice. */
const QUOTABLE = /^(?! )(?:[\x21-\x7e]| (?! |$))*$/
const ATTRIBUTE_CHAR = /^[A-Za-z0-9!#$&+\-.^_`{|}~]$/
const MAX_PLAIN = 60
const MAX_UNDIVIDED = 900 // of a name that cannot have sections
const MAX_SECTION = 60
