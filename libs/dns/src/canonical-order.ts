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

/** One version of the order, in pieces that versions share. */
export class CanonicalOrder {
  #pieces: readonly (readonly Placed[])[] | undefined
  /** Of each piece, how many names stand before it. */
  #starts: readonly number[] = []
  #size = 0
  readonly #names: (() => Iterable<Name>) | undefined

  private constructor(pieces: readonly (readonly Placed[])[] | undefined, names?: () => Iterable<Name>) {
    this.#names = names
    if (pieces !== undefined) this.#take(pieces)
  }

  /** `names` is called once, or never. */
  static of(names: () => Iterable<Name>): CanonicalOrder {
    return new CanonicalOrder(undefined, names)
  }

  /** The next version; `all` are its names, which spare this one its order where nobody has asked for it yet. */
  with(added: readonly Name[], removed: readonly Name[], all?: () => Iterable<Name>): CanonicalOrder {
    if (this.#pieces === undefined && all !== undefined) return CanonicalOrder.of(all)
    if (added.length === 0 && removed.length === 0) return this
    return new CanonicalOrder(changed(this.#all(), placed(added), new Set(removed.map(orderKey))))
  }

  /** Makes it now, if nobody has asked for it yet; the versions that come from this one then need not. */
  make(): void {
    this.#all()
  }

  get size(): number {
    this.#all()
    return this.#size
  }

  at(index: number): Name | undefined {
    const pieces = this.#all()
    const piece = countWhere(pieces.length, (i) => (this.#starts[i] ?? 0) <= index) - 1
    return pieces[piece]?.[index - (this.#starts[piece] ?? 0)]?.name
  }

  /** The index of the last name that is `name` or stands before it; -1 if there is none. */
  floor(name: Name): number {
    const pieces = this.#all()
    const order = orderKey(name)
    const index = countWhere(pieces.length, (i) => (pieces[i]?.[0]?.order ?? '') <= order) - 1
    const piece = pieces[index]
    if (piece === undefined) return -1
    return (this.#starts[index] ?? 0) + countWhere(piece.length, (i) => (piece[i]?.order ?? '') <= order) - 1
  }

  #all(): readonly (readonly Placed[])[] {
    if (this.#pieces === undefined) this.#take(inPieces(placed(this.#names?.() ?? [])))
    return this.#pieces ?? []
  }

  #take(pieces: readonly (readonly Placed[])[]): void {
    const starts: number[] = []
    let size = 0
    for (const piece of pieces) {
      starts.push(size)
      size += piece.length
    }
    this.#pieces = pieces
    this.#starts = starts
    this.#size = size
  }
}

function placed(names: Iterable<Name>): readonly Placed[] {
  return [...names].map((name) => ({ order: orderKey(name), name })).sort((a, b) => (a.order < b.order ? -1 : 1))
}

function inPieces(sorted: readonly Placed[]): readonly (readonly Placed[])[] {
  const pieces: (readonly Placed[])[] = []
  for (let at = 0; at < sorted.length; at += PIECE) pieces.push(sorted.slice(at, at + PIECE))
  return pieces
}

/** Only the pieces that a change touches are made anew. */
function changed(
  before: readonly (readonly Placed[])[],
  added: readonly Placed[],
  removed: ReadonlySet<string>,
): readonly (readonly Placed[])[] {
  const touched = new Set<number>()
  const pieceOf = (order: string): number =>
    Math.max(0, countWhere(before.length, (i) => (before[i]?.[0]?.order ?? '') <= order) - 1)
  for (const order of removed) touched.add(pieceOf(order))
  const addedTo = new Map<number, Placed[]>()
  for (const one of added) {
    const piece = pieceOf(one.order)
    touched.add(piece)
    const there = addedTo.get(piece)
    if (there === undefined) addedTo.set(piece, [one])
    else there.push(one)
  }
  if (before.length === 0) return inPieces(added)
  return before.flatMap((piece, i) => {
    if (!touched.has(i)) return [piece]
    const merged = merge(piece, addedTo.get(i) ?? [], removed)
    return merged.length > 2 * PIECE ? inPieces(merged) : merged.length === 0 ? [] : [merged]
  })
}

function merge(piece: readonly Placed[], added: readonly Placed[], removed: ReadonlySet<string>): readonly Placed[] {
  const after: Placed[] = []
  let next = 0
  for (const one of piece) {
    for (; next < added.length && (added[next]?.order ?? '') < one.order; next++)
      after.push(...added.slice(next, next + 1))
    if (!removed.has(one.order)) after.push(one)
  }
  after.push(...added.slice(next))
  return after
}

/** How many of the first indices below `end` hold, where those that hold come first. */
function countWhere(end: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Names in a piece when it is made; one that has grown to twice as many is divided. */
const PIECE = 512
const ESCAPED = /[\0\u0001]/
const ESCAPED_ALL = /[\0\u0001]/g
