// New mail from typed values: no function here takes a line of a header, and what is written was read back by `formatEntity`,
// so no value can become a field of its own. Written in 7 bits but for addresses that only UTF-8 has.
// RFC 5322 §3.6 (fields); RFC 2045 §4; RFC 2049 §2; RFC 6531 §3.6 (SMTPUTF8)

import { formatMailDomain, type Mailbox } from '@scop/identifiers'
import { isAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { type ComposeBodyError, composeBody, type NewBody } from './compose-body.ts'
import type { Entity, EntityField } from './entity.ts'
import { type FormatEntityError, formatEntity } from './format-entity.ts'
import type { ReadAddress, ReadMailbox } from './read-address-list.ts'

export type MailPerson = { readonly name?: string; readonly mailbox: Mailbox }
export type MailGroup = { readonly group: string; readonly members: readonly MailPerson[] }
export type MailAddress = MailPerson | MailGroup

export type NewMail = NewBody & {
  /** One at least; where there are more, `sender` must be there. */
  readonly from: readonly MailPerson[]
  readonly sender?: MailPerson
  readonly replyTo?: readonly MailAddress[]
  readonly to?: readonly MailAddress[]
  readonly cc?: readonly MailAddress[]
  /** Written as it is given: leave it out of what others are sent. */
  readonly bcc?: readonly MailAddress[]
  readonly subject?: string
  /** Whole seconds. */
  readonly epochMilliseconds: number
  /** East of UTC; default 0. */
  readonly offsetMinutes?: number
  /** Identifiers have no angle brackets. */
  readonly messageId: string
  readonly inReplyTo?: readonly string[]
  readonly references?: readonly string[]
  /** Others than those above and those of MIME. */
  readonly fields?: readonly EntityField[]
}

export type ComposeOptions = {
  /** That many octets from a good source, each time others: boundaries are made of them. */
  readonly randomOctets: (count: number) => Uint8Array
  /** Whether addresses may need SMTPUTF8. Default false. */
  readonly utf8?: boolean
}

export type ComposedMail = {
  readonly entity: Entity
  readonly octets: Uint8Array
  /** The header has UTF-8: it needs a transport with SMTPUTF8. Nothing else is over 7 bits. */
  readonly needsUtf8: boolean
}

export type ComposeError =
  | ComposeBodyError
  | { readonly kind: 'no-from' | 'no-sender' | 'needs-utf8' }
  /** One that is written here, or that decides how the body is read. */
  | { readonly kind: 'own-field'; readonly name: string }
  | { readonly kind: 'unwritable'; readonly reason: FormatEntityError }

/** The whole message: header section, empty line, body; CRLF throughout. */
export function compose(mail: NewMail, options: ComposeOptions): Result<ComposedMail, ComposeError> {
  if (mail.from.length === 0) return err({ kind: 'no-from' })
  // RFC 5322 §3.6.2
  if (mail.from.length > 1 && mail.sender === undefined) return err({ kind: 'no-sender' })
  const others = mail.fields ?? []
  const own = others.find(({ name }) => isOwnName(name.toLowerCase()))
  if (own !== undefined) return err({ kind: 'own-field', name: own.name })
  const content = composeBody(mail, options.randomOctets)
  if (!content.ok) return content
  const fields = [...headerFields(mail), ...others, MIME_VERSION, ...content.value.fields]
  const entity: Entity = { fields, body: content.value.body }
  const octets = formatEntity(entity)
  if (!octets.ok) return err({ kind: 'unwritable', reason: octets.error })
  const needsUtf8 = !isAscii(octets.value)
  if (needsUtf8 && options.utf8 !== true) return err({ kind: 'needs-utf8' })
  return ok({ entity, octets: octets.value, needsUtf8 })
}

function headerFields(mail: NewMail): readonly EntityField[] {
  const { epochMilliseconds, offsetMinutes = 0 } = mail
  const fields: EntityField[] = [
    { name: 'Date', kind: 'date', date: { epochMilliseconds, offsetMinutes, zoneUnknown: false } },
  ]
  const addresses = (name: string, list: readonly MailAddress[] | undefined): void => {
    if (list !== undefined && list.length > 0)
      fields.push({ name, kind: 'addresses', addresses: list.map(readAddress) })
  }
  const ids = (name: string, list: readonly string[] | undefined): void => {
    if (list !== undefined && list.length > 0) fields.push({ name, kind: 'message-ids', ids: list })
  }
  addresses('From', mail.from)
  addresses('Sender', mail.sender === undefined ? undefined : [mail.sender])
  addresses('Reply-To', mail.replyTo)
  addresses('To', mail.to)
  addresses('Cc', mail.cc)
  addresses('Bcc', mail.bcc)
  ids('Message-ID', [mail.messageId])
  ids('In-Reply-To', mail.inReplyTo)
  ids('References', mail.references)
  if (mail.subject !== undefined) fields.push({ name: 'Subject', kind: 'unstructured', text: mail.subject })
  return fields
}

function readAddress(address: MailAddress): ReadAddress {
  if ('mailbox' in address) return readMailbox(address)
  return { kind: 'group', displayName: address.group, members: address.members.map(readMailbox), comments: [] }
}

function readMailbox({ name, mailbox }: MailPerson): ReadMailbox {
  const { localPart, domain } = mailbox
  return { kind: 'mailbox', displayName: name, localPart, domain: formatMailDomain(domain), comments: [] }
}

const isOwnName = (name: string): boolean => OWN_NAMES.has(name) || name.startsWith('content-')

const MIME_VERSION: EntityField = { name: 'MIME-Version', kind: 'mime-version', version: { major: 1, minor: 0 } }
const OWN_NAMES: ReadonlySet<string> = new Set([
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
  'mime-version',
])
