// A map of which every version stays as it was: one big base that versions share, and a small layer of changes for each.

const ABSENT = Symbol('absent')

export class VersionedMap<V> {
  readonly #base: ReadonlyMap<string, V>
  readonly #changes: ReadonlyMap<string, V | typeof ABSENT>
  readonly size: number

  private constructor(base: ReadonlyMap<string, V>, changes: ReadonlyMap<string, V | typeof ABSENT>, size: number) {
    this.#base = base
    this.#changes = changes
    this.size = size
  }

  static of<V>(entries: ReadonlyMap<string, V>): VersionedMap<V> {
    return new VersionedMap<V>(entries, new Map<string, V | typeof ABSENT>(), entries.size)
  }

  get(key: string): V | undefined {
    const changed = this.#changes.size === 0 ? undefined : this.#changes.get(key)
    if (changed === undefined) return this.#base.get(key)
    return changed === ABSENT ? undefined : changed
  }

  *entries(): IterableIterator<[string, V]> {
    for (const entry of this.#base) if (!this.#changes.has(entry[0])) yield entry
    for (const [key, value] of this.#changes) if (value !== ABSENT) yield [key, value]
  }

  /** A new version with these keys set, or absent where the value is `undefined`. */
  with(changes: ReadonlyMap<string, V | undefined>): VersionedMap<V> {
    let size = this.size
    const layer = new Map(this.#changes)
    for (const [key, value] of changes) {
      size += (value === undefined ? 0 : 1) - (this.get(key) === undefined ? 0 : 1)
      layer.set(key, value ?? ABSENT)
    }
    // Folding costs as much as the base is large; waiting for a layer of this size keeps the cost per change small.
    if (layer.size <= Math.max(SMALLEST_FOLD, Math.sqrt(this.#base.size) * 4)) {
      return new VersionedMap(this.#base, layer, size)
    }
    const base = new Map(this.#base)
    for (const [key, value] of layer) {
      if (value === ABSENT) base.delete(key)
      else base.set(key, value)
    }
    return new VersionedMap<V>(base, new Map<string, V | typeof ABSENT>(), size)
  }
}

const SMALLEST_FOLD = 64
