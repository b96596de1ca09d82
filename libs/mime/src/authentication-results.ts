// Authentication-Results: what we found, written so that no found value can add to it, and forged fields recognised.
// RFC 8601 §2.2 (grammar), §2.3 (properties), §2.7 (methods), §5 (removing forged fields)

import { type DomainName, parseInternationalDomainName } from '@scop/identifiers'
import { decodeLatin1, decodeUtf8, isAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { formatField } from './format-field.ts'
import { type Field, unfoldOctets } from './field.ts'

export type AuthenticationMethod = 'arc' | 'auth' | 'dkim' | 'dmarc' | 'iprev' | 'spf'
export type AuthenticationResult =
  | 'none'
  | 'pass'
  | 'fail'
  | 'softfail'
  | 'policy'
  | 'neutral'
  | 'temperror'
  | 'permerror'

/** `ptype.property=value`, as `header.d=example.com`. The value may be foreign: it is quoted and cleaned. */
export type AuthenticationProperty = {
  readonly type: 'smtp' | 'header' | 'body' | 'policy'
  readonly name: string
  readonly value: string
}

export type MethodResult = {
  readonly method: AuthenticationMethod
  readonly result: AuthenticationResult
  /** For people; may be foreign. */
  readonly reason?: string
  readonly properties?: readonly AuthenticationProperty[]
}

/** The whole field with its line end; no results is written `none`. */
export function formatAuthenticationResults(authservId: DomainName, results: readonly MethodResult[]): Uint8Array {
  const parts = results.length === 0 ? [' none'] : results.map((result) => ` ${formatMethodResult(result)}`)
  return expectOk(
    formatField('Authentication-Results', `${authservId};${parts.join(';')}`),
    'write Authentication-Results',
  )
}

// resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
function formatMethodResult(result: MethodResult): string {
  let text = `${result.method}=${result.result}`
  if (result.reason !== undefined) text += ` reason=${formatQuoted(result.reason)}`
  for (const property of result.properties ?? []) {
    if (!KEYWORD.test(property.name))
      throw new Error(`Cannot write Authentication-Results: property "${property.name}"`)
    text += ` ${property.type}.${property.name}=${formatValue(property.value)}`
  }
  return text
}

/**
 * Whether an Authentication-Results field speaks in the name of `id`: in any letter case, quoted, with comments, a version,
 * a final dot, U-labels. A field whose identifier cannot be read in one way only is taken to claim it where `id` could be
 * read out of it at all, so that it is removed; one without any identifier (as Microsoft 365 writes them) is not ours.
 */
export function claimsAuthservId(field: Field, id: DomainName): boolean {
  if (field.name.toLowerCase() !== 'authentication-results') return false
  const claimed = readAuthservId(field.value)
  if (claimed === undefined) return couldMention(field.value, id)
  const domain = parseInternationalDomainName(claimed)
  return domain.ok ? domain.value === id : sameButForDots(claimed.toLowerCase(), id)
}

/** Whether some reader, however lax, could find `id` in the value. U-labels are not looked into: any of them could be it. */
function couldMention(value: Uint8Array, id: DomainName): boolean {
  if (!isAscii(value)) return true
  const text = decodeLatin1(value).toLowerCase()
  const squeezed = (from: string): string => from.replace(NOT_NAME, '')
  return squeezed(text).includes(id) || squeezed(withoutComments(text)).includes(id)
}

/** Comments that close, from the innermost out; one that never closes stays. */
function withoutComments(text: string): string {
  let left = text
  for (let depth = 0; depth < MAX_COMMENTS; depth++) {
    const next = left.replace(INNERMOST_COMMENT, '')
    if (next === left) break
    left = next
  }
  return left
}

/** Whether `text` is `id` with nothing but dots after it. */
function sameButForDots(text: string, id: DomainName): boolean {
  if (!text.startsWith(id)) return false
  for (let at = id.length; at < text.length; at++) if (text[at] !== '.') return false
  return true
}

// authserv-id = value      value = token / quoted-string      then [ CFWS authres-version ] ";"
function readAuthservId(value: Uint8Array): string | undefined {
  const unfolded = unfoldOctets(value)
  const decoded = decodeUtf8(unfolded)
  const text = decoded.ok ? decoded.value : decodeLatin1(unfolded)
  if (CONTROL.test(text)) return undefined
  let at = skipComments(text, 0)
  if (at === undefined) return undefined
  let id = ''
  if (text[at] === '"') {
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      if (at >= text.length) return undefined
      id += text[at]
    }
    at++
  } else {
    TOKEN.lastIndex = at
    id = TOKEN.exec(text)?.[0] ?? ''
    at += id.length
  }
  const after = skipComments(text, at)
  if (id === '' || after === undefined || !AFTER_ID.test(text.slice(after, after + MAX_VERSION))) return undefined
  return id.trim()
}

/** Past white space and comments; undefined where a comment does not close. */
function skipComments(text: string, start: number): number | undefined {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (depth > 0 && char === '\\') at++
    else if (char === '(') depth++
    else if (char === ')' && depth > 0) depth--
    else if (depth === 0 && char !== ' ' && char !== '\t') return at
  }
  return depth === 0 ? text.length : undefined
}

// pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]
const formatValue = (value: string): string => (PLAIN_VALUE.test(value) ? value : formatQuoted(value))

/** A cut value ends in an ellipsis; octets no header can hold become question marks. */
function formatQuoted(value: string): string {
  const cut = value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}...` : value
  return `"${cut.toWellFormed().replace(UNWRITABLE, '?').replace(/["\\]/g, '\\$&')}"`
}

const NOT_NAME = /[^a-z0-9.-]/g
const MAX_COMMENTS = 16 // in each other
const INNERMOST_COMMENT = /\([^()]*\)/g
const MAX_VALUE = 256
const MAX_VERSION = 16
const KEYWORD = /^[a-z][a-z0-9-]{0,31}$/
const PLAIN_VALUE = /^(?:[A-Za-z0-9!#$%&'*+\-.^_`{|}~]{1,64})?@?[A-Za-z0-9!#$%&'*+\-.^_`{|}~]{1,255}$/
const TOKEN = /[^\s()<>@,;:\\"/[\]?=]+/y
const AFTER_ID = /^(?:$|;|\/?[ \t]*[0-9]{1,4}(?:[ \t(;]|$))/
// oxlint-disable-next-line no-control-regex -- they are what no value may hold
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
// oxlint-disable-next-line no-control-regex -- they are what no value may hold
const UNWRITABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g
