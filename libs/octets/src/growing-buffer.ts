// Octets that have arrived and are not yet used: appended at the end, taken from the front, copied rarely.

export class GrowingBuffer {
  #held: Uint8Array = EMPTY
  #start = 0
  #end = 0
  /** Whether `#held` was made here, so that there may be room behind `#end` to write to. */
  #owned = false

  /** Octets held and not yet taken. */
  get length(): number {
    return this.#end - this.#start
  }

  /** Adds `chunk`, which belongs to the buffer from now on: the caller must not write to it again. */
  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.#start === this.#end) {
      // Nothing held: keep the chunk itself. It is only read, never written to.
      this.#held = chunk
      this.#start = 0
      this.#end = chunk.length
      this.#owned = false
      return
    }
    const length = this.length
    if (!this.#owned || this.#held.length - this.#end < chunk.length) {
      const grown = new Uint8Array(Math.max(2 * (length + chunk.length), SMALLEST))
      grown.set(this.#held.subarray(this.#start, this.#end))
      this.#held = grown
      this.#owned = true
      this.#start = 0
      this.#end = length
    }
    this.#held.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** What is held, without copying; valid until the next `append`. */
  peek(): Uint8Array {
    return this.#held.subarray(this.#start, this.#end)
  }

  /** Takes `count` octets (at most `length`) from the front, without copying; stays valid. A negative count throws. */
  take(count: number): Uint8Array {
    if (!(count >= 0)) throw new Error(`Cannot take ${count} octets`)
    const end = Math.min(this.#start + count, this.#end)
    const taken = this.#held.subarray(this.#start, end)
    this.#start = end
    return taken
  }

  clear(): void {
    this.#held = EMPTY
    this.#start = 0
    this.#end = 0
    this.#owned = false
  }
}

const EMPTY = new Uint8Array(0)
const SMALLEST = 256
