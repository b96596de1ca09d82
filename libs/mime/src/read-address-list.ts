// Addresses as a message writes them, in every form that the grammar has, current and obsolete, and in the wrong ones of
// real mail. Reading never fails. RFC 5322 §3.4 (grammar), §4.4 (obsolete); RFC 6532 §3.2 (UTF-8); RFC 2047 §5 (names)

/** `displayName` is decoded and unquoted, runs of white space as one; `comments` are decoded, in their order. */
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
