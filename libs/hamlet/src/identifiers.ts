// Message identifiers, written. RFC 5322 §3.6.4 (grammar), §4.5.4 (obsolete); RFC 2045 §7 (Content-ID)

import { drawDomain } from './addresses.ts'
import type { Scribe } from './scribe.ts'
import { writePhrase } from './text-fields.ts'
import { IP_ADDRESSES, UTF8_DOMAINS } from './words.ts'

// msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
export function writeMessageId(scribe: Scribe): string {
  const { out, random } = scribe
  scribe.cfws()
  const number = random.next().toString(36)
  const left = random.chance(50) ? `${scribe.word()}.${number}` : number
  const kind = scribe.choose('msg-id')
  let id: string
  out.text('<')
  switch (kind) {
    case 'dot-atom':
      id = `${left}@${drawDomain(scribe)}`
      out.text(id)
      break
    case 'utf8':
      id = `${scribe.utf8Word()}.${number}@${random.of(UTF8_DOMAINS)}`
      out.text(id)
      break
    case 'literal':
      id = `${left}@${random.of(IP_ADDRESSES).literal}`
      out.text(id)
      break
    // obs-id-left = local-part      obs-id-right = domain
    case 'obs-id-left': {
      const [one, other, domain] = [scribe.word(), scribe.word(), drawDomain(scribe)]
      id = `${one}.${other}@${domain}`
      out.text(one)
      scribe.cfws()
      out.text('.')
      scribe.cfws()
      out.text(`${other}@${domain}`)
      break
    }
    case 'obs-id-right': {
      const domain = drawDomain(scribe)
      id = `${left}@${domain}`
      out.text(`${left}@`)
      scribe.cfws()
      out.text(domain)
      scribe.cfws()
      break
    }
  }
  out.text('>')
  scribe.cfws()
  return id
}

// references = "References:" 1*msg-id CRLF      obs-in-reply-to = "In-Reply-To" *WSP ":" *(phrase / msg-id) CRLF
export function writeMessageIds(scribe: Scribe, most: number, phrases: boolean): readonly string[] {
  const ids: string[] = []
  const before = phrases && scribe.choose('in-reply-to') === 'obs-phrase'
  if (before) {
    writePhrase(scribe, undefined)
    scribe.out.octet(SPACE)
  }
  for (let i = 0, count = scribe.random.between(1, most); i < count; i++) {
    if (i > 0 && scribe.foldIfLong(50) === undefined) scribe.cfws()
    ids.push(writeMessageId(scribe))
  }
  return ids
}

const SPACE = 0x20
