// A map that holds at most so many octets, and of one zone at most its share: what came first goes first, but for what was used
// since, which goes to the end instead. Use costs a mark and no order kept. A zone that makes up names without end evicts its own.

export type Sized = { readonly octets: number; readonly zone: string }

export class BoundedStore<Value extends Sized> {
  readonly #entries = new Map<string, { value: Value; used: boolean }>()
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
    return this.#entries.get(key)?.value
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.used = true
    return entry.value
  }

  set(key: string, value: Value): void {
    this.delete(key)
    if (value.octets > this.#maxZoneOctets) return
    const zone = this.#zones.get(value.zone) ?? { octets: 0, keys: new Set<string>() }
    this.#zones.set(value.zone, zone)
    this.#entries.set(key, { value, used: false })
    zone.keys.add(key)
    zone.octets += value.octets
    this.#octets += value.octets
    while (zone.octets > this.#maxZoneOctets) this.#deleteFirst(zone.keys)
    while (this.#octets > this.#maxOctets) this.#deleteFirst(this.#entries)
  }

  /** In place of one with the same octets and zone, without counting as use. */
  replace(key: string, value: Value): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.value = value
  }

  delete(key: string): void {
    const value = this.#entries.get(key)?.value
    if (value === undefined) return
    this.#entries.delete(key)
    this.#octets -= value.octets
    const zone = this.#zones.get(value.zone)
    if (zone === undefined) return
    zone.keys.delete(key)
    zone.octets -= value.octets
    if (zone.keys.size === 0) this.#zones.delete(value.zone)
  }

  /** Ends: each that is spared has lost its mark. */
  #deleteFirst(keys: Pick<Set<string>, 'keys'>): void {
    for (const key of keys.keys()) {
      const entry = this.#entries.get(key)
      if (entry === undefined || !entry.used) return this.delete(key)
      entry.used = false
      this.#entries.delete(key)
      this.#entries.set(key, entry)
      const inZone = this.#zones.get(entry.value.zone)?.keys
      inZone?.delete(key)
      inZone?.add(key)
    }
  }
}
