// A map that holds at most so many octets, and of one zone at most its share: what was longest unused goes first.
// A zone that makes up names without end evicts its own.

export type Sized = { readonly octets: number; readonly zone: string }

export class BoundedStore<Value extends Sized> {
  readonly #entries = new Map<string, Value>()
  readonly #zones = new Map<string, { octets: number; readonly keys: Set<string> }>()
  readonly #maxOctets: number
  readonly #maxZoneOctets: number
  #octets = 0

  constructor(maxOctets: number, zoneShare: number) {
    this.#maxOctets = maxOctets
    this.#maxZoneOctets = Math.floor(maxOctets / zoneShare)
  }

  get octets(): number {
    return this.#octets
  }

  get size(): number {
    return this.#entries.size
  }

  /** Without counting as use. */
  peek(key: string): Value | undefined {
    return this.#entries.get(key)
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.#touch(key, value)
    return value
  }

  set(key: string, value: Value): void {
    this.delete(key)
    if (value.octets > this.#maxZoneOctets) return
    const zone = this.#zones.get(value.zone) ?? { octets: 0, keys: new Set<string>() }
    this.#zones.set(value.zone, zone)
    this.#entries.set(key, value)
    zone.keys.add(key)
    zone.octets += value.octets
    this.#octets += value.octets
    while (zone.octets > this.#maxZoneOctets) this.#deleteFirst(zone.keys)
    while (this.#octets > this.#maxOctets) this.#deleteFirst(this.#entries)
  }

  /** In place of one with the same octets and zone, without counting as use. */
  replace(key: string, value: Value): void {
    if (this.#entries.has(key)) this.#entries.set(key, value)
  }

  delete(key: string): void {
    const value = this.#entries.get(key)
    if (value === undefined) return
    this.#entries.delete(key)
    this.#octets -= value.octets
    const zone = this.#zones.get(value.zone)
    if (zone === undefined) return
    zone.keys.delete(key)
    zone.octets -= value.octets
    if (zone.keys.size === 0) this.#zones.delete(value.zone)
  }

  #touch(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    const keys = this.#zones.get(value.zone)?.keys
    keys?.delete(key)
    keys?.add(key)
  }

  #deleteFirst(keys: Pick<Set<string>, 'keys'>): void {
    for (const key of keys.keys()) return this.delete(key)
  }
}
