// One line out of what has arrived. Law: a line ends with CRLF, and holds no CR or LF beside it.
// RFC 5321 §2.3.8

import type { GrowingBuffer } from '@scop/octets'

export type LineReading =
  /** Without its CRLF; the octets are taken. */
  | { readonly kind: 'line'; readonly octets: Uint8Array }
  | { readonly kind: 'incomplete' }
  /** A CR or LF alone. Nothing is taken. */
  | { readonly kind: 'stray' }
  /** Longer than `limit`, with its CRLF. Nothing is taken. */
  | { readonly kind: 'too-long' }

/** `limit`: octets with the CRLF. A stray CR or LF within the limit is seen before the line is whole. */
export function takeLine(buffer: GrowingBuffer, limit: number): LineReading {
  const held = buffer.peek()
  const lf = held.indexOf(LF)
  const cr = held.indexOf(CR)
  const first = cr < 0 ? lf : lf < 0 ? cr : Math.min(cr, lf)
  if (first < 0) return held.length > limit - 2 ? { kind: 'too-long' } : { kind: 'incomplete' }
  if (first > limit - 2) return { kind: 'too-long' }
  if (first === lf) return { kind: 'stray' }
  if (first + 1 === held.length) return { kind: 'incomplete' }
  if (lf !== first + 1) return { kind: 'stray' }
  const octets = buffer.take(first + 2).subarray(0, first)
  return { kind: 'line', octets }
}

const LF = 0x0a
const CR = 0x0d
