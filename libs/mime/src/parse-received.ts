// Received, read: the clauses in any order, their comments, the addresses that receivers write into them, and the date.
// Every server writes it its own way, so this never fails; what is not understood is left out.
// RFC 5321 §4.4 (grammar); RFC 3848 §1 (with); RFC 5322 §3.6.7; RFC 8314 §4.3 (tls)

import { type IpAddress, parseIpAddress } from '@scop/identifiers'
import { isSpace, readComment, readQuotedString } from './cfws.ts'
import { type ParsedDate, parseDate } from './parse-date.ts'

/** What stands behind `from` or `by`. Only what the server that wrote the field saw itself is to be believed. */
export type ReceivedHost = {
  /** The word after the keyword, as written: of `from`, what the client said of itself. */
  readonly name: string
  /** The first address in brackets, in a comment, or as the name itself. */
  readonly address: IpAddress | undefined
  /** Without their outer parentheses. */
  readonly comments: readonly string[]
}

export type ParsedReceived = {
  readonly from: ReceivedHost | undefined
  readonly by: ReceivedHost | undefined
  readonly via: string | undefined
  readonly with: string | undefined
  /** Without angle brackets. */
  readonly id: string | undefined
  /** Without angle brackets. */
  readonly for: string | undefined
  /** RFC 8314 §4.3 */
  readonly tls: string | undefined
  readonly date: ParsedDate | undefined
  readonly defects: readonly ReceivedDefect[]
}

export type ReceivedDefect = {
  readonly kind:
    | 'no-date'
    | 'bad-date'
    | 'duplicate-clause'
    | 'unclosed-comment'
    | 'text-before-clause'
    | 'too-long'
    | 'too-many-comments'
  readonly at: number
}

export type ReceivedLimits = {
  readonly characters: number
  readonly comments: number
  readonly defects: number
}

export const RECEIVED_LIMITS: ReceivedLimits = { characters: 16 * 1024, comments: 50, defects: 50 }

/** Reads the value of Received, folded or not. */
// Time-stamp-line = "Received:" FWS Stamp      Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
export function parseReceived(value: string, limits: ReceivedLimits = RECEIVED_LIMITS): ParsedReceived {
  const defects: ReceivedDefect[] = []
  const note = (kind: ReceivedDefect['kind'], at: number): void => {
    if (defects.length < limits.defects) defects.push({ kind, at })
  }
  let text = value
  if (text.length > limits.characters) {
    note('too-long', limits.characters)
    text = text.slice(0, limits.characters)
  }
  const { pieces, dateAt } = scan(text, limits, note)
  const clauses = new Map<Keyword, Clause>()
  let current: Clause | undefined
  for (const piece of pieces) {
    const keyword = piece.kind === 'word' ? keywordOf(piece.text) : undefined
    if (keyword !== undefined && !(current !== undefined && current.words.length === 0 && wordExpected(current))) {
      if (clauses.has(keyword)) {
        note('duplicate-clause', piece.at)
        current = { keyword, words: [], comments: [] } // read, and left out: the first counts
      } else {
        current = { keyword, words: [], comments: [] }
        clauses.set(keyword, current)
      }
    } else if (piece.kind === 'comment') current?.comments.push(piece.text)
    else if (current === undefined) note('text-before-clause', piece.at)
    else current.words.push(piece.text)
  }
  let date: ParsedDate | undefined
  if (dateAt === undefined) note('no-date', text.length)
  else {
    const parsed = parseDate(text.slice(dateAt))
    if (parsed.ok) date = parsed.value
    else note('bad-date', dateAt)
  }
  const word = (keyword: Keyword): string | undefined => clauses.get(keyword)?.words[0]
  return {
    from: hostOf(clauses.get('from')),
    by: hostOf(clauses.get('by')),
    via: word('via'),
    with: withOf(clauses.get('with')),
    id: unbracket(word('id')),
    for: unbracket(word('for')),
    tls: word('tls'),
    date,
    defects,
  }
}

type Keyword = 'from' | 'by' | 'via' | 'with' | 'id' | 'for' | 'tls'
type Clause = { readonly keyword: Keyword; readonly words: string[]; readonly comments: string[] }
type Piece = { readonly kind: 'word' | 'comment'; readonly text: string; readonly at: number }

/** Words and comments up to the last semicolon that stands outside of comments and quotes; the date is behind it. */
function scan(
  text: string,
  limits: ReceivedLimits,
  note: (kind: ReceivedDefect['kind'], at: number) => void,
): { readonly pieces: readonly Piece[]; readonly dateAt: number | undefined } {
  const pieces: Piece[] = []
  let dateAt: number | undefined
  let piecesBeforeDate = 0
  let comments = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (isSpace(code)) at++
    else if (code === SEMICOLON) {
      at++
      dateAt = at
      piecesBeforeDate = pieces.length
    } else if (code === OPEN) {
      const comment = readComment(text, at)
      if (!comment.closed) note('unclosed-comment', at)
      if (++comments <= limits.comments) pieces.push({ kind: 'comment', text: comment.content, at })
      else if (comments === limits.comments + 1) note('too-many-comments', at)
      at = comment.end
    } else {
      const start = at
      at = endOfWord(text, at)
      pieces.push({ kind: 'word', text: text.slice(start, at), at: start })
    }
  }
  return { pieces: dateAt === undefined ? pieces : pieces.slice(0, piecesBeforeDate), dateAt }
}

/** Quoted strings, `<…>` and `[…]` belong to the word whole. */
function endOfWord(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (isSpace(code) || code === OPEN || code === SEMICOLON) break
    if (code === QUOTE) at = readQuotedString(text, at).end
    else if (code === OPEN_SQUARE) {
      while (at < text.length && text.charCodeAt(at) !== CLOSE_SQUARE && text.charCodeAt(at) !== SEMICOLON) at++
    } else at++
  }
  return Math.max(at, start + 1)
}

function keywordOf(word: string): Keyword | undefined {
  if (word.length > 4) return undefined
  return KEYWORDS.get(word.toLowerCase())
}

/** A host may be called `by`, an identifier `for`: the word right behind these is never a keyword. */
const wordExpected = (clause: Clause): boolean =>
  clause.comments.length === 0 && (clause.keyword === 'by' || clause.keyword === 'id' || clause.keyword === 'for')

function hostOf(clause: Clause | undefined): ReceivedHost | undefined {
  if (clause === undefined) return undefined
  const name = (clause.words[0] ?? '').replace(COMMA_AT_END, '')
  let address: IpAddress | undefined
  for (const text of [...clause.words.slice(1), ...clause.comments, name]) {
    address ??= addressIn(text)
    if (address !== undefined) break
  }
  return name === '' && clause.comments.length === 0 ? undefined : { name, address, comments: clause.comments }
}

// TCP-info = address-literal / ( Domain FWS address-literal )      real ones have ports, zones and text around it
function addressIn(text: string): IpAddress | undefined {
  for (const word of text.split(BETWEEN_WORDS, MAX_WORDS)) {
    const open = word.indexOf('[') + 1
    const close = word.indexOf(']', open)
    const inner = open === 0 ? word : word.slice(open, close < 0 ? undefined : close)
    const plain = (inner.toLowerCase().startsWith('ipv6:') ? inner.slice(5) : inner).split('%', 1)[0] ?? ''
    const parsed = parseIpAddress(plain)
    if (parsed.ok) return parsed.value
    const port = IPV4_PORT.exec(plain)?.[1]
    const withoutPort = port === undefined ? undefined : parseIpAddress(port)
    if (withoutPort?.ok) return withoutPort.value
  }
  return undefined
}

/** `Microsoft SMTP Server` and the like: the word that is a protocol, else all of them. */
function withOf(clause: Clause | undefined): string | undefined {
  if (clause === undefined || clause.words.length === 0) return undefined
  return clause.words.find((word) => PROTOCOL.test(word)) ?? clause.words.join(' ')
}

const unbracket = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : word.startsWith('<') && word.endsWith('>') ? word.slice(1, -1) : word

const QUOTE = 0x22
const OPEN = 0x28
const SEMICOLON = 0x3b
const OPEN_SQUARE = 0x5b
const CLOSE_SQUARE = 0x5d
const MAX_WORDS = 40
const COMMA_AT_END = /,$/
const BETWEEN_WORDS = /[\s,()]+/
const IPV4_PORT = /^([0-9]{1,3}(?:\.[0-9]{1,3}){3})[:.][0-9]{1,5}$/
const PROTOCOL = /^(?:UTF8)?(?:E?SMTP|LMTP)(?:SA|[SA])?$|^HTTPS?$/i
const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ['from', 'from'],
  ['by', 'by'],
  ['via', 'via'],
  ['with', 'with'],
  ['id', 'id'],
  ['for', 'for'],
  ['tls', 'tls'],
])
