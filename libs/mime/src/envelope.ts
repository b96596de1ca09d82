// The ENVELOPE of IMAP: what a list of messages shows, as values still to be written as literals or quoted strings.
// RFC 9051 §7.5.2, §2.3.5; texts are unfolded, encoded words (RFC 2047) stay encoded

import { formatLocalPart, formatMailDomain, type Mailbox } from '@scop/identifiers'
import { type Address, parseAddressList } from './address-list.ts'
import { fieldsNamed, fieldValue, type HeaderSection, unfold } from './header-section.ts'

/** A group begins with only a mailbox, its name, and ends with nothing at all. */
export type EnvelopeAddress = {
  readonly name: string | undefined
  readonly mailbox: string | undefined
  readonly host: string | undefined
}

export type Envelope = {
  readonly date: string | undefined
  readonly subject: string | undefined
  /** A field whose addresses cannot be read in one way only is as if absent. */
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
  return field === undefined ? undefined : unfold(fieldValue(field)).trim()
}

function addresses(
  header: HeaderSection,
  name: string,
  count = Number.POSITIVE_INFINITY,
): readonly EnvelopeAddress[] | undefined {
  const found: EnvelopeAddress[] = []
  for (const field of fieldsNamed(header, name).slice(0, count)) {
    const parsed = parseAddressList(unfold(fieldValue(field)))
    if (parsed.ok) for (const address of parsed.value) pushAddress(found, address)
  }
  return found.length === 0 ? undefined : found
}

function pushAddress(into: EnvelopeAddress[], address: Address): void {
  if (address.kind === 'mailbox') {
    into.push(mailboxAddress(address.displayName, address.mailbox))
    return
  }
  into.push({ name: undefined, mailbox: address.displayName, host: undefined })
  for (const member of address.members) into.push(mailboxAddress(member.displayName, member.mailbox))
  into.push({ name: undefined, mailbox: undefined, host: undefined })
}

const mailboxAddress = (name: string | undefined, { localPart, domain }: Mailbox): EnvelopeAddress => ({
  name,
  mailbox: formatLocalPart(localPart),
  host: formatMailDomain(domain),
})
