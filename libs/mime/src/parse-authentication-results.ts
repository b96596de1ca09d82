// Authentication-Results, read: what some server says that it checked. Whether that server is to be believed is the
// caller's question; `claimsAuthservId` removes those that speak in our name.
// RFC 8601 §2.2 (grammar), §2.3 (properties); RFC 8617 §4.1.1 (ARC-Authentication-Results: pass the value after `i=…;`)

import { err, ok, type Result } from '@scop/result'
import { endOfToken, isSpace, readComment, readQuotedString } from './cfws.ts'

export type ReadProperty = {
  /** `smtp`, `header`, `body`, `policy`, or another word; lower case. Absent (`action=none`) only without `authservId`. */
  readonly type: string | undefined
  /** Lower case. */
  readonly name: string
  readonly value: string
}

export type ReadMethodResult = {
  /** Lower case, as are results; any word, known or not. */
  readonly method: string
  readonly methodVersion: number | undefined
  readonly result: string
  readonly reason: string | undefined
  readonly comments: readonly string[]
  readonly properties: readonly ReadProperty[]
}

export type ParsedAuthenticationResults = {
  /** Absent in the form of Microsoft 365, which begins with the first result. It cannot be told then who speaks. */
  readonly authservId: string | undefined
  readonly version: number | undefined
  /** Empty for `none`. */
  readonly results: readonly ReadMethodResult[]
}

export type AuthenticationResultsError = {
  readonly kind:
    | 'no-authserv-id'
    | 'bad-version'
    | 'no-semicolon'
    | 'bad-method'
    | 'bad-result'
    | 'bad-property'
    | 'unclosed-quoted-string'
    | 'unclosed-comment'
    | 'too-many-results'
    | 'too-many-properties'
    | 'no-results'
  /** In UTF-16 code units from the start of the value. */
  readonly at: number
}

export type AuthenticationResultsLimits = { readonly results: number; readonly properties: number }
export const AUTHENTICATION_RESULTS_LIMITS: AuthenticationResultsLimits = { results: 100, properties: 50 }

/** Reads the value, folded or not. A security decision may rest on it, so what is not the grammar is refused. */
// authres-header-field = "Authentication-Results:" authres-payload
// authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
export function parseAuthenticationResults(
  value: string,
  limits: AuthenticationResultsLimits = AUTHENTICATION_RESULTS_LIMITS,
): Result<ParsedAuthenticationResults, AuthenticationResultsError> {
  const cursor: Cursor = { text: value, at: 0, unclosed: undefined }
  skip(cursor)
  METHOD.lastIndex = cursor.at
  if (METHOD.test(value)) return readResults(cursor, { authservId: undefined, version: undefined }, limits)
  const authservId = readValue(cursor)
  if (!authservId.ok) return authservId
  if (authservId.value === '') return err({ kind: 'no-authserv-id', at: cursor.at })
  skip(cursor)
  let version: number | undefined
  if (peek(cursor) !== ';') {
    version = readDigits(cursor)
    if (version === undefined) return err({ kind: 'bad-version', at: cursor.at })
    skip(cursor)
  }
  if (peek(cursor) !== ';') return err({ kind: 'no-semicolon', at: cursor.at })
  cursor.at++
  return readResults(cursor, { authservId: authservId.value, version }, limits)
}

type Speaker = Pick<ParsedAuthenticationResults, 'authservId' | 'version'>

// no-result / 1*resinfo, from behind the first ";"
function readResults(
  cursor: Cursor,
  speaker: Speaker,
  limits: AuthenticationResultsLimits,
): Result<ParsedAuthenticationResults, AuthenticationResultsError> {
  const { text } = cursor
  const results: ReadMethodResult[] = []
  let none = false
  for (let more = true; more; more = acceptSemicolon(cursor)) {
    skip(cursor)
    // A semicolon at the end, as Gmail's folding sometimes leaves: nothing follows.
    if (cursor.at >= text.length && (results.length > 0 || none)) break
    const at = cursor.at
    const keyword = readKeyword(cursor)
    skip(cursor)
    if (keyword === 'none' && results.length === 0 && peek(cursor) !== '=' && peek(cursor) !== '/') {
      none = true
      continue
    }
    if (keyword === '' || none) return err({ kind: 'bad-method', at })
    if (results.length >= limits.results) return err({ kind: 'too-many-results', at })
    const result = readResult(cursor, keyword, speaker, limits)
    if (!result.ok) return result
    results.push(result.value)
  }
  if (cursor.unclosed !== undefined) return err({ kind: 'unclosed-comment', at: cursor.unclosed })
  if (cursor.at < text.length) return err({ kind: 'bad-property', at: cursor.at })
  return results.length === 0 && !none ? err({ kind: 'no-results', at: cursor.at }) : ok({ ...speaker, results })
}

type Cursor = { readonly text: string; at: number; unclosed: number | undefined }

// resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
// methodspec = [CFWS] method [CFWS] "=" [CFWS] result      method = Keyword [ [CFWS] "/" [CFWS] method-version ]
function readResult(
  cursor: Cursor,
  method: string,
  speaker: Speaker,
  limits: AuthenticationResultsLimits,
): Result<ReadMethodResult, AuthenticationResultsError> {
  let methodVersion: number | undefined
  if (peek(cursor) === '/') {
    cursor.at++
    skip(cursor)
    methodVersion = readDigits(cursor)
    if (methodVersion === undefined) return err({ kind: 'bad-version', at: cursor.at })
    skip(cursor)
  }
  if (peek(cursor) !== '=') return err({ kind: 'bad-method', at: cursor.at })
  cursor.at++
  skip(cursor)
  const result = readKeyword(cursor)
  if (result === '') return err({ kind: 'bad-result', at: cursor.at })
  const comments: string[] = []
  const properties: ReadProperty[] = []
  let reason: string | undefined
  for (;;) {
    skip(cursor, comments)
    if (cursor.at >= cursor.text.length || peek(cursor) === ';') break
    const at = cursor.at
    const word = readKeyword(cursor)
    skip(cursor)
    // reasonspec = "reason" [CFWS] "=" [CFWS] value
    if (word === 'reason' && peek(cursor) === '=' && reason === undefined) {
      cursor.at++
      skip(cursor)
      const text = readValue(cursor)
      if (!text.ok) return text
      reason = text.value
      continue
    }
    const untyped = speaker.authservId === undefined && peek(cursor) === '='
    if (word === '' || (peek(cursor) !== '.' && !untyped)) return err({ kind: 'bad-property', at })
    if (properties.length >= limits.properties) return err({ kind: 'too-many-properties', at })
    const property = untyped ? readPropertyValue(cursor, undefined, word) : readProperty(cursor, word)
    if (!property.ok) return property
    properties.push(property.value)
  }
  return ok({ method, methodVersion, result, reason, comments, properties })
}

// propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
// pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]
function readProperty(cursor: Cursor, type: string): Result<ReadProperty, AuthenticationResultsError> {
  cursor.at++
  skip(cursor)
  const name = readKeyword(cursor)
  skip(cursor)
  if (name === '' || peek(cursor) !== '=') return err({ kind: 'bad-property', at: cursor.at })
  return readPropertyValue(cursor, type, name)
}

function readPropertyValue(
  cursor: Cursor,
  type: string | undefined,
  name: string,
): Result<ReadProperty, AuthenticationResultsError> {
  cursor.at++
  skip(cursor)
  const value = readValue(cursor)
  if (!value.ok) return value
  return ok({ type, name, value: value.value })
}

/** Words, quoted strings and an address of both: up to white space, `;` or a comment. */
function readValue(cursor: Cursor): Result<string, AuthenticationResultsError> {
  const { text } = cursor
  let value = ''
  for (let at = cursor.at; ; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const quoted = readQuotedString(text, at)
      if (!quoted.closed) return err({ kind: 'unclosed-quoted-string', at })
      value += quoted.content
      at = quoted.end
      continue
    }
    const start = at
    while (at < text.length && isValueCode(text.charCodeAt(at))) at++
    value += text.slice(start, at)
    if (at === start || text.charCodeAt(at) !== QUOTE) {
      cursor.at = at
      return ok(value)
    }
  }
}

function readKeyword(cursor: Cursor): string {
  const start = cursor.at
  while (cursor.at < cursor.text.length && KEYWORD.test(cursor.text.charAt(cursor.at))) cursor.at++
  return cursor.text.slice(start, cursor.at).toLowerCase()
}

function readDigits(cursor: Cursor): number | undefined {
  const end = endOfToken(cursor.text, cursor.at)
  const digits = cursor.text.slice(cursor.at, end)
  if (!DIGITS.test(digits)) return undefined
  cursor.at = end
  return Number(digits)
}

/** Past CFWS, keeping the comments where asked to. */
function skip(cursor: Cursor, comments?: string[]): void {
  for (;;) {
    while (isSpace(cursor.text.charCodeAt(cursor.at))) cursor.at++
    if (peek(cursor) !== '(') return
    const comment = readComment(cursor.text, cursor.at)
    if (!comment.closed) cursor.unclosed ??= cursor.at
    if (comments !== undefined && comments.length < MAX_COMMENTS) comments.push(comment.content)
    cursor.at = comment.end
  }
}

function acceptSemicolon(cursor: Cursor): boolean {
  if (peek(cursor) !== ';') return false
  cursor.at++
  return true
}

const peek = (cursor: Cursor): string => cursor.text.charAt(cursor.at)
const isValueCode = (code: number): boolean =>
  !isSpace(code) && code !== QUOTE && code !== 0x3b && code !== 0x28 && code !== 0x29 && code > 0x20 && code !== 0x7f

const QUOTE = 0x22
const MAX_COMMENTS = 20
const KEYWORD = /[A-Za-z0-9-]/
const METHOD = /[A-Za-z0-9-]{1,40}=[A-Za-z0-9-]/y
const DIGITS = /^[0-9]{1,5}$/
