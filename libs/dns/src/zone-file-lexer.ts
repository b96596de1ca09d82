// Zone-file text to entries of tokens: white space, quotes, parentheses, comments; escapes are kept for the field that reads them.
// RFC 1035 §5.1

import { decodeLatin1, encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { Limits } from './limits.ts'

export type Token = {
  /** One character per octet, escapes as written. */
  readonly text: string
  readonly quoted: boolean
  readonly line: number
  readonly column: number
}

/** One logical line: `(` joins physical lines. */
export type Entry = {
  readonly tokens: readonly Token[]
  /** It began with white space: the owner is the one before. */
  readonly ownerOmitted: boolean
  readonly line: number
}

export type LexError = {
  readonly kind:
    | 'unclosed-quote'
    | 'unclosed-parenthesis'
    | 'unopened-parenthesis'
    | 'nul-character'
    | 'too-many-tokens'
    | 'file-too-large'
  readonly line: number
  readonly column: number
}

/** The entries of `text`, empty ones left out. Text above ASCII counts as its UTF-8 octets. */
export function lexZoneFile(text: string, limits: Limits): Result<readonly Entry[], LexError> {
  const entries: Entry[] = []
  for (const lexed of lexEntries(text, limits)) {
    if (!lexed.ok) return lexed
    entries.push(lexed.value)
  }
  return ok(entries)
}

/**
 * One entry at a time, so that those of a large file need not be held together. Behind an error reading goes on with the
 * next line, unless it is one of the whole file, or stands inside parentheses.
 */
export function* lexEntries(text: string, limits: Limits): Generator<Result<Entry, LexError>, void, undefined> {
  const input = decodeLatin1(encodeUtf8(text))
  if (input.length > limits.zoneFileOctets) return yield err({ kind: 'file-too-large', line: 1, column: 1 })
  let tokens: Token[] = []
  let line = 1
  let lineAt = 0
  let entryLine = 1
  let ownerOmitted = false
  let depth = 0
  let opened = { line: 1, column: 1 }
  let at = 0
  const fail = (kind: LexError['kind']): Result<never, LexError> => err({ kind, line, column: at - lineAt + 1 })
  const skipLine = (): void => {
    const end = input.indexOf('\n', at)
    at = end < 0 ? input.length : end
    tokens = []
  }
  while (at < input.length) {
    const character = input.charCodeAt(at)
    if (character === NEWLINE) {
      if (depth === 0 && tokens.length > 0) {
        yield ok({ tokens, ownerOmitted, line: entryLine })
        tokens = []
      }
      line++
      lineAt = ++at
      if (depth === 0) {
        entryLine = line
        ownerOmitted = isBlank(input.charCodeAt(at))
      }
      continue
    }
    if (at === 0) ownerOmitted = isBlank(character)
    if (isBlank(character)) at++
    else if (character === SEMICOLON) {
      const end = input.indexOf('\n', at)
      at = end < 0 ? input.length : end
    } else if (character === OPEN) {
      if (depth++ === 0) opened = { line, column: at - lineAt + 1 }
      at++
    } else if (character === CLOSE) {
      if (depth === 0) {
        yield fail('unopened-parenthesis')
        skipLine()
        continue
      }
      depth--
      at++
    } else if (character === 0) {
      yield fail('nul-character')
      if (depth > 0) return
      skipLine()
    } else {
      if (tokens.length >= limits.zoneFileTokens) return yield fail('too-many-tokens')
      const quoted = character === QUOTE
      const end = quoted ? endOfQuoted(input, at + 1, depth > 0) : endOfBare(input, at)
      if (end < 0) {
        yield fail('unclosed-quote')
        if (depth > 0) return
        skipLine()
        continue
      }
      const token = { text: input.slice(quoted ? at + 1 : at, end), quoted, line, column: at - lineAt + 1 }
      tokens.push(token)
      if (quoted) {
        for (let next = input.indexOf('\n', at); next >= 0 && next < end; next = input.indexOf('\n', next + 1)) {
          line++
          lineAt = next + 1
        }
      }
      at = quoted ? end + 1 : end
    }
  }
  if (depth > 0) return yield err({ kind: 'unclosed-parenthesis', ...opened })
  if (tokens.length > 0) yield ok({ tokens, ownerOmitted, line: entryLine })
}

/** A quote ends on its line, but within parentheses, where lines do not count; an escaped end of a line is data. RFC 1035 §5.1 */
function endOfQuoted(input: string, from: number, overLines: boolean): number {
  for (let at = from; at < input.length; at++) {
    const character = input.charCodeAt(at)
    if (character === QUOTE) return at
    if (character === NEWLINE && !overLines) return -1
    if (character === BACKSLASH) at++
  }
  return -1
}

function endOfBare(input: string, from: number): number {
  for (let at = from; at < input.length; at++) {
    const character = input.charCodeAt(at)
    if (character === BACKSLASH && input.charCodeAt(at + 1) !== NEWLINE) at++
    else if (isBlank(character) || DELIMITERS.includes(character)) return at
  }
  return input.length
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0d
}

const NEWLINE = 0x0a
const SEMICOLON = 0x3b
const OPEN = 0x28
const CLOSE = 0x29
const QUOTE = 0x22
const BACKSLASH = 0x5c
const DELIMITERS: readonly number[] = [NEWLINE, SEMICOLON, OPEN, CLOSE, QUOTE, 0]
