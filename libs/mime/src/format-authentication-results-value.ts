// Authentication-Results as others wrote it, written again: `parseAuthenticationResults` reads back the same. What we found
// ourselves is in authentication-results.ts. RFC 8601 §2.2 (grammar)

import { err, ok, type Result } from '@scop/result'
import { formatComment, formatQuotedString } from './cfws.ts'
import {
  type ParsedAuthenticationResults,
  parseAuthenticationResults,
  type ReadMethodResult,
  type ReadProperty,
} from './parse-authentication-results.ts'
import { isSameValue } from './same-value.ts'

export type FormatAuthenticationResultsError = {
  /** `unwritable`: words that are no keywords, upper case, no results and nobody who found none, more than is read. */
  readonly kind: 'control-character' | 'not-unicode' | 'unwritable'
}

/** The value of the field, for `formatField`. */
// authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
export function formatAuthenticationResultsValue(
  value: ParsedAuthenticationResults,
): Result<string, FormatAuthenticationResultsError> {
  const results = value.results.length === 0 ? 'none' : value.results.map(formatResult).join('; ')
  const version = value.version === undefined ? '' : ` ${value.version}`
  const text = value.authservId === undefined ? results : `${formatValue(value.authservId)}${version}; ${results}`
  if (CONTROL.test(text)) return err({ kind: 'control-character' })
  if (!text.isWellFormed()) return err({ kind: 'not-unicode' })
  const read = parseAuthenticationResults(text)
  return read.ok && isSameValue(read.value, value) ? ok(text) : err({ kind: 'unwritable' })
}

// resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
function formatResult({ method, methodVersion, result, reason, comments, properties }: ReadMethodResult): string {
  const version = methodVersion === undefined ? '' : `/${methodVersion}`
  const words = [`${method}${version}=${result}`, ...comments.map(formatComment)]
  if (reason !== undefined) words.push(`reason=${formatQuotedString(reason)}`)
  return [...words, ...properties.map(formatProperty)].join(' ')
}

// propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
const formatProperty = ({ type, name, value }: ReadProperty): string =>
  `${type === undefined ? '' : `${type}.`}${name}=${formatValue(value)}`

const formatValue = (value: string): string => (PLAIN.test(value) ? value : formatQuotedString(value))

const PLAIN = /^(?:[A-Za-z0-9!#$%&'*+\-.^_`{|}~]{1,64}@|@)?[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+$/
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
