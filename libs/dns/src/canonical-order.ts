// The names of a zone in canonical order, for each version, made when first asked for: which name stands before another.
// RFC 4034 §6.1

import type { Name } from './name.ts'

/** A string whose order among such strings, by code units, is the canonical order of the names. */
export function orderKey(name: Name): string {
  const { key } = name
  let ordered = ''
  // Labels from the right, each ended by \0; inside, \0 and \1 are escaped so that the end stays the smallest.
  for (let at = 0; key.charCodeAt(at) !== 0; at += 1 + key.charCodeAt(at)) {
    const label = key.slice(at + 1, at + 1 + key.charCodeAt(at))
    ordered = `${ESCAPED.test(label) ? label.replace(ESCAPED_ALL, (octet) => `\u0001${octet === '\0' ? '\u0001' : '\u0002'}`) : label}\0${ordered}`
  }
  return ordered
}

type Placed = { readonly order: string; readonly name: Name }

/** One version of the order; `with` gives the next, which costs nothing until it is asked. */
export class CanonicalOrder {
  #sorted: readonly Placed[] | undefined
  #make: (() => readonly Placed[]) | undefined

  private constructor(make: () => readonly Placed[]) {
    this.#make = make
  }

  /** `names` is called once, or never. */
  static of(names: () => Iterable<Name>): CanonicalOrder {
    return new CanonicalOrder(() =>
      [...names()].map((name) => ({ order: orderKey(name), name })).sort((a, b) => (a.order < b.order ? -1 : 1)),
    )
  }

  with(added: readonly Name[], removed: readonly Name[]): CanonicalOrder {
    if (added.length === 0 && removed.length === 0) return this
    const before = this.#sorted
    if (before === undefined) return new CanonicalOrder(() => change(this.#all(), added, removed))
    return new CanonicalOrder(() => change(before, added, removed))
  }

  get size(): number {
    return this.#all().length
  }

  at(index: number): Name | undefined {
    return this.#all()[index]?.name
  }

  /** The index of the last name that is `name` or stands before it; -1 if there is none. */
  floor(name: Name): number {
    const sorted = this.#all()
    const order = orderKey(name)
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle]?.order ?? '') <= order) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #all(): readonly Placed[] {
    if (this.#sorted === undefined) {
      this.#sorted = this.#make?.() ?? []
      this.#make = undefined
    }
    return this.#sorted
  }
}

function change(before: readonly Placed[], added: readonly Name[], removed: readonly Name[]): readonly Placed[] {
  const gone = new Set(removed.map((name) => name.key))
  const fresh = added.map((name) => ({ order: orderKey(name), name })).sort((a, b) => (a.order < b.order ? -1 : 1))
  const after: Placed[] = []
  let next = 0
  for (const placed of before) {
    for (; next < fresh.length && (fresh[next]?.order ?? '') < placed.order; next++) pushOf(after, fresh[next])
    if (gone.size === 0 || !gone.has(placed.name.key)) after.push(placed)
  }
  for (; next < fresh.length; next++) pushOf(after, fresh[next])
  return after
}

function pushOf(list: Placed[], placed: Placed | undefined): void {
  if (placed !== undefined) list.push(placed)
}

const ESCAPED = /[\0\u0001]/
const ESCAPED_ALL = /[\0\u0001]/g
