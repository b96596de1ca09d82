// Address lists: who a message says it is from and to. What two readers could read differently is refused.
// RFC 5322 §3.4 (grammar), §4.4 (obsolete route, dropped; obsolete spaces around dots, refused); RFC 6532 §3.2 (UTF-8)

import { type Mailbox, parseMailbox } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'

export type MailboxAddress = {
  readonly kind: 'mailbox'
  /** Unquoted, white space runs as one space; encoded words (RFC 2047) still encoded. */
  readonly displayName: string | undefined
  readonly mailbox: Mailbox
}
export type GroupAddress = {
  readonly kind: 'group'
  readonly displayName: string
  readonly members: readonly MailboxAddress[]
}
export type Address = MailboxAddress | GroupAddress

export type AddressListError = {
  readonly kind:
    | 'no-address'
    | 'too-long'
    | 'too-many-addresses'
    | 'unclosed-quoted-string'
    | 'unclosed-comment'
    | 'comments-too-deep'
    | 'unclosed-angle-bracket'
    | 'unclosed-domain-literal'
    | 'unclosed-group'
    | 'nested-group'
    | 'bad-character'
    | 'bad-route'
    | 'bad-mailbox'
    | 'no-at-sign'
    | 'text-after-address'
  /** Where, in UTF-16 code units from the start of the value. */
  readonly at: number
}

export type AddressListLimits = {
  readonly characters: number
  readonly addresses: number
  readonly commentDepth: number
}

export const ADDRESS_LIST_LIMITS: AddressListLimits = { characters: 128 * 1024, addresses: 2000, commentDepth: 16 }

/** Reads the unfolded value of From, Sender, Reply-To, To, Cc or Bcc. Empty list elements (§4.4) are skipped. */
export function parseAddressList(
  value: string,
  limits: AddressListLimits = ADDRESS_LIST_LIMITS,
): Result<readonly Address[], AddressListError> {
  if (value.length > limits.characters) return err({ kind: 'too-long', at: limits.characters })
  const scanned = scan(value, limits.commentDepth)
  if (!scanned.ok) return scanned
  const cursor: Cursor = { tokens: scanned.value, next: 0, end: value.length }
  const addresses: Address[] = []
  let count = 0
  while (cursor.next < cursor.tokens.length) {
    if (accept(cursor, ',')) continue
    const address = readAddress(cursor, limits)
    if (!address.ok) return address
    addresses.push(address.value)
    count += address.value.kind === 'group' ? 1 + address.value.members.length : 1
    if (count > limits.addresses) return err({ kind: 'too-many-addresses', at: here(cursor) })
    if (cursor.next < cursor.tokens.length && !accept(cursor, ','))
      return err({ kind: 'text-after-address', at: here(cursor) })
  }
  return addresses.length === 0 ? err({ kind: 'no-address', at: 0 }) : ok(addresses)
}

/** Every mailbox of the list, those inside groups too. */
export function mailboxesOf(addresses: readonly Address[]): readonly MailboxAddress[] {
  return addresses.flatMap((address) => (address.kind === 'group' ? address.members : [address]))
}

type Token = {
  /** A special stands for itself; a domain literal keeps its brackets; a quoted string is unquoted. */
  readonly kind: 'atom' | 'quoted' | 'literal' | '<' | '>' | '@' | ',' | ';' | ':' | '.'
  readonly text: string
  readonly at: number
  /** Whether white space or a comment stands before it. */
  readonly spaced: boolean
}
type Cursor = { readonly tokens: readonly Token[]; next: number; readonly end: number }

// address = mailbox / group      group = display-name ":" [group-list] ";" [CFWS]
function readAddress(cursor: Cursor, limits: AddressListLimits): Result<Address, AddressListError> {
  const start = cursor.next
  const phrase = readPhrase(cursor)
  if (phrase === undefined || !accept(cursor, ':')) {
    cursor.next = start
    return readMailbox(cursor)
  }
  const members: MailboxAddress[] = []
  for (;;) {
    if (accept(cursor, ';')) return ok({ kind: 'group', displayName: phrase, members })
    if (cursor.next >= cursor.tokens.length) return err({ kind: 'unclosed-group', at: cursor.end })
    if (accept(cursor, ',')) continue
    const member = readMailbox(cursor)
    if (!member.ok) return member
    members.push(member.value)
    if (members.length > limits.addresses) return err({ kind: 'too-many-addresses', at: here(cursor) })
    const after = cursor.tokens[cursor.next]
    if (after?.kind === ':') return err({ kind: 'nested-group', at: after.at })
    if (after !== undefined && after.kind !== ',' && after.kind !== ';')
      return err({ kind: 'text-after-address', at: after.at })
  }
}

// mailbox = name-addr / addr-spec      name-addr = [display-name] [CFWS] "<" [obs-route] addr-spec ">" [CFWS]
function readMailbox(cursor: Cursor): Result<MailboxAddress, AddressListError> {
  const start = cursor.next
  const displayName = readPhrase(cursor)
  if (!accept(cursor, '<')) {
    cursor.next = start
    const mailbox = readAddrSpec(cursor)
    return mailbox.ok ? ok({ kind: 'mailbox', displayName: undefined, mailbox: mailbox.value }) : mailbox
  }
  if (cursor.tokens[cursor.next]?.kind === '@') {
    const route = skipRoute(cursor)
    if (!route.ok) return route
  }
  const mailbox = readAddrSpec(cursor)
  if (!mailbox.ok) return mailbox
  if (!accept(cursor, '>')) return err({ kind: 'unclosed-angle-bracket', at: here(cursor) })
  return ok({ kind: 'mailbox', displayName, mailbox: mailbox.value })
}

// phrase = 1*word / obs-phrase (which has dots); undefined where there is none
function readPhrase(cursor: Cursor): string | undefined {
  let text = ''
  const start = cursor.next
  for (;;) {
    const token = cursor.tokens[cursor.next]
    if (token === undefined) break
    if (token.kind !== 'atom' && token.kind !== 'quoted' && token.kind !== '.') break
    text += token.spaced && cursor.next > start ? ` ${token.text}` : token.text
    cursor.next++
  }
  return cursor.next === start ? undefined : text
}

// addr-spec = local-part "@" domain      local-part = dot-atom / quoted-string      domain = dot-atom / domain-literal
function readAddrSpec(cursor: Cursor): Result<Mailbox, AddressListError> {
  const at = here(cursor)
  const quoted = cursor.tokens[cursor.next]
  let local: string | undefined
  if (quoted?.kind === 'quoted') {
    cursor.next++
    local = `"${quoted.text.replace(/["\\]/g, '\\$&')}"`
  } else local = readDotAtom(cursor)
  if (local === undefined) return err({ kind: 'bad-mailbox', at })
  if (!accept(cursor, '@')) return err({ kind: 'no-at-sign', at: here(cursor) })
  const domain = readDomain(cursor)
  const mailbox = domain === undefined ? undefined : parseMailbox(`${local}@${domain}`, { utf8: true })
  return mailbox?.ok ? ok(mailbox.value) : err({ kind: 'bad-mailbox', at })
}

function readDomain(cursor: Cursor): string | undefined {
  const token = cursor.tokens[cursor.next]
  if (token?.kind !== 'literal') return readDotAtom(cursor)
  cursor.next++
  return token.text
}

// dot-atom-text = 1*atext *("." 1*atext), with no white space inside
function readDotAtom(cursor: Cursor): string | undefined {
  let text = ''
  for (let wantAtom = true, first = true; ; wantAtom = !wantAtom, first = false) {
    const token = cursor.tokens[cursor.next]
    const fits = token?.kind === (wantAtom ? 'atom' : '.') && (first || !token.spaced)
    if (!fits) return wantAtom ? undefined : text
    text += token.text
    cursor.next++
  }
}

// obs-route = obs-domain-list ":"      obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
function skipRoute(cursor: Cursor): Result<undefined, AddressListError> {
  for (;;) {
    const at = here(cursor)
    if (accept(cursor, '@') && readDomain(cursor) === undefined) return err({ kind: 'bad-route', at })
    if (accept(cursor, ':')) return ok(undefined)
    if (!accept(cursor, ',')) return err({ kind: 'bad-route', at: here(cursor) })
  }
}

function accept(cursor: Cursor, kind: Token['kind']): boolean {
  if (cursor.tokens[cursor.next]?.kind !== kind) return false
  cursor.next++
  return true
}

const here = (cursor: Cursor): number => cursor.tokens[cursor.next]?.at ?? cursor.end

function scan(text: string, commentDepth: number): Result<readonly Token[], AddressListError> {
  const tokens: Token[] = []
  let spaced = false
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at)
    if (char === ' ' || char === '\t') {
      spaced = true
      at++
      continue
    }
    if (char === '(') {
      const end = endOfComment(text, at, commentDepth)
      if (!end.ok) return end
      spaced = true
      at = end.value
      continue
    }
    const token = readToken(text, at, char, spaced)
    if (!token.ok) return token
    tokens.push(token.value.token)
    spaced = false
    at = token.value.end
  }
  return ok(tokens)
}

function readToken(
  text: string,
  at: number,
  char: string,
  spaced: boolean,
): Result<{ readonly token: Token; readonly end: number }, AddressListError> {
  if (char === '"') return readQuoted(text, at, spaced)
  if (char === '[') {
    const end = text.indexOf(']', at) + 1
    if (end === 0) return err({ kind: 'unclosed-domain-literal', at })
    return ok({ token: { kind: 'literal', text: text.slice(at, end), at, spaced }, end })
  }
  if (isSpecial(char)) return ok({ token: { kind: char, text: char, at, spaced }, end: at + 1 })
  ATOM.lastIndex = at
  const atom = ATOM.exec(text)?.[0]
  if (atom === undefined || !atom.isWellFormed()) return err({ kind: 'bad-character', at })
  return ok({ token: { kind: 'atom', text: atom, at, spaced }, end: at + atom.length })
}

function readQuoted(
  text: string,
  start: number,
  spaced: boolean,
): Result<{ readonly token: Token; readonly end: number }, AddressListError> {
  let content = ''
  for (let at = start + 1; at < text.length; at++) {
    let char = text.charAt(at)
    if (char === '"') return ok({ token: { kind: 'quoted', text: content, at: start, spaced }, end: at + 1 })
    if (char === '\\') char = text.charAt(++at)
    if (CONTROL.test(char)) return err({ kind: 'bad-character', at })
    content += char
  }
  return err({ kind: 'unclosed-quoted-string', at: start })
}

/** Where the comment that opens at `start` ends. */
function endOfComment(text: string, start: number, commentDepth: number): Result<number, AddressListError> {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === '(' && ++depth > commentDepth) return err({ kind: 'comments-too-deep', at })
    else if (char === ')' && --depth === 0) return ok(at + 1)
    else if (CONTROL.test(char)) return err({ kind: 'bad-character', at })
  }
  return err({ kind: 'unclosed-comment', at: start })
}

const isSpecial = (char: string): char is '<' | '>' | '@' | ',' | ';' | ':' | '.' => SPECIALS.includes(char)

const SPECIALS = '<>@,;:.'
const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+/y
// oxlint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
