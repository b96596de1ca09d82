// Answers kept for as long as their TTL says, in a bounded number; the one not used for longest goes first.      RFC 2308 §5, RFC 8767 §4

export class AnswerCache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly expiresAtMs: number }>()
  readonly #maxEntries: number
  readonly #maxSeconds: number

  constructor(maxEntries: number, maxSeconds: number) {
    this.#maxEntries = maxEntries
    this.#maxSeconds = maxSeconds
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, nowMs: number): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.expiresAtMs <= nowMs) return undefined
    this.#entries.set(key, entry) // a Map keeps the order of insertion: now it is the youngest
    return entry.value
  }

  set(key: string, value: V, ttlSeconds: number, nowMs: number): void {
    if (ttlSeconds <= 0) return
    this.#entries.delete(key)
    this.#entries.set(key, { value, expiresAtMs: nowMs + Math.min(ttlSeconds, this.#maxSeconds) * 1000 })
    if (this.#entries.size <= this.#maxEntries) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
