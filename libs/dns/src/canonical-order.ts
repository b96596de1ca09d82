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

/** By name's key: names that have come, `undefined` for those that have gone. */
type Changes = ReadonlyMap<string, Name | undefined>

/** One version of the order; `with` gives the next, which costs little until it is asked. */
export class CanonicalOrder {
  #sorted: readonly Placed[] | undefined
  /** Until it is sorted: an earlier version, and what has changed since. */
  #before: CanonicalOrder | undefined
  #changes: Changes
  /** Earlier versions in a row that are not sorted either. */
  readonly #depth: number

  private constructor(before: CanonicalOrder | undefined, changes: Changes, depth: number) {
    this.#before = before
    this.#changes = changes
    this.#depth = depth
  }

  /** `names` is called once. */
  static of(names: () => Iterable<Name>): CanonicalOrder {
    return new CanonicalOrder(undefined, new Map([...names()].map((name) => [name.key, name])), 0)
  }

  with(added: readonly Name[], removed: readonly Name[]): CanonicalOrder {
    if (added.length === 0 && removed.length === 0) return this
    const startsHere = this.#sorted !== undefined || this.#before === undefined || this.#changes.size >= MOST_CHANGES
    // Versions that nobody asks must not become a chain without an end: now and then one is sorted.
    if (startsHere && this.#depth >= DEEPEST) this.#all()
    const changes = new Map(startsHere ? [] : this.#changes)
    for (const { key } of removed) changes.set(key, undefined)
    for (const name of added) changes.set(name.key, name)
    const before = startsHere ? this : this.#before
    return new CanonicalOrder(
      before,
      changes,
      before === undefined || before.#sorted !== undefined ? 1 : before.#depth + 1,
    )
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
      this.#sorted = change(this.#before === undefined ? [] : this.#before.#all(), this.#changes)
      this.#before = undefined
      this.#changes = new Map()
    }
    return this.#sorted
  }
}

function change(before: readonly Placed[], changes: Changes): readonly Placed[] {
  const fresh: Placed[] = []
  for (const name of changes.values()) if (name !== undefined) fresh.push({ order: orderKey(name), name })
  fresh.sort((a, b) => (a.order < b.order ? -1 : 1))
  const after: Placed[] = []
  let next = 0
  for (const placed of before) {
    for (; next < fresh.length && (fresh[next]?.order ?? '') < placed.order; next++) pushOf(after, fresh[next])
    if (!changes.has(placed.name.key)) after.push(placed)
  }
  for (; next < fresh.length; next++) pushOf(after, fresh[next])
  return after
}

function pushOf(list: Placed[], placed: Placed | undefined): void {
  if (placed !== undefined) list.push(placed)
}

/** Changes of one version that are copied into the next. */
const MOST_CHANGES = 128
const DEEPEST = 16
const ESCAPED = /[\0\u0001]/
const ESCAPED_ALL = /[\0\u0001]/g
