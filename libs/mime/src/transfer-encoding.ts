// Content-Transfer-Encoding and MIME-Version.
// RFC 2045 §4 (MIME-Version), §6.1 (Content-Transfer-Encoding)

import { err, ok, type Result } from '@scop/result'
import { endOfToken, readQuotedString, skipCfws } from './cfws.ts'

export type TransferEncoding = '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable' | 'uuencode' | 'yenc'

export type ParsedTransferEncoding = {
  /** The token in lower case; `known` is what it means, if anything. */
  readonly token: string
  readonly known: TransferEncoding | undefined
  /** `quirk`: a spelling that no RFC has; `quoted`; `text-after`: more than one token, the first is taken. */
  readonly defects: readonly ('quirk' | 'quoted' | 'text-after')[]
}
export type TransferEncodingError = { readonly kind: 'no-token'; readonly at: number }

/** Reads the value of Content-Transfer-Encoding. */
// encoding = "Content-Transfer-Encoding" ":" mechanism      mechanism = "7bit" / "8bit" / … / ietf-token / x-token
export function parseTransferEncoding(value: string): Result<ParsedTransferEncoding, TransferEncodingError> {
  const defects: ParsedTransferEncoding['defects'][number][] = []
  const at = skipCfws(value, 0)
  let token: string
  let end: number
  if (value[at] === '"') {
    const quoted = readQuotedString(value, at)
    token = quoted.content.trim()
    end = quoted.end
    defects.push('quoted')
  } else {
    end = endOfToken(value, at)
    token = value.slice(at, end)
  }
  if (token === '') return err({ kind: 'no-token', at })
  token = token.toLowerCase()
  const known = transferEncodingNamed(token)
  if (known !== undefined && known !== token && !EXTENSIONS.has(token)) defects.push('quirk')
  const after = skipCfws(value, end)
  if (after < value.length && skipCfws(value, after + 1) < value.length) defects.push('text-after')
  else if (after < value.length && value[after] !== ';') defects.push('text-after')
  return ok({ token, known, defects })
}

/** What a token means, in any letter case, with the misspellings seen in mail. */
export function transferEncodingNamed(token: string): TransferEncoding | undefined {
  return NAMES.get(token.toLowerCase())
}

export type MimeVersion = { readonly major: number; readonly minor: number }
export type MimeVersionError = { readonly kind: 'not-a-version'; readonly at: number }

/** Reads the value of MIME-Version: comments may stand anywhere between its three tokens. */
// version = "MIME-Version" ":" 1*DIGIT "." 1*DIGIT
export function parseMimeVersion(value: string): Result<MimeVersion, MimeVersionError> {
  let at = skipCfws(value, 0)
  const major = readNumber(value, at)
  if (major === undefined) return err({ kind: 'not-a-version', at })
  at = skipCfws(value, major.end)
  if (value[at] !== '.') return err({ kind: 'not-a-version', at })
  at = skipCfws(value, at + 1)
  const minor = readNumber(value, at)
  if (minor === undefined) return err({ kind: 'not-a-version', at })
  at = skipCfws(value, minor.end)
  return at < value.length ? err({ kind: 'not-a-version', at }) : ok({ major: major.value, minor: minor.value })
}

export function formatMimeVersion(version: MimeVersion): string {
  return `${version.major}.${version.minor}`
}

function readNumber(text: string, at: number): { readonly value: number; readonly end: number } | undefined {
  let end = at
  while (end < at + MAX_DIGITS && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return end === at ? undefined : { value: Number(text.slice(at, end)), end }
}

const MAX_DIGITS = 9
/** Private names that are in wide use, and so no quirk. */
const EXTENSIONS: ReadonlySet<string> = new Set(['x-uuencode', 'x-uue', 'uue', 'x-yenc'])
const NAMES: ReadonlyMap<string, TransferEncoding> = new Map([
  ['7bit', '7bit'],
  ['8bit', '8bit'],
  ['binary', 'binary'],
  ['base64', 'base64'],
  ['quoted-printable', 'quoted-printable'],
  ['uuencode', 'uuencode'],
  ['x-uuencode', 'uuencode'],
  ['uue', 'uuencode'],
  ['x-uue', 'uuencode'],
  ['yenc', 'yenc'],
  ['x-yenc', 'yenc'],
  // quirks
  ['7-bit', '7bit'],
  ['8-bit', '8bit'],
  ['8bits', '8bit'],
  ['7bits', '7bit'],
  ['base-64', 'base64'],
  ['x-base64', 'base64'],
  ['quotedprintable', 'quoted-printable'],
  ['quoted_printable', 'quoted-printable'],
  ['x-quoted-printable', 'quoted-printable'],
])
