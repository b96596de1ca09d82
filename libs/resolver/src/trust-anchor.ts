// Where trust begins and where it is taken back: DS and DNSKEY of the configuration, keys kept by RFC 5011, zones said to be unsigned.
// RFC 4035 §5, RFC 6840 §5.10 (the closest anchor counts), RFC 7646 §2 (negative trust anchors)

import {
  decodeRdata,
  DNSKEY,
  type DnskeyData,
  DS,
  type DsData,
  formatRecord,
  labelCount,
  type Name,
  parentName,
  type ResourceRecord,
} from '@scop/dns'

export type Anchor = {
  readonly kind: 'anchor'
  readonly zone: Name
  readonly ds: readonly DsData[]
  readonly keys: readonly DnskeyData[]
}

export type TrustPoint = Anchor | { readonly kind: 'unsigned'; readonly zone: Name }

/** A zone that is taken as unsigned, for a while or for good. */
export type NegativeAnchor = { readonly zone: Name; readonly untilSeconds: number | undefined }

export class TrustAnchors {
  readonly #anchors = new Map<string, Anchor>()
  readonly #negative = new Map<string, NegativeAnchor>()
  /** Anchors that change, which come before those that do not. */
  readonly #managed: (zone: Name) => Anchor | undefined

  constructor(
    records: readonly ResourceRecord[],
    negative: readonly NegativeAnchor[],
    managed: (zone: Name) => Anchor | undefined = () => undefined,
  ) {
    for (const record of records) this.#add(record)
    for (const one of negative) this.#negative.set(one.zone.key, one)
    this.#managed = managed
  }

  /** The closest at or above `name`; `undefined` if nothing is said of it. */
  closest(name: Name, nowMs: number): TrustPoint | undefined {
    let zone: Name | undefined = name
    while (zone !== undefined) {
      const negative = this.#negative.get(zone.key)
      if (negative !== undefined && (negative.untilSeconds ?? Number.POSITIVE_INFINITY) * 1000 > nowMs)
        return { kind: 'unsigned', zone }
      const anchor: Anchor | undefined = this.#managed(zone) ?? this.#anchors.get(zone.key)
      if (anchor !== undefined) return anchor
      zone = labelCount(zone) === 0 ? undefined : parentName(zone)
    }
    return undefined
  }

  #add(record: ResourceRecord): void {
    const known = this.#anchors.get(record.name.key) ?? { kind: 'anchor', zone: record.name, ds: [], keys: [] }
    const ds = record.type === DS.code ? decodeRdata(DS, record.rdata) : undefined
    const key = record.type === DNSKEY.code ? decodeRdata(DNSKEY, record.rdata) : undefined
    if (ds?.ok === true) this.#anchors.set(record.name.key, { ...known, ds: [...known.ds, ds.value] })
    else if (key?.ok === true) this.#anchors.set(record.name.key, { ...known, keys: [...known.keys, key.value] })
    else throw new Error(`The trust anchor is no DS and no DNSKEY: ${formatRecord(record)}`)
  }
}
