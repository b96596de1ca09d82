// A model of what caches of the world can hold while the keys of a zone change: every version of DS, DNSKEY and signed data
// that some server gave out within its TTL, in any combination. It knows nothing of key states; it only asks whether a
// validator that holds such a combination finds a chain.      RFC 4035 §5, RFC 6840 §5.11 (by the strict reading)

export type Version<T> = { readonly value: T; readonly ttlSeconds: number; readonly from: number; until: number }

/** What was served of one thing, the newest last. A server may lag behind by `lagSeconds`, a cache hold for `ttlSeconds`. */
export class History<T> {
  readonly versions: Version<T>[] = []
  readonly #lagSeconds: number

  constructor(first: T, lagSeconds: number, ttlSeconds: number) {
    this.versions.push({ value: first, ttlSeconds, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY })
    this.#lagSeconds = lagSeconds
  }

  get current(): T {
    return this.#last().value
  }

  set(value: T, now: number): void {
    this.#push(value, this.#last().ttlSeconds, now)
  }

  setTtl(ttlSeconds: number, now: number): void {
    this.#push(this.current, ttlSeconds, now)
  }

  /** What a server may give now. */
  served(now: number): readonly Version<T>[] {
    return this.versions.filter(({ until }) => until + this.#lagSeconds > now)
  }

  /** The earliest moment of which somebody may still hold what was there. */
  oldest(now: number): number {
    const lived = this.versions.filter(({ until, ttlSeconds }) => until + this.#lagSeconds + ttlSeconds > now)
    const first = lived[0]
    return first === undefined ? now : Math.max(first.from, now - this.#lagSeconds - first.ttlSeconds)
  }

  /** What a cache may hold now. */
  cached(now: number): readonly T[] {
    return this.versions
      .filter(({ until, ttlSeconds }) => until + this.#lagSeconds + ttlSeconds > now)
      .map(({ value }) => value)
  }

  #push(value: T, ttlSeconds: number, now: number): void {
    this.#last().until = now
    this.versions.push({ value, ttlSeconds, from: now, until: Number.POSITIVE_INFINITY })
  }

  #last(): Version<T> {
    const last = this.versions.at(-1)
    if (last === undefined) throw new Error('A history without a version')
    return last
  }
}

export type KeySetVersion = { readonly keys: readonly string[]; readonly signers: readonly string[] }

/** `undefined` if a validator with these three finds all in order, or the reason why not. */
export function judgeChain(
  ds: readonly string[],
  dnskey: KeySetVersion,
  signers: readonly string[],
): string | undefined {
  if (ds.length === 0) return undefined // nobody asks
  const anchors = ds.filter((id) => dnskey.keys.includes(id) && dnskey.signers.includes(id))
  if (anchors.length === 0) return 'no DS leads to a key that signs the keys'
  const signing = signers.filter((id) => dnskey.keys.includes(id))
  if (signing.length === 0) return 'no known key signs the data'
  for (const algorithm of algorithmsOf(ds)) {
    if (!algorithmsOf(anchors).has(algorithm)) return `the parent knows algorithm ${algorithm}, and no anchor has it`
  }
  for (const algorithm of algorithmsOf(dnskey.keys)) {
    if (!algorithmsOf(signing).has(algorithm))
      return `the zone has algorithm ${algorithm}, and the data are not signed by it`
    if (!algorithmsOf(dnskey.signers).has(algorithm)) return `the keys are not signed by algorithm ${algorithm}`
  }
  return undefined
}

function algorithmsOf(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids.map((id) => id.slice(0, id.indexOf('+'))))
}
