// Received and Authentication-Results, written.
// RFC 5321 §4.4, RFC 5322 §3.6.7, RFC 8314 §4.3 (Received); RFC 8601 §2.2, §2.3 (Authentication-Results)

import type { EntityField, EntityReceived, ParsedAuthenticationResults } from '@scop/mime'
import { drawDomain } from './addresses.ts'
import { writeDate } from './dates.ts'
import type { Comments, Scribe } from './scribe.ts'
import { writeQuotedString } from './text-fields.ts'
import { IP_ADDRESSES } from './words.ts'

type Host = NonNullable<EntityReceived['from']>
type Address = Host['address']

// Time-stamp-line = "Received:" FWS Stamp      Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
export function writeReceived(scribe: Scribe): EntityReceived {
  const { out, random } = scribe
  const from = writeFrom(scribe)
  out.text('by ')
  const name = drawDomain(scribe)
  out.text(name)
  const comments: Comments = { list: [], words: false }
  if (random.chance(25)) {
    scribe.fws()
    scribe.comment(comments)
  }
  const clause = (keyword: string, text: string): string => {
    scribe.fws(keyword.length + text.length + 2)
    out.text(`${keyword} ${text}`)
    return text
  }
  const via = scribe.choose('via') === 'present' ? clause('via', random.of(['TCP', 'UUCP', 'x-velm'])) : undefined
  const withWord = scribe.choose('with') === 'present' ? clause('with', random.of(PROTOCOLS)) : undefined
  if (withWord !== undefined && random.chance(20)) {
    scribe.fws()
    scribe.comment()
  }
  const tls = scribe.choose('additional-clause') === 'tls' ? clause('tls', random.of(CIPHERS)) : undefined
  const idForm = scribe.choose('id')
  let id: string | undefined
  if (idForm !== 'absent') {
    id = random.next().toString(36).toUpperCase()
    if (idForm === 'msg-id') id = `${id}@${drawDomain(scribe)}`
    clause('id', idForm === 'msg-id' ? `<${id}>` : id)
  }
  const forForm = scribe.choose('for')
  let forWhom: string | undefined
  if (forForm !== 'absent') {
    forWhom = `${scribe.word()}@${drawDomain(scribe)}`
    clause('for', forForm === 'path' ? `<${forWhom}>` : forWhom)
  }
  if (random.chance(10)) scribe.fws()
  out.text(';')
  scribe.fws(32)
  const date = writeDate(scribe)
  const by = { name, address: undefined, comments: comments.list }
  return { from, by, via, with: withWord, id, for: forWhom, tls, date }
}

// From-domain = "FROM" FWS Extended-Domain      TCP-info = address-literal / ( Domain FWS address-literal )
function writeFrom(scribe: Scribe): Host | undefined {
  const { out, random } = scribe
  const kind = scribe.choose('from-domain')
  if (kind === 'absent') return undefined
  const { literal, address: text } = random.of(IP_ADDRESSES)
  const address = text as Address // as: in the canonical form
  const keyword = random.chance(5) ? 'FROM' : 'from'
  out.text(`${keyword} `)
  let host: Host
  if (kind === 'domain') host = { name: drawDomain(scribe), address: undefined, comments: [] }
  else if (kind === 'address-literal') host = { name: literal, address, comments: [] }
  else {
    const info = kind === 'tcp-literal-only' ? literal : `${drawDomain(scribe)} ${literal}`
    host = { name: drawDomain(scribe), address, comments: [info] }
  }
  out.text(host.name)
  for (const comment of host.comments) {
    scribe.fws(comment.length + 2)
    out.text(`(${comment})`)
  }
  scribe.fws()
  return host
}

// authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
export function writeAuthenticationResults(scribe: Scribe): ParsedAuthenticationResults {
  const { out, random } = scribe
  scribe.cfws()
  const authservId = drawDomain(scribe)
  out.text(random.chance(3) ? `"${authservId}"` : authservId)
  let version: number | undefined
  if (scribe.choose('authres-version') === 'present') {
    scribe.cfwsNeeded()
    version = 1
    out.text('1')
  }
  scribe.cfws()
  if (scribe.choose('resinfo') === 'none') {
    out.text(';')
    scribe.cfws()
    out.text(random.chance(80) ? 'none' : 'NONE')
    scribe.cfws()
    return { authservId, version, results: [] }
  }
  const results: ParsedAuthenticationResults['results'][number][] = []
  for (let count = random.between(1, 4); count > 0; count--) {
    out.text(';')
    if (scribe.foldIfLong(30) === undefined) out.octet(SPACE)
    results.push(writeResult(scribe))
  }
  return { authservId, version, results }
}

// methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
function writeResult(scribe: Scribe): ParsedAuthenticationResults['results'][number] {
  const { out, random } = scribe
  const comments: Comments = { list: [], words: false }
  const method = random.of(['spf', 'dkim', 'dmarc', 'arc', 'auth', 'iprev', 'x-velm', 'dkim-atps'])
  out.text(random.chance(4) ? method.toUpperCase() : method)
  let methodVersion: number | undefined
  if (scribe.choose('method-version') === 'present') {
    methodVersion = 1
    out.text(random.of(['/1', ' / 1', '/ 1']))
  }
  out.text(random.chance(95) ? '=' : ' = ')
  const result = random.of(['pass', 'fail', 'none', 'neutral', 'softfail', 'temperror', 'permerror', 'policy', 'x-odd'])
  out.text(random.chance(4) ? result.toUpperCase() : result)
  let reason: string | undefined
  const reasonForm = scribe.choose('reasonspec')
  if (reasonForm !== 'absent') {
    scribe.cfwsNeeded(comments)
    out.text('reason=')
    reason = reasonForm === 'token' ? scribe.word() : undefined
    if (reason === undefined) reason = writeQuotedString(scribe, random.between(1, 4))
    else out.text(reason)
  }
  const properties: ParsedAuthenticationResults['results'][number]['properties'][number][] = []
  for (let count = random.below(4); count > 0; count--) {
    const form = scribe.choose('propspec')
    if (form === 'none') continue
    scribe.cfwsNeeded(comments, 40)
    const [type, name] = random.of(PROPERTIES)
    out.text(random.chance(95) ? `${type}.${name}=` : `${type.toUpperCase()} . ${name} = `)
    let value: string
    if (form === 'quoted-string') value = writeQuotedString(scribe, random.between(1, 2))
    else if (form === 'quoted-local-part') {
      value = writeQuotedString(scribe, 1)
      const at = `@${drawDomain(scribe)}`
      out.text(at)
      value += at
    } else {
      value = drawDomain(scribe)
      if (form !== 'domain') value = `@${value}`
      if (form === 'address') value = scribe.word() + value
      out.text(value)
    }
    properties.push({ type, name, value })
  }
  scribe.cfws(comments)
  return { method, methodVersion, result, reason, comments: comments.list, properties }
}

export type TraceField = Extract<EntityField, { kind: 'received' | 'authentication-results' }>

const SPACE = 0x20
const PROTOCOLS = [
  'SMTP',
  'ESMTP',
  'ESMTPS',
  'ESMTPSA',
  'ESMTPA',
  'LMTP',
  'LMTPS',
  'UTF8SMTP',
  'UTF8SMTPS',
  'HTTP',
  'HTTPS',
]
const CIPHERS = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256']
const PROPERTIES: readonly (readonly [type: string, name: string])[] = [
  ['smtp', 'mailfrom'],
  ['smtp', 'helo'],
  ['header', 'd'],
  ['header', 'i'],
  ['header', 'from'],
  ['smtp', 'auth'],
  ['policy', 'iprev'],
  ['body', 'velm'],
]
