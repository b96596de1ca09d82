// Addresses as a message writes them, in every form that the grammar has, current and obsolete, and in the wrong ones of
// real mail. Reading never fails. RFC 5322 §3.4 (grammar), §4.4 (obsolete); RFC 6532 §3.2 (UTF-8); RFC 2047 §5 (names)

import {
  type AddressDefectKind,
  type AddressLimits,
  type FoundMailbox,
  type NoteAddressDefect,
  readAddressSyntax,
} from './address-syntax.ts'
import { decodeComment } from './encoded-word.ts'
import { phraseText } from './phrase.ts'

/** `displayName` is decoded and unquoted, white space between words as one; `comments` are decoded, in their order. */
export type ReadMailbox = {
  readonly kind: 'mailbox'
  readonly displayName: string | undefined
  /** Unquoted: `john doe` for `"john doe"`. */
  readonly localPart: string
  /** As written, without white space and comments: a name, U-labels as they are, or a literal with its brackets; '' where there is none. */
  readonly domain: string
  readonly comments: readonly string[]
}
export type ReadGroup = {
  readonly kind: 'group'
  readonly displayName: string
  readonly members: readonly ReadMailbox[]
  readonly comments: readonly string[]
}
export type ReadAddress = ReadMailbox | ReadGroup

/** `at`: where, in UTF-16 code units from the start of the value. */
export type AddressDefect = { readonly kind: AddressDefectKind; readonly at: number }

export type ReadAddressList = {
  readonly addresses: readonly ReadAddress[]
  /** In the order in which they were noticed. None where the value is the current grammar. */
  readonly defects: readonly AddressDefect[]
}

export type ReadAddressLimits = AddressLimits & { readonly defects: number }

export const READ_ADDRESS_LIMITS: ReadAddressLimits = {
  characters: 128 * 1024,
  addresses: 2000,
  commentDepth: 16,
  defects: 100,
}

/** Reads the unfolded value of From, Sender, Reply-To, To, Cc or Bcc: what is there, not what may be trusted. */
export function readAddressList(value: string, limits: ReadAddressLimits = READ_ADDRESS_LIMITS): ReadAddressList {
  const defects: AddressDefect[] = []
  const note: NoteAddressDefect = (kind, at) => {
    if (defects.length < limits.defects) defects.push({ kind, at })
  }
  const addresses = readAddressSyntax(value, limits, note).map((found): ReadAddress => {
    if (found.kind === 'mailbox') return readMailbox(found, note)
    const displayName = phraseText(found.phrase, ({ kind, at }) => note(kind, at))
    const members = found.members.map((member) => readMailbox(member, note))
    return { kind: 'group', displayName, members, comments: found.comments.map(({ text }) => decodeComment(text)) }
  })
  return { addresses, defects }
}

function readMailbox({ phrase, localPart, domain, comments }: FoundMailbox, note: NoteAddressDefect): ReadMailbox {
  const displayName = phrase && phraseText(phrase, ({ kind, at }) => note(kind, at))
  return {
    kind: 'mailbox',
    displayName,
    localPart,
    domain,
    comments: comments.map(({ text }) => decodeComment(text)),
  }
}
