// Addresses out of tokens: what is a name, a local part, a domain, a group. Never fails, linear: every deviation from the
// grammar is noted, and read as its writer most likely meant it.
// RFC 5322 §3.4 (grammar), §4.4 (obs-phrase, obs-route, obs-local-part, obs-domain, empty list elements)

import { type AddressComment, type AddressToken, type AddressTokenDefect, scanAddresses } from './address-tokens.ts'

export type AddressDefectKind =
  | AddressTokenDefect
  | 'too-long'
  | 'too-many-addresses'
  // obsolete, and read
  | 'empty-element'
  | 'obsolete-phrase' // a dot in a name
  | 'obsolete-route' // dropped
  | 'obsolete-local-part' // space or comments around its dots, words some of which are quoted
  | 'obsolete-domain'
  | 'space-around-at'
  // wrong, and read
  | 'unquoted-special'
  | 'misplaced-dot'
  | 'no-at-sign'
  | 'many-at-signs' // the last one counts
  | 'no-local-part'
  | 'no-domain'
  | 'empty-address' // <>
  | 'unclosed-angle-bracket'
  | 'missing-angle-brackets' // John Doe jdoe@example.org
  | 'bad-route'
  | 'text-after-address' // the name, where none stands before
  | 'missing-comma'
  | 'semicolon-as-comma'
  | 'no-group-name'
  | 'nested-group' // its name is dropped, its members are read
  | 'unclosed-group'
  | 'comment-without-address' // dropped
  | 'encoded-word-in-quoted-string' // RFC 2047 §5 (3) forbids it; decoded, as most writers of it want
  | 'bad-encoded-word'

export type AddressLimits = {
  /** UTF-16 code units; what is beyond is not read. */
  readonly characters: number
  /** Mailboxes and groups; those after are not read. */
  readonly addresses: number
  /** Comments in comments. */
  readonly commentDepth: number
}

export type NoteAddressDefect = (kind: AddressDefectKind, at: number) => void

export type FoundMailbox = {
  readonly kind: 'mailbox'
  readonly phrase: readonly AddressToken[] | undefined
  /** Unquoted. */
  readonly localPart: string
  readonly domain: string
  readonly comments: readonly AddressComment[]
  readonly at: number
}
export type FoundGroup = {
  readonly kind: 'group'
  readonly phrase: readonly AddressToken[]
  readonly members: readonly FoundMailbox[]
  readonly comments: readonly AddressComment[]
  readonly at: number
}
export type FoundAddress = FoundMailbox | FoundGroup

// address-list = (address *("," address)) / obs-addr-list
export function readAddressSyntax(
  value: string,
  limits: AddressLimits,
  note: NoteAddressDefect,
): readonly FoundAddress[] {
  if (value.length > limits.characters) note('too-long', limits.characters)
  const text = value.length > limits.characters ? value.slice(0, limits.characters).toWellFormed() : value
  const { tokens, comments } = scanAddresses(text, limits.commentDepth, note)
  const reader: Reader = { tokens, comments, next: 0, nextComment: 0, end: text.length, left: limits.addresses, note }
  const found: FoundAddress[] = []
  let afterComma = false
  for (let token = tokens[0]; token !== undefined && reader.left >= 0; token = tokens[reader.next]) {
    if (token.kind === ',' || token.kind === ';') {
      note(token.kind === ',' ? 'empty-element' : 'semicolon-as-comma', token.at)
      reader.next++
      continue
    }
    readElement(reader, found, false)
    afterComma = endElement(reader)
  }
  if (afterComma && reader.left >= 0) note('empty-element', reader.end)
  const lost = comments[reader.nextComment]
  if (lost !== undefined && reader.left >= 0) note('comment-without-address', lost.at)
  return found
}

type Reader = {
  readonly tokens: readonly AddressToken[]
  readonly comments: readonly AddressComment[]
  next: number
  nextComment: number
  readonly end: number
  /** Addresses that may still come; -1 where one too many came. */
  left: number
  readonly note: NoteAddressDefect
}

/** Past the delimiter behind an element; whether it was a comma. */
function endElement(reader: Reader): boolean {
  const after = reader.tokens[reader.next]
  if (after === undefined || reader.left < 0) return false
  if (after.kind === ',') reader.next++
  else if (after.kind === ';') {
    reader.note('semicolon-as-comma', after.at)
    reader.next++
  } else reader.note('missing-comma', after.at)
  return after.kind === ','
}

// address = mailbox / group; where the comma between them is missing, several
function readElement(reader: Reader, into: FoundAddress[] | FoundMailbox[], inGroup: boolean): void {
  const { tokens, note } = reader
  let start = reader.next
  let atSeen = false
  for (; ; reader.next++) {
    const token = tokens[reader.next]
    if (token === undefined || token.kind === ',' || token.kind === ';' || token.kind === '<') break
    if (token.kind === '@') atSeen = true
    if (token.kind !== ':' || atSeen) continue
    if (!inGroup) {
      const group = readGroup(reader, tokens.slice(start, reader.next), token)
      // as: only members are read in a group, and this is none
      if (group !== undefined) (into as FoundAddress[]).push(group)
      return
    }
    note('nested-group', token.at)
    start = reader.next + 1
  }
  const head = tokens.slice(start, reader.next)
  if (tokens[reader.next]?.kind === '<') readNameAddr(reader, into, head)
  else if (head.length > 0) readAddrSpecs(reader, into, head)
}

// group = display-name ":" [group-list] ";" [CFWS]
function readGroup(reader: Reader, phrase: readonly AddressToken[], colon: AddressToken): FoundGroup | undefined {
  const { tokens, note } = reader
  const at = phrase[0]?.at ?? colon.at
  if (phrase.length === 0) note('no-group-name', at)
  checkPhrase(reader, phrase)
  reader.next++
  if (!count(reader, at)) return undefined
  const comments = takeComments(reader, colon.at)
  const members: FoundMailbox[] = []
  let afterComma = false
  while (reader.left >= 0) {
    const token = tokens[reader.next]
    if (token === undefined) {
      note('unclosed-group', reader.end)
      break
    }
    if (token.kind === ';') {
      if (afterComma) note('empty-element', token.at)
      comments.push(...takeComments(reader, token.at))
      reader.next++
      break
    }
    if (token.kind === ',') {
      note('empty-element', token.at)
      reader.next++
      continue
    }
    readElement(reader, members, true)
    afterComma = tokens[reader.next]?.kind === ','
    if (tokens[reader.next]?.kind !== ';') endElement(reader)
  }
  comments.push(...takeComments(reader, here(reader)))
  return { kind: 'group', phrase, members, comments, at }
}

// name-addr = [display-name] angle-addr      angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]
function readNameAddr(reader: Reader, into: Mailboxes, head: readonly AddressToken[]): void {
  const { tokens, note } = reader
  const at = head[0]?.at ?? here(reader)
  checkPhrase(reader, head)
  reader.next++
  while (tokens[reader.next]?.kind === '<') {
    note('unclosed-angle-bracket', here(reader)) // <<a@b>>
    reader.next++
  }
  if (tokens[reader.next]?.kind === '@') skipRoute(reader)
  const start = reader.next
  while (!ANGLE_END.has(tokens[reader.next]?.kind)) reader.next++
  const inner = tokens.slice(start, reader.next)
  const innerEnd = here(reader)
  if (tokens[reader.next]?.kind === '>') reader.next++
  else note('unclosed-angle-bracket', innerEnd)
  const address = readOneAddrSpec(reader, inner, innerEnd)
  const after = textAfter(reader)
  const phrase = head.length > 0 ? head : after.some(isWord) ? after : undefined
  addMailbox(reader, into, { phrase, ...address, at })
}

/** What stands between an address and its delimiter, unless another address begins there. */
function textAfter(reader: Reader): readonly AddressToken[] {
  const { tokens, note } = reader
  let end = reader.next
  for (; ; end++) {
    const kind = tokens[end]?.kind
    if (kind === undefined || kind === ',' || kind === ';') break
    if (kind === '<' || kind === '@' || kind === ':') return []
  }
  const text = tokens.slice(reader.next, end)
  if (text[0] !== undefined) note('text-after-address', text[0].at)
  reader.next = end
  return text
}

// obs-route = obs-domain-list ":"      obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
function skipRoute(reader: Reader): void {
  const { tokens, note } = reader
  let bad: AddressToken | undefined
  for (let i = reader.next; ; i++) {
    const token = tokens[i]
    if (token === undefined || token.kind === '<' || token.kind === '>' || token.kind === ';') {
      note('bad-route', here(reader))
      return
    }
    if (token.kind === ':') {
      if (bad === undefined) note('obsolete-route', here(reader))
      else note('bad-route', bad.at)
      reader.next = i + 1
      return
    }
    const before = tokens[i - 1]?.kind
    const afterAt = before === '@'
    const fits =
      token.kind === ','
        ? !afterAt && before !== '.'
        : token.kind === '@'
          ? before === '<' || before === ','
          : token.kind === '.'
            ? before === 'atom' && !token.spaced
            : token.kind === 'atom'
              ? afterAt || (before === '.' && !token.spaced)
              : token.kind === 'literal' && afterAt
    if (!fits) bad ??= token
  }
}

type Spec = Pick<FoundMailbox, 'localPart' | 'domain'>
type Mailboxes = FoundAddress[] | FoundMailbox[]

/** All of `inner` is one address. */
function readOneAddrSpec(reader: Reader, inner: readonly AddressToken[], end: number): Spec {
  const { note } = reader
  if (inner.length === 0) {
    note('empty-address', end)
    return { localPart: '', domain: '' }
  }
  const at = inner.findLastIndex(({ kind }) => kind === '@')
  if (at < 0) {
    note('no-at-sign', end)
    return { localPart: readLocalPart(reader, inner, end), domain: '' }
  }
  const localPart = readLocalPart(reader, inner.slice(0, at), inner[at]?.at ?? end)
  const domain = readDomain(reader, inner, at, end)
  const text = inner[domain.end]
  if (text !== undefined) note('text-after-address', text.at)
  return { localPart, domain: domain.text }
}

/** Addresses without angle brackets: one, and more where commas are missing. */
function readAddrSpecs(reader: Reader, into: Mailboxes, head: readonly AddressToken[]): void {
  const { note } = reader
  const end = here(reader)
  const startsAt = (i: number): number => head[i]?.at ?? end
  let from = 0
  let sign = indexOfAt(head, 0)
  if (sign === undefined) {
    note('no-at-sign', end)
    addMailbox(reader, into, {
      phrase: undefined,
      localPart: readLocalPart(reader, head, end),
      domain: '',
      at: startsAt(0),
    })
    return
  }
  while (sign !== undefined && reader.left >= 0) {
    const local = startOfLocalPart(head, from, sign)
    let domain = readDomain(reader, head, sign, end)
    while (head[domain.end]?.kind === '@') {
      note('many-at-signs', startsAt(domain.end))
      sign = domain.end
      domain = readDomain(reader, head, sign, end)
    }
    if (from > 0) note('missing-comma', startsAt(from))
    else if (local > from) note('missing-angle-brackets', startsAt(from))
    let phrase = local > from ? head.slice(from, local) : undefined
    if (phrase !== undefined) checkPhrase(reader, phrase)
    const localPart = readLocalPart(reader, head.slice(local, sign), startsAt(sign))
    const at = startsAt(from)
    from = domain.end
    sign = indexOfAt(head, from)
    if (sign === undefined && from < head.length) {
      note('text-after-address', startsAt(from))
      const after = head.slice(from)
      if (after.some(isWord)) phrase ??= after
      from = head.length
    }
    addMailbox(reader, into, { phrase, localPart, domain: domain.text, at }, startsAt(from))
  }
}

/** Words joined by dots, or with nothing between them. */
function startOfLocalPart(head: readonly AddressToken[], from: number, sign: number): number {
  let start = sign
  for (; start > from; start--) {
    const token = head[start - 1]
    const next = head[start]
    if (start !== sign && token?.kind !== '.' && next?.kind !== '.' && next?.spaced === true) break
  }
  return start
}

// local-part = dot-atom / quoted-string / obs-local-part      obs-local-part = word *("." word)
function readLocalPart({ note }: Reader, tokens: readonly AddressToken[], end: number): string {
  let text = ''
  let obsolete: number | undefined
  let afterDot = true
  for (const [i, token] of tokens.entries()) {
    const spaced = i > 0 && token.spaced
    if (token.kind === '.') {
      if (afterDot) note('misplaced-dot', token.at)
      if (spaced) obsolete ??= token.at
      afterDot = true
    } else {
      if (!isWord(token) || (i > 0 && !afterDot)) {
        note('unquoted-special', token.at)
        if (spaced) text += ' '
      } else if (spaced || (token.kind === 'quoted' && tokens.length > 1)) obsolete ??= token.at
      afterDot = false
    }
    text += token.text
  }
  if (tokens.length === 0) note('no-local-part', end)
  else if (afterDot) note('misplaced-dot', end)
  if (obsolete !== undefined) note('obsolete-local-part', obsolete)
  return text
}

// domain = dot-atom / domain-literal / obs-domain      obs-domain = atom *("." atom)
function readDomain(
  { note }: Reader,
  tokens: readonly AddressToken[],
  sign: number,
  end: number,
): { readonly text: string; readonly end: number } {
  const first = tokens[sign + 1]
  if (tokens[sign]?.spaced === true || first?.spaced === true) note('space-around-at', tokens[sign]?.at ?? end)
  if (first?.kind === 'literal') return { text: first.text, end: sign + 2 }
  let text = ''
  let obsolete: number | undefined
  let afterDot = true
  let i = sign + 1
  for (; ; i++) {
    const token = tokens[i]
    if (token?.kind === '.') {
      if (afterDot) note('misplaced-dot', token.at)
    } else if (token?.kind !== 'atom' || !afterDot) break
    if (i > sign + 1 && token.spaced) obsolete ??= token.at
    afterDot = token.kind === '.'
    text += token.text
  }
  if (text === '') note('no-domain', first?.at ?? end)
  else if (afterDot) note('misplaced-dot', tokens[i]?.at ?? end)
  if (obsolete !== undefined) note('obsolete-domain', obsolete)
  return { text, end: i }
}

// phrase = 1*word / obs-phrase      obs-phrase = word *(word / "." / CFWS)
function checkPhrase({ note }: Reader, phrase: readonly AddressToken[]): void {
  const dot = phrase.find(({ kind }) => kind === '.')
  if (dot !== undefined) note('obsolete-phrase', dot.at)
  const special = phrase.find((token) => token.kind !== '.' && !isWord(token))
  if (special !== undefined) note('unquoted-special', special.at)
}

function addMailbox(
  reader: Reader,
  into: Mailboxes,
  mailbox: Omit<FoundMailbox, 'kind' | 'comments'>,
  end = here(reader),
): void {
  if (!count(reader, mailbox.at)) return
  into.push({ kind: 'mailbox', ...mailbox, comments: takeComments(reader, end) })
}

function count(reader: Reader, at: number): boolean {
  if (reader.left === 0) reader.note('too-many-addresses', at)
  reader.left--
  return reader.left >= 0
}

/** Those not yet taken that begin before `end`. */
function takeComments(reader: Reader, end: number): AddressComment[] {
  const start = reader.nextComment
  while ((reader.comments[reader.nextComment]?.at ?? end) < end) reader.nextComment++
  return reader.comments.slice(start, reader.nextComment)
}

function indexOfAt(tokens: readonly AddressToken[], from: number): number | undefined {
  for (let i = from; i < tokens.length; i++) if (tokens[i]?.kind === '@') return i
  return undefined
}

const isWord = ({ kind }: AddressToken): boolean => kind === 'atom' || kind === 'quoted'
const here = (reader: Reader): number => reader.tokens[reader.next]?.at ?? reader.end
const ANGLE_END: ReadonlySet<AddressToken['kind'] | undefined> = new Set(['>', '<', ',', ';', undefined])
