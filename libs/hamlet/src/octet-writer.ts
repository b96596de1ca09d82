// Octets written one after the other into one buffer that grows, and the column of the line that is being written.

export class OctetWriter {
  #octets = new Uint8Array(4096)
  #length = 0
  #lineStart = 0

  get length(): number {
    return this.#length
  }

  /** Octets since the last line end. */
  get column(): number {
    return this.#length - this.#lineStart
  }

  /** Begins again, with nothing written. */
  clear(): void {
    this.#length = 0
    this.#lineStart = 0
  }

  octet(value: number): void {
    if (this.#length === this.#octets.length) this.#grow(1)
    this.#octets[this.#length++] = value
    if (value === LF) this.#lineStart = this.#length
  }

  /** UTF-8. */
  text(text: string): void {
    const room = text.length * 3
    if (this.#length + room > this.#octets.length) this.#grow(room)
    if (text.length > WORTH_A_CALL) {
      this.#encode(text)
      return
    }
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.#encode(text.slice(i))
        return
      }
      this.#octets[this.#length++] = code
      if (code === LF) this.#lineStart = this.#length
    }
  }

  all(octets: Uint8Array): void {
    if (this.#length + octets.length > this.#octets.length) this.#grow(octets.length)
    this.#octets.set(octets, this.#length)
    const lf = octets.lastIndexOf(LF)
    if (lf >= 0) this.#lineStart = this.#length + lf + 1
    this.#length += octets.length
  }

  lineEnd(): void {
    if (this.#length + 2 > this.#octets.length) this.#grow(2)
    this.#octets[this.#length++] = CR
    this.#octets[this.#length++] = LF
    this.#lineStart = this.#length
  }

  /** Takes back lines at the end that have nothing but white space, and the line end before each. */
  dropBlankLines(): void {
    for (;;) {
      let at = this.#length
      while (this.#octets[at - 1] === 0x20 || this.#octets[at - 1] === 0x09) at--
      if (at < 2 || this.#octets[at - 1] !== LF) return
      this.#length = at - 2
      this.#lineStart = this.#octets.lastIndexOf(LF, Math.max(this.#length - 1, 0)) + 1
    }
  }

  /** A copy of what was written, from `start`. */
  copy(start = 0): Uint8Array {
    return this.#octets.slice(start, this.#length)
  }

  #encode(text: string): void {
    const from = this.#length
    this.#length += ENCODER.encodeInto(text, this.#octets.subarray(from)).written
    for (let at = this.#length - 1; at >= from; at--) {
      if (this.#octets[at] !== LF) continue
      this.#lineStart = at + 1
      return
    }
  }

  #grow(room: number): void {
    const grown = new Uint8Array(Math.max(this.#octets.length * 2, this.#length + room))
    grown.set(this.#octets.subarray(0, this.#length))
    this.#octets = grown
  }
}

const CR = 0x0d
const LF = 0x0a
const WORTH_A_CALL = 40
const ENCODER = new TextEncoder()
