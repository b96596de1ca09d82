// Return-Path: where a message would go back to, as the last server wrote it.
// RFC 5321 §4.4 (who writes it), RFC 5322 §3.6.7 (grammar)

import { err, ok, type Result } from '@scop/result'
import { skipCfws } from './cfws.ts'
import { type FormatAddressError, formatReadMailbox } from './format-address-list.ts'
import { type ReadMailbox, readAddressList } from './read-address-list.ts'

export type ReturnPathError = { readonly kind: 'not-a-path' }

/** One mailbox without a name, with angle brackets or without; undefined is the null path `<>`. */
// path = angle-addr / ([CFWS] "<" [CFWS] ">" [CFWS])
export function parseReturnPath(value: string): Result<ReadMailbox | undefined, ReturnPathError> {
  if (isNullPath(value)) return ok(undefined)
  const [address, ...more] = readAddressList(value).addresses
  if (address?.kind !== 'mailbox' || more.length > 0) return err({ kind: 'not-a-path' })
  return address.displayName === undefined && address.domain !== '' ? ok(address) : err({ kind: 'not-a-path' })
}

export type FormatReturnPathError = { readonly kind: FormatAddressError['kind'] | 'display-name' | 'no-domain' }

/** The value of the field, for `formatField`. */
export function formatReturnPath(mailbox: ReadMailbox | undefined): Result<string, FormatReturnPathError> {
  if (mailbox === undefined) return ok('<>')
  if (mailbox.displayName !== undefined) return err({ kind: 'display-name' })
  if (mailbox.domain === '') return err({ kind: 'no-domain' })
  const written = formatReadMailbox(mailbox, { brackets: true })
  return written.ok ? written : err({ kind: written.error })
}

function isNullPath(value: string): boolean {
  const open = skipCfws(value, 0)
  if (value[open] !== '<') return false
  const close = skipCfws(value, open + 1)
  return value[close] === '>' && skipCfws(value, close + 1) >= value.length
}
