// The header section of a message that arrives in pieces: the same answer as `parseHeaderSection` at any cut.
// RFC 5322 §2.1

import { GrowingBuffer } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { findEmptyLine, HEADER_LIMITS, parseHeaderSection } from './header-section.ts'
import type { HeaderError, HeaderLimits, HeaderSection } from './header-section.ts'

export type HeaderReading =
  | { readonly kind: 'need-more' }
  /** `rest` is what has already arrived of the body. */
  | { readonly kind: 'header'; readonly header: HeaderSection; readonly rest: Uint8Array }

/** Feed chunks until it answers `header` or an error; then it is used up, and `rest` and later chunks are the body. */
export class HeaderReader {
  readonly #limits: HeaderLimits
  readonly #held = new GrowingBuffer()
  #lineStart = 0

  constructor(limits: HeaderLimits = HEADER_LIMITS) {
    this.#limits = limits
  }

  /** The chunk is kept, not copied, where possible: it must not be written to afterwards. */
  feed(chunk: Uint8Array): Result<HeaderReading, HeaderError> {
    this.#held.append(chunk)
    const octets = this.#held.peek()
    const moreLines = chunk.includes(LF)
    if (moreLines && findEmptyLine(octets, this.#lineStart) !== undefined) return this.finish()
    if (octets.length > this.#limits.headerOctets) {
      return err({ kind: 'header-too-long', limit: this.#limits.headerOctets })
    }
    if (moreLines) this.#lineStart = octets.lastIndexOf(LF) + 1
    return ok({ kind: 'need-more' })
  }

  /** The message has ended: what is held is the header, and there is no body. */
  finish(): Result<HeaderReading & { readonly kind: 'header' }, HeaderError> {
    const octets = this.#held.take(this.#held.length)
    const parsed = parseHeaderSection(octets, this.#limits)
    if (!parsed.ok) return parsed
    return ok({ kind: 'header', header: parsed.value.header, rest: octets.subarray(parsed.value.bodyStart) })
  }
}

const LF = 0x0a
