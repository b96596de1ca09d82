// Received as others wrote it, written again: `parseReceived` reads back the same. What we say ourselves is in received.ts.
// RFC 5321 §4.4 (grammar); RFC 8314 §4.3 (tls)

import { err, ok, type Result } from '@scop/result'
import { ipVersion } from '@scop/identifiers'
import { formatComment, trimSpace } from './cfws.ts'
import { formatDateTime, type FormatDateTimeError } from './date.ts'
import type { EntityReceived } from './entity.ts'
import { parseReceived, type ReceivedHost } from './parse-received.ts'
import { isSameValue } from './same-value.ts'

export type FormatReceivedError =
  | FormatDateTimeError
  | { readonly kind: 'control-character' | 'not-unicode' }
  /** A clause whose words read as something else, as a host called `with`. */
  | { readonly kind: 'unwritable-clause'; readonly clause: keyof EntityReceived }

/** The value of the field, for `formatField`. */
// Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
export function formatReceivedValue(received: EntityReceived): Result<string, FormatReceivedError> {
  const { from, by, date } = received
  const words: string[] = []
  if (from !== undefined) words.push(`from ${formatHost(from)}`)
  if (by !== undefined) words.push(`by ${formatHost(by)}`)
  if (received.via !== undefined) words.push(`via ${received.via}`)
  if (received.with !== undefined) words.push(`with ${received.with}`)
  if (received.id !== undefined) words.push(`id ${received.id.startsWith('<') ? `<${received.id}>` : received.id}`)
  if (received.for !== undefined) words.push(`for <${received.for}>`)
  if (received.tls !== undefined) words.push(`tls ${received.tls}`)
  let value = words.join(' ')
  if (date !== undefined) {
    const written = formatDateTime(date)
    if (!written.ok) return written
    value += `; ${written.value}`
  }
  if (CONTROL.test(value)) return err({ kind: 'control-character' })
  if (!value.isWellFormed()) return err({ kind: 'not-unicode' })
  const { defects: _, date: readDate, ...read } = parseReceived(trimSpace(value)) // as a field gives it back
  for (const clause of CLAUSES) {
    const one = clause === 'date' ? dateOf(readDate) : read[clause]
    const wanted = clause === 'date' ? dateOf(date) : received[clause]
    if (!isSameValue(one, wanted)) return err({ kind: 'unwritable-clause', clause })
  }
  return ok(value)
}

/** The address is said where neither the name nor a comment says it. */
function formatHost({ name, address, comments }: ReceivedHost): string {
  const words = [name, ...comments.map(formatComment)]
  const plain = words.join(' ')
  if (address === undefined || isSameValue(parseReceived(`from ${plain}`).from?.address, address)) return plain
  const literal = ipVersion(address) === 6 ? `[IPv6:${address}]` : `[${address}]`
  return [name, literal, ...words.slice(1)].join(' ')
}

const dateOf = (date: EntityReceived['date']): unknown =>
  date && [date.epochMilliseconds, date.offsetMinutes, date.zoneUnknown]

const CLAUSES = ['from', 'by', 'via', 'with', 'id', 'for', 'tls', 'date'] as const
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
