// What a message asks of the transport: 8-bit octets, long lines, line ends that SMTP cannot carry. Streaming.
// RFC 5321 §2.3.8 (CR and LF only as CRLF), §4.5.3.1.6 (line length); RFC 6152 §3 (8BITMIME), RFC 3030 §3 (BINARYMIME)

export type TransportFacts = {
  readonly octets: number
  /** An octet above 127 was seen. */
  readonly eightBit: boolean
  readonly nul: boolean
  readonly bareCr: boolean
  readonly bareLf: boolean
  /** Octets of the longest line, its CRLF not counted. */
  readonly longestLineOctets: number
  /** Whether the last line ended with CRLF; true of no octets at all. */
  readonly endsWithCrlf: boolean
}

/** Feed every octet in any pieces, then read `facts`. */
export class TransportFactsReader {
  #octets = 0
  #ored = 0
  #nul = false
  #bareCr = false
  #bareLf = false
  #longest = 0
  #line = 0
  #afterCr = false
  #lastLfAfterCr = true

  feed(chunk: Uint8Array): void {
    let ored = this.#ored
    let line = this.#line
    let afterCr = this.#afterCr
    for (let i = 0; i < chunk.length; i++) {
      const octet = chunk[i] as number // as: i < length
      ored |= octet
      if (octet > CR) {
        line++
        if (afterCr) {
          this.#bareCr = true
          afterCr = false
        }
        continue
      }
      if (octet === LF) {
        if (afterCr) line--
        else this.#bareLf = true
        this.#lastLfAfterCr = afterCr
        if (line > this.#longest) this.#longest = line
        line = 0
        afterCr = false
        continue
      }
      if (afterCr) this.#bareCr = true
      afterCr = octet === CR
      if (octet === 0) this.#nul = true
      line++
    }
    this.#octets += chunk.length
    this.#ored = ored
    this.#line = line
    this.#afterCr = afterCr
  }

  get facts(): TransportFacts {
    return {
      octets: this.#octets,
      eightBit: this.#ored > 0x7f,
      nul: this.#nul,
      bareCr: this.#bareCr || this.#afterCr,
      bareLf: this.#bareLf,
      longestLineOctets: Math.max(this.#longest, this.#line),
      endsWithCrlf: this.#line === 0 && this.#lastLfAfterCr,
    }
  }
}

const LF = 0x0a
const CR = 0x0d
