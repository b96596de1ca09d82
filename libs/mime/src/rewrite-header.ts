// A header section with fields put on top and fields taken out; every other octet stays as it was.
// RFC 5321 §4.4 (trace fields go on top), RFC 8601 §5 (forged fields are taken out)

import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { Field } from './field.ts'
import type { HeaderSection } from './header-section.ts'

export type RewriteError = { readonly kind: 'begins-with-continuation' }

export type HeaderChange = {
  /** Whole fields with their line ends, top first, as `formatField` makes them. */
  readonly prepend?: readonly Uint8Array[]
  readonly remove?: (field: Field) => boolean
}

/** The octets of the changed header section, up to the body. A header whose first line is folded would continue ours: refused. */
export function rewriteHeader(header: HeaderSection, change: HeaderChange): Result<Uint8Array, RewriteError> {
  const pieces: Uint8Array[] = [...(change.prepend ?? [])]
  let from = 0
  for (const field of header.fields) {
    if (!change.remove?.(field)) continue
    pieces.push(header.octets.subarray(from, field.offset))
    from = field.offset + field.octets.length
  }
  pieces.push(header.octets.subarray(from))
  const first = header.octets[0]
  if (first === SPACE || first === TAB) return err({ kind: 'begins-with-continuation' })
  return ok(concatOctets(pieces))
}

const SPACE = 0x20
const TAB = 0x09
