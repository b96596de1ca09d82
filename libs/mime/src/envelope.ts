// The ENVELOPE of IMAP: what a list of messages shows, as values still to be written as literals or quoted strings.
// RFC 9051 §7.5.2, §2.3.5; texts are unfolded, encoded words (RFC 2047) stay encoded; addresses are read as far as they can be

import { formatMailDomain, parseMailbox } from '@scop/identifiers'
import { type FoundMailbox, readAddressSyntax } from './address-syntax.ts'
import { formatLocalPart } from './format-address-list.ts'
import { fieldsNamed, type HeaderSection } from './header-section.ts'
import { encodedPhraseText } from './phrase.ts'
import { READ_ADDRESS_LIMITS } from './read-address-list.ts'

/** A group begins with only a mailbox, its name, and ends with nothing at all. */
export type EnvelopeAddress = {
  readonly name: string | undefined
  readonly mailbox: string | undefined
  readonly host: string | undefined
}

export type Envelope = {
  readonly date: string | undefined
  readonly subject: string | undefined
  readonly from: readonly EnvelopeAddress[] | undefined
  /** Those of From where it is absent. */
  readonly sender: readonly EnvelopeAddress[] | undefined
  readonly replyTo: readonly EnvelopeAddress[] | undefined
  readonly to: readonly EnvelopeAddress[] | undefined
  readonly cc: readonly EnvelopeAddress[] | undefined
  readonly bcc: readonly EnvelopeAddress[] | undefined
  readonly inReplyTo: string | undefined
  readonly messageId: string | undefined
}

/** The first field of each name counts, but addresses are those of all of To, Cc and Bcc. */
export function envelopeOf(header: HeaderSection): Envelope {
  const from = addresses(header, 'From', 1)
  return {
    date: text(header, 'Date'),
    subject: text(header, 'Subject'),
    from,
    sender: addresses(header, 'Sender', 1) ?? from,
    replyTo: addresses(header, 'Reply-To', 1) ?? from,
    to: addresses(header, 'To'),
    cc: addresses(header, 'Cc'),
    bcc: addresses(header, 'Bcc'),
    inReplyTo: text(header, 'In-Reply-To'),
    messageId: text(header, 'Message-ID'),
  }
}

function text(header: HeaderSection, name: string): string | undefined {
  const field = fieldsNamed(header, name)[0]
  return field === undefined ? undefined : field.text.trim()
}

function addresses(
  header: HeaderSection,
  name: string,
  count = Number.POSITIVE_INFINITY,
): readonly EnvelopeAddress[] | undefined {
  const found: EnvelopeAddress[] = []
  for (const field of fieldsNamed(header, name).slice(0, count)) {
    for (const address of readAddressSyntax(field.text, READ_ADDRESS_LIMITS, () => {})) {
      if (address.kind === 'mailbox') pushMailbox(found, address)
      else {
        found.push({ name: undefined, mailbox: encodedPhraseText(address.phrase), host: undefined })
        for (const member of address.members) pushMailbox(found, member)
        found.push({ name: undefined, mailbox: undefined, host: undefined })
      }
    }
  }
  return found.length === 0 ? undefined : found
}

/** One of which nothing is there is left out. Without a domain the host is empty: absent, it would begin a group. */
function pushMailbox(into: EnvelopeAddress[], { phrase, localPart, domain }: FoundMailbox): void {
  if (localPart === '' && domain === '') return
  const mailbox = formatLocalPart(localPart)
  const known = parseMailbox(`${mailbox}@${domain}`, { utf8: true })
  const host = known.ok ? formatMailDomain(known.value.domain) : domain
  into.push({ name: phrase && encodedPhraseText(phrase), mailbox, host })
}
