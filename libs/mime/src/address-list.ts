// Address lists, strictly: who a message says it is from and to. What two readers could read differently is refused.
// RFC 5322 §3.4 (grammar), §4.4 (obsolete route, dropped; obsolete spaces around dots, refused); RFC 6532 §3.2 (UTF-8)

import { type Mailbox, parseMailbox } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { type AddressDefectKind, type AddressLimits, type FoundMailbox, readAddressSyntax } from './address-syntax.ts'
import { formatLocalPart } from './format-address-list.ts'
import { phraseText } from './phrase.ts'

export type MailboxAddress = {
  readonly kind: 'mailbox'
  /** Unquoted, encoded words (RFC 2047) decoded; foreign, and no evidence of anything. */
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
  /** `bad-mailbox`: one that no SMTP server could be told. RFC 5321 §4.1.2 */
  readonly kind: AddressDefectKind | 'no-address' | 'bad-mailbox'
  /** Where, in UTF-16 code units from the start of the value. */
  readonly at: number
}

export type AddressListLimits = AddressLimits

export const ADDRESS_LIST_LIMITS: AddressListLimits = { characters: 128 * 1024, addresses: 2000, commentDepth: 16 }

/** Reads the unfolded value of From, Sender, Reply-To, To, Cc or Bcc. Empty list elements (§4.4) are skipped. */
export function parseAddressList(
  value: string,
  limits: AddressListLimits = ADDRESS_LIST_LIMITS,
): Result<readonly Address[], AddressListError> {
  let refused: AddressListError | undefined
  const found = readAddressSyntax(value, limits, (kind, at) => {
    if (!ONE_READING.has(kind)) refused ??= { kind, at }
  })
  if (refused !== undefined) return err(refused)
  const addresses: Address[] = []
  for (const address of found) {
    if (address.kind === 'mailbox') {
      const mailbox = parseFound(address)
      if (!mailbox.ok) return mailbox
      addresses.push(mailbox.value)
      continue
    }
    const members: MailboxAddress[] = []
    for (const one of address.members) {
      const member = parseFound(one)
      if (!member.ok) return member
      members.push(member.value)
    }
    addresses.push({ kind: 'group', displayName: phraseText(address.phrase, () => {}), members })
  }
  return addresses.length === 0 ? err({ kind: 'no-address', at: 0 }) : ok(addresses)
}

/** Every mailbox of the list, those inside groups too. */
export function mailboxesOf(addresses: readonly Address[]): readonly MailboxAddress[] {
  return addresses.flatMap((address) => (address.kind === 'group' ? address.members : [address]))
}

function parseFound({ phrase, localPart, domain, at }: FoundMailbox): Result<MailboxAddress, AddressListError> {
  const mailbox = parseMailbox(`${formatLocalPart(localPart)}@${domain}`, { utf8: true })
  if (!mailbox.ok) return err({ kind: 'bad-mailbox', at })
  return ok({ kind: 'mailbox', displayName: phrase && phraseText(phrase, () => {}), mailbox: mailbox.value })
}

/** Deviations that every reader takes the same way, as far as mailboxes go. */
const ONE_READING: ReadonlySet<AddressDefectKind> = new Set([
  'empty-element',
  'obsolete-phrase',
  'obsolete-route',
  'space-around-at',
  'comment-without-address',
])
