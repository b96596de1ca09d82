// Macro strings: text in which %{…} stands for what the check knows. Read once, expanded as often as needed.
// RFC 7208 §7.1 (grammar), §7.2 (letters), §7.3 (expansion); §5.2 of RFC 3986 (what URL escaping leaves)

import { encodeIpAddress, type IpAddress, ipVersion } from '@scop/identifiers'
import { encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'h' | 'v' | 'c' | 'r' | 't'

export type Macro = {
  readonly letter: MacroLetter
  /** Parts kept, from the right; undefined: all. */
  readonly keep: number | undefined
  readonly reverse: boolean
  readonly delimiters: string
  /** An upper-case letter: what is not unreserved is percent-encoded. */
  readonly escape: boolean
}

/** Text as it stands, and macros. */
export type MacroString = { readonly source: string; readonly parts: readonly (string | Macro)[] }

export type MacroStringError = {
  readonly kind: 'bad-macro' | 'unknown-macro-letter' | 'explanation-macro' | 'not-visible-ascii'
  /** Characters from the start. */
  readonly at: number
}

/** What the letters stand for. `validatedName`: the client's name as `%{p}` shows it. */
export type MacroValues = {
  readonly sender: { readonly localPart: string; readonly domain: string }
  readonly domain: string
  readonly client: IpAddress
  readonly validatedName: string
  readonly helo: string
  readonly receiver: string
  readonly nowSeconds: number
}

// macro-string = *( macro-expand / macro-literal )
/** `explanation`: spaces, and the letters c, r and t, may stand in it. */
export function parseMacroString(text: string, explanation = false): Result<MacroString, MacroStringError> {
  const parts: (string | Macro)[] = []
  let literal = ''
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at)
    if (char !== '%') {
      if (char < '!' || char > '~') if (!(explanation && char === ' ')) return err({ kind: 'not-visible-ascii', at })
      literal += char
      at++
      continue
    }
    const escaped = ESCAPES[text.charAt(at + 1)]
    if (escaped !== undefined) {
      literal += escaped
      at += 2
      continue
    }
    const end = text.charAt(at + 1) === '{' ? text.indexOf('}', at) : -1
    if (end < 0) return err({ kind: 'bad-macro', at })
    const macro = readMacro(text.slice(at + 2, end), at, explanation)
    if (!macro.ok) return macro
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push(macro.value)
    at = end + 1
  }
  if (literal !== '') parts.push(literal)
  return ok({ source: text, parts })
}

/** Whether expanding it needs the client's validated name, which costs lookups. */
export function needsValidatedName(macro: MacroString): boolean {
  return macro.parts.some((part) => typeof part !== 'string' && part.letter === 'p')
}

/** Not more than `maxCharacters` and what the macro that crossed it gave. */
export function expandMacroString(
  macro: MacroString,
  values: MacroValues,
  maxCharacters: number = Number.POSITIVE_INFINITY,
): string {
  let text = ''
  for (const part of macro.parts) {
    text += typeof part === 'string' ? part : expand(part, values)
    if (text.length > maxCharacters) break
  }
  return text
}

// macro-expand = "%{" macro-letter transformers *delimiter "}"; transformers = *DIGIT [ "r" ]
function readMacro(body: string, at: number, explanation: boolean): Result<Macro, MacroStringError> {
  const match = MACRO_BODY.exec(body)
  if (match === null) return err({ kind: 'bad-macro', at })
  const [, written = '', digits = '', reverse = '', delimiters = ''] = match
  const letter = written.toLowerCase()
  if (!isLetter(letter)) return err({ kind: 'unknown-macro-letter', at })
  if (!explanation && EXPLANATION_LETTERS.has(letter)) return err({ kind: 'explanation-macro', at })
  const keep = digits === '' ? undefined : Number(digits)
  if (keep === 0) return err({ kind: 'bad-macro', at })
  return ok({
    letter,
    keep: keep === undefined ? undefined : Math.min(keep, MOST_PARTS),
    reverse: reverse !== '',
    delimiters: delimiters === '' ? '.' : delimiters,
    escape: written !== letter,
  })
}

function expand(macro: Macro, values: MacroValues): string {
  const plain = valueOf(macro.letter, values)
  const changed = macro.keep !== undefined || macro.reverse || macro.delimiters !== '.'
  let text = plain
  if (changed) {
    const parts = split(plain, macro.delimiters)
    if (macro.reverse) parts.reverse()
    text = (macro.keep === undefined ? parts : parts.slice(-macro.keep)).join('.')
  }
  return macro.escape ? escapeUrl(text) : text
}

function valueOf(letter: MacroLetter, values: MacroValues): string {
  const { sender } = values
  switch (letter) {
    case 's':
      return `${sender.localPart}@${sender.domain}`
    case 'l':
      return sender.localPart
    case 'o':
      return sender.domain
    case 'd':
      return values.domain
    case 'i':
      return dotted(values.client)
    case 'p':
      return values.validatedName
    case 'h':
      return values.helo
    case 'v':
      return ipVersion(values.client) === 4 ? 'in-addr' : 'ip6'
    case 'c':
      return values.client
    case 'r':
      return values.receiver
    case 't':
      return String(Math.floor(values.nowSeconds))
  }
}

/** IPv6 in nibbles with dots between. RFC 7208 §7.3 */
function dotted(address: IpAddress): string {
  if (ipVersion(address) === 4) return address
  return Array.from(encodeIpAddress(address), (octet) => `${HEX[octet >> 4] ?? ''}.${HEX[octet & 15] ?? ''}`).join('.')
}

function split(text: string, delimiters: string): string[] {
  const parts: string[] = []
  let part = ''
  for (const char of text) {
    if (delimiters.includes(char)) {
      parts.push(part)
      part = ''
    } else part += char
  }
  parts.push(part)
  return parts
}

function escapeUrl(text: string): string {
  let escaped = ''
  for (const octet of encodeUtf8(text)) {
    const char = String.fromCharCode(octet)
    escaped += UNRESERVED.test(char) ? char : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

const isLetter = (text: string): text is MacroLetter => LETTERS.has(text)

const LETTERS = new Set(['s', 'l', 'o', 'd', 'i', 'p', 'h', 'v', 'c', 'r', 't'])
const EXPLANATION_LETTERS = new Set(['c', 'r', 't'])
const ESCAPES: { readonly [second in string]?: string } = { '%': '%', _: ' ', '-': '%20' }
const MACRO_BODY = /^([A-Za-z])([0-9]{0,9})([rR]?)([-.+,/_=]*)$/
const MOST_PARTS = 128 // a name has no more labels
const UNRESERVED = /[A-Za-z0-9\-._~]/
const HEX = '0123456789ABCDEF'
