// The line ends of a message that comes in pieces: where the first of each kind is that readers do not agree on.
// RFC 5322 §2.1, §2.3 (CR and LF only together)

export type LineEndFindings = {
  /** Octets from the start of the message. */
  readonly bareCr: number | undefined
  readonly nul: number | undefined
  /** The first line end that is not as the first one of the message. */
  readonly mixed: number | undefined
}

/** Keeps one octet of what it is fed. */
export class LineEndObserver {
  #offset = 0
  #last: number | undefined
  #firstWithCr: boolean | undefined
  #bareCr: number | undefined
  #nul: number | undefined
  #mixed: number | undefined

  feed(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.#nul === undefined) this.#nul = this.#place(chunk.indexOf(NUL))
    if (this.#bareCr === undefined) this.#findBareCr(chunk)
    if (this.#mixed === undefined) this.#findMixture(chunk)
    this.#offset += chunk.length
    this.#last = chunk.at(-1)
  }

  finish(): LineEndFindings {
    if (this.#bareCr === undefined && this.#last === CR) this.#bareCr = this.#offset - 1
    return { bareCr: this.#bareCr, nul: this.#nul, mixed: this.#mixed }
  }

  #findBareCr(chunk: Uint8Array): void {
    if (this.#last === CR && chunk[0] !== LF) {
      this.#bareCr = this.#offset - 1
      return
    }
    let cr = chunk.indexOf(CR)
    while (cr >= 0 && chunk[cr + 1] === LF) cr = chunk.indexOf(CR, cr + 2)
    // What follows the last octet is in the next chunk.
    if (cr < chunk.length - 1) this.#bareCr = this.#place(cr)
  }

  #findMixture(chunk: Uint8Array): void {
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, lf + 1)) {
      const withCr = (lf === 0 ? this.#last : chunk[lf - 1]) === CR
      this.#firstWithCr ??= withCr
      if (withCr === this.#firstWithCr) continue
      this.#mixed = this.#offset + lf
      return
    }
  }

  #place(at: number): number | undefined {
    return at < 0 ? undefined : this.#offset + at
  }
}

const NUL = 0x00
const LF = 0x0a
const CR = 0x0d
