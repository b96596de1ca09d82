// Addresses, written in every form; each function answers what it wrote.
// RFC 5322 §3.4 (grammar), §4.4 (obsolete); RFC 6532 §3.2 (UTF-8); RFC 5321 §4.1.3 (literals)

import type { EntityField } from '@scop/mime'
import type { Comments, Scribe } from './scribe.ts'
import { writePhrase, writeQuotedString } from './text-fields.ts'
import { DOMAINS, IP_ADDRESSES, UTF8_DOMAINS } from './words.ts'

type Addresses = Extract<EntityField, { kind: 'addresses' }>['addresses']
type Address = Addresses[number]
export type Mailbox = Extract<Address, { kind: 'mailbox' }>

// address-list = (address *("," address)) / obs-addr-list
export function writeAddressList(scribe: Scribe, most: 'one' | 'any'): Addresses {
  const { out, random } = scribe
  const number = most === 'one' ? 'one' : scribe.choose('address-number')
  const count = number === 'one' ? 1 : number === 'few' ? random.between(2, 5) : random.between(6, 40)
  const empties = most === 'any' && scribe.choose('obs-addr-list') === 'empty-element'
  const addresses: Address[] = []
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      out.text(',')
      separate(scribe)
    }
    if (empties && random.chance(50)) out.text(random.of([',', ' , ', ',,', ' ,\r\n ']))
    addresses.push(writeAddress(scribe))
  }
  if (empties) out.text(random.of(['', ',', ' , ,']))
  return addresses
}

/** A mailbox-list of one: what From and Sender have. */
export function writeMailboxList(scribe: Scribe, most: number): Mailbox[] {
  const mailboxes: Mailbox[] = []
  for (let i = 0, count = scribe.random.between(1, most); i < count; i++) {
    if (i > 0) {
      scribe.out.text(',')
      separate(scribe)
    }
    mailboxes.push(writeMailbox(scribe))
  }
  return mailboxes
}

/** Return-Path and what is like it; undefined is the null path. */
// path = angle-addr / ([CFWS] "<" [CFWS] ">" [CFWS])
export function writePath(scribe: Scribe, kind: 'path' | 'null' | 'obs-route'): Mailbox | undefined {
  const comments: Comments = { list: [], words: true }
  if (kind === 'null') {
    scribe.cfws()
    scribe.out.text('<')
    scribe.cfws()
    scribe.out.text('>')
    return undefined
  }
  scribe.cfws(comments)
  const address = writeAngleAddr(scribe, comments, kind === 'obs-route')
  return { kind: 'mailbox', displayName: undefined, ...address, comments: comments.list }
}

function separate(scribe: Scribe): void {
  if (scribe.foldIfLong(40) !== undefined) return
  if (scribe.random.chance(80)) scribe.out.octet(SPACE)
}

// address = mailbox / group
function writeAddress(scribe: Scribe): Address {
  return scribe.choose('address') === 'group' ? writeGroup(scribe) : writeMailbox(scribe)
}

// group = display-name ":" [group-list] ";" [CFWS]      group-list = mailbox-list / CFWS / obs-group-list
function writeGroup(scribe: Scribe): Address {
  const { out, random } = scribe
  const comments: Comments = { list: [], words: true }
  const members: Mailbox[] = []
  scribe.cfws(comments)
  const displayName = writePhrase(scribe, comments)
  scribe.cfws(comments)
  out.text(':')
  const kind = scribe.choose('group')
  if (kind === 'cfws-only') scribe.cfwsNeeded(comments)
  if (kind === 'members' || kind === 'obs-empty-element') {
    if (kind === 'obs-empty-element') out.text(random.of([',', ' , ', ',,']))
    for (let i = 0, count = random.between(1, 4); i < count; i++) {
      if (i > 0) out.text(',')
      separate(scribe)
      members.push(writeMailbox(scribe))
    }
    if (kind === 'obs-empty-element') out.text(random.of(['', ',']))
  }
  out.text(';')
  scribe.cfws(comments)
  return { kind: 'group', displayName, members, comments: comments.list }
}

// mailbox = name-addr / addr-spec
function writeMailbox(scribe: Scribe): Mailbox {
  const { out } = scribe
  const comments: Comments = { list: [], words: true }
  scribe.cfws(comments)
  const kind = scribe.choose('mailbox')
  let displayName: string | undefined
  let address: Pick<Mailbox, 'localPart' | 'domain'>
  if (kind === 'addr-spec' || kind === 'comment-name') {
    address = writeAddrSpec(scribe, comments)
    if (kind === 'comment-name') {
      out.octet(SPACE)
      scribe.comment(comments)
    }
  } else {
    if (kind === 'name-addr') {
      displayName = writePhrase(scribe, comments)
      scribe.cfwsNeeded(comments, 30)
    }
    address = writeAngleAddr(scribe, comments, scribe.choose('angle-addr') === 'obs-route')
    scribe.cfws(comments)
  }
  return { kind: 'mailbox', displayName, ...address, comments: comments.list }
}

// angle-addr = [CFWS] "<" addr-spec ">" [CFWS] / obs-angle-addr
// obs-angle-addr = [CFWS] "<" obs-route addr-spec ">" [CFWS]      obs-route = obs-domain-list ":"
function writeAngleAddr(scribe: Scribe, comments: Comments, route: boolean): Pick<Mailbox, 'localPart' | 'domain'> {
  const { out, random } = scribe
  out.text('<')
  if (route) {
    for (let i = 0, count = random.between(1, 3); i < count; i++) {
      if (i > 0) out.text(random.of([',', ', ', ',,']))
      out.text(`@${random.of(DOMAINS)}`)
    }
    out.text(':')
  }
  scribe.cfws(comments)
  const address = writeAddrSpec(scribe, comments)
  out.text('>')
  return address
}

// addr-spec = local-part "@" domain
function writeAddrSpec(scribe: Scribe, comments: Comments): Pick<Mailbox, 'localPart' | 'domain'> {
  const localPart = writeLocalPart(scribe, comments)
  scribe.cfws(comments)
  scribe.out.text('@')
  scribe.cfws(comments)
  const domain = writeDomain(scribe, comments)
  scribe.cfws(comments)
  return { localPart, domain }
}

// local-part = dot-atom / quoted-string / obs-local-part      obs-local-part = word *("." word)
function writeLocalPart(scribe: Scribe, comments: Comments): string {
  const { out, random } = scribe
  const kind = scribe.choose('local-part')
  if (kind === 'quoted-string') return writeQuotedString(scribe, random.between(1, 3))
  if (kind === 'obs-local-part' || kind === 'obs-quoted-words') {
    const quoted = random.below(2)
    let text = ''
    for (let i = 0, count = random.between(2, 3); i < count; i++) {
      if (i > 0) {
        if (kind === 'obs-local-part') scribe.cfws(comments)
        out.text('.')
        if (kind === 'obs-local-part') scribe.cfws(comments)
        text += '.'
      }
      if (kind === 'obs-quoted-words' && i % 2 === quoted) text += writeQuotedString(scribe, 1)
      else text += plain(scribe, scribe.word())
    }
    return text
  }
  if (kind === 'empty') {
    scribe.out.text('""')
    return ''
  }
  if (kind === 'utf8') return plain(scribe, `${scribe.utf8Word()}.${scribe.word()}`)
  if (kind === 'special') return plain(scribe, random.of(SPECIAL_LOCAL_PARTS) + scribe.word())
  let text = scribe.word()
  for (let more = random.below(3); more > 0; more--) text += `.${scribe.word()}`
  return plain(scribe, text)
}

// domain = dot-atom / domain-literal / obs-domain      domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
function writeDomain(scribe: Scribe, comments: Comments): string {
  const { out, random } = scribe
  switch (scribe.choose('domain')) {
    case 'dot-atom':
      return plain(scribe, drawDomain(scribe))
    case 'single':
      return plain(scribe, random.of(['localhost', 'test', 'mailhost']))
    case 'utf8':
      return plain(scribe, random.of(UTF8_DOMAINS))
    case 'literal':
      return plain(scribe, random.of(IP_ADDRESSES).literal)
    case 'literal-fws': {
      const { literal } = random.of(IP_ADDRESSES)
      out.text('[')
      scribe.fws()
      out.text(literal.slice(1, -1))
      if (random.chance(50)) scribe.fws()
      out.text(']')
      return literal
    }
    case 'obs-domain': {
      const domain = drawDomain(scribe)
      domain.split('.').forEach((label, i) => {
        if (i > 0) {
          scribe.cfws(comments)
          out.text('.')
          scribe.cfws(comments)
        }
        out.text(label)
      })
      return domain
    }
  }
}

export function drawDomain(scribe: Scribe): string {
  const { random } = scribe
  return random.chance(50)
    ? random.of(DOMAINS)
    : `${scribe.word()}.${random.of(['example', 'example.org', 'test', 'invalid'])}`
}

function plain(scribe: Scribe, text: string): string {
  scribe.out.text(text)
  return text
}

const SPACE = 0x20
const SPECIAL_LOCAL_PARTS = ['a+', 'x_', '-', "o'", '#', 'a/b', '=', "!#$%&'*+/=^_`{|}~?-", '0']
