// Address lists and phrases cut into tokens: atoms, quoted strings, literals, specials; comments aside. Never fails, one pass:
// what belongs to no token is a defect. All readers of addresses stand on this one.
// RFC 5322 §3.2 (lexical tokens), §3.4.1 (domain-literal), §4.1 (obsolete); RFC 6532 §3.2 (UTF-8); RFC 2047 §5 (3)

import { readComment, readQuotedString } from './cfws.ts'

export type AddressToken = {
  /** A special stands for itself; a literal keeps its brackets, a quoted string is unquoted; `junk` is one character. */
  readonly kind: 'atom' | 'quoted' | 'literal' | 'junk' | '<' | '>' | '@' | ',' | ';' | ':' | '.'
  readonly text: string
  readonly at: number
  /** Whether white space or a comment stands before it. */
  readonly spaced: boolean
  readonly commented: boolean
}
/** With its parentheses, as written. */
export type AddressComment = { readonly text: string; readonly at: number }

export type AddressTokenDefect =
  | 'control-character'
  | 'not-unicode'
  | 'unclosed-quoted-string'
  | 'unclosed-comment'
  | 'comments-too-deep'
  | 'unclosed-domain-literal'
  | 'space-in-domain-literal'
  | 'special-in-encoded-word'

export type AddressTokens = { readonly tokens: readonly AddressToken[]; readonly comments: readonly AddressComment[] }

export function scanAddresses(
  value: string,
  commentDepth: number,
  note: (kind: AddressTokenDefect, at: number) => void,
): AddressTokens {
  const tokens: AddressToken[] = []
  const comments: AddressComment[] = []
  const text = value.toWellFormed()
  if (text !== value) note('not-unicode', 0)
  let spaced = false
  let commented = false
  let quotesClose = true
  const push = (kind: AddressToken['kind'], of: string, at: number): void => {
    tokens.push({ kind, text: of, at, spaced: spaced || commented, commented })
    spaced = false
    commented = false
  }
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at)
    if (char === ' ' || char === '\t') {
      spaced = true
      at++
    } else if (char === '(') {
      at = scanComment(text, at, commentDepth, comments, note)
      commented = true
    } else if (char === '"') {
      const quoted = quotesClose ? readQuotedString(text, at) : undefined
      if (quoted?.closed === true) {
        push('quoted', withoutControls(text, at, quoted, note), at)
        at = quoted.end
      } else {
        if (quotesClose) note('unclosed-quoted-string', at)
        quotesClose = false // nor will any that opens later
        at++
      }
    } else if (char === '[') {
      const end = endOfLiteral(text, at)
      if (end === undefined) note('unclosed-domain-literal', at)
      const literal = text.slice(at, end ?? at + 1)
      const plain = literal.replace(SPACES, '')
      if (plain !== literal) note('space-in-domain-literal', at)
      push(end === undefined ? 'junk' : 'literal', plain, at)
      at += literal.length
    } else if (isSpecial(char)) push(char, char, at++)
    else {
      const before = tokens.at(-1)?.kind
      const inDomain = before === '@' || (before === '.' && !spaced && !commented)
      const word = inDomain ? undefined : encodedWordAt(text, at)
      if (word !== undefined) note('special-in-encoded-word', at)
      const atom = word ?? atomAt(text, at)
      if (atom !== undefined) {
        push('atom', atom, at)
        at += atom.length
      } else if (CONTROL.test(char)) {
        note('control-character', at++)
        spaced = true
      } else push('junk', char, at++)
    }
  }
  return { tokens, comments }
}

function scanComment(
  text: string,
  start: number,
  commentDepth: number,
  into: AddressComment[],
  note: (kind: AddressTokenDefect, at: number) => void,
): number {
  const { end, closed } = readComment(text, start)
  let depth = 0
  for (let at = start; at < end; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === ')') depth--
    else if (char === '(' && ++depth === commentDepth + 1) {
      note('comments-too-deep', at)
      break
    }
  }
  if (!closed) note('unclosed-comment', start)
  into.push({ text: withoutControls(text, start, { content: text.slice(start, end), end }, note), at: start })
  return end
}

/** A control in quotes or in a comment is U+FFFD: it could end a line further on. */
function withoutControls(
  text: string,
  start: number,
  { content, end }: { readonly content: string; readonly end: number },
  note: (kind: AddressTokenDefect, at: number) => void,
): string {
  const found = text.slice(start, end).search(CONTROL)
  if (found < 0) return content
  note('control-character', start + found)
  return content.replace(CONTROLS, '\ufffd')
}

// domain-literal = "[" *([FWS] dtext) [FWS] "]"      dtext = %d33-90 / %d94-126 / obs-dtext (quoted-pair)
function endOfLiteral(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === ']') return at + 1
    if (char === '[' || CONTROL.test(char)) return undefined
    if (char === '\\' && CONTROL_OR_SPACE.test(text.charAt(++at))) return undefined
  }
  return undefined
}

/** RFC 2047 §5 (3) wants no specials in it; with them it is one word all the same, as its writer meant it. */
function encodedWordAt(text: string, at: number): string | undefined {
  if (!text.startsWith('=?', at)) return undefined
  ENCODED_WORD.lastIndex = at
  const word = ENCODED_WORD.exec(text)?.[0]
  return word === undefined || word === atomAt(text, at) || !NOT_ATEXT.test(word) ? undefined : word
}

function atomAt(text: string, at: number): string | undefined {
  ATOM.lastIndex = at
  return ATOM.exec(text)?.[0]
}

const isSpecial = (char: string): char is '<' | '>' | '@' | ',' | ';' | ':' | '.' => SPECIALS.includes(char)

const SPECIALS = '<>@,;:.'
const SPACES = /[ \t]+/g
const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+/y
const NOT_ATEXT = /[^A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]/
const ENCODED_WORD = /=\?[^\x00-\x20\x7f()<>@,;:"/[\]?=]{1,64}\?[BbQq]\?[^\x00-\x20\x7f?]*\?=/y
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const CONTROL_OR_SPACE = /[\x00-\x20\x7f]/
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g
