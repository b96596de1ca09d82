// Content on its way out: dots stuffed, and nothing let through that a receiver could read as the end.
// RFC 5321 §4.5.2 (transparency), §2.3.8 (CRLF only)

import { err, ok, type Result } from '@scop/result'
import { type ContentFault, ContentReader } from './content.ts'

export class DotStuffer {
  readonly #checker: ContentReader
  #atLineStart = true

  constructor(limits: { readonly textLineOctets: number }) {
    this.#checker = new ContentReader(false, { ...limits, messageOctets: Number.MAX_SAFE_INTEGER })
  }

  /** The chunk as it is sent; shares its memory where no dot is added. After a fault the message must be broken off. */
  stuff(octets: Uint8Array): Result<Uint8Array, ContentFault> {
    this.#checker.read(octets)
    const { fault } = this.#checker
    if (fault !== undefined) return err(fault)
    const dots: number[] = []
    for (let at = octets.indexOf(DOT); at >= 0; at = octets.indexOf(DOT, at + 1)) {
      if (at === 0 ? this.#atLineStart : octets[at - 1] === LF) dots.push(at)
    }
    if (octets.length > 0) this.#atLineStart = octets[octets.length - 1] === LF
    if (dots.length === 0) return ok(octets)
    const stuffed = new Uint8Array(octets.length + dots.length)
    let from = 0
    for (const [added, at] of dots.entries()) {
      stuffed.set(octets.subarray(from, at), from + added)
      stuffed[at + added] = DOT
      from = at
    }
    stuffed.set(octets.subarray(from), from + dots.length)
    return ok(stuffed)
  }

  /** What ends the content; a last line without CRLF is a fault, since adding one would change the message. */
  end(): Result<Uint8Array, ContentFault> {
    this.#checker.end()
    const { fault } = this.#checker
    return fault === undefined ? ok(END) : err(fault)
  }
}

const LF = 0x0a
const DOT = 0x2e
const END = new Uint8Array([0x2e, 0x0d, 0x0a])
