// A zone of which every version stays as it was: names to nodes, nodes to RRsets. A change gives a new version.
// RFC 1034 §4.2, RFC 2181 §5 (RRsets), RFC 4592 §2.2.2 (names that exist only because of names below them)

import { err, ok, type Result } from '@scop/result'
import { CLASS } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { compareNames, equalNames, isAtOrBelow, type Name, parentKey, parentName } from './name.ts'
import { decodeRdata } from './rdata.ts'
import { compareRdata, equalRdata, type ResourceRecord } from './record.ts'
import { CNAME } from './rr/cname.ts'
import { NS } from './rr/ns.ts'
import { isMetaType } from './rr/registry.ts'
import { SOA, type SoaData } from './rr/soa.ts'
import { VersionedMap } from './versioned-map.ts'

export type RRset = { readonly type: number; readonly ttlSeconds: number; readonly rdatas: readonly Uint8Array[] }

export type ZoneNode = {
  readonly name: Name
  readonly rrsets: ReadonlyMap<number, RRset>
  /** Nodes one label below. A node without records exists while it has children. */
  readonly children: number
}

export type Zone = {
  readonly origin: Name
  /** By the name's key. */
  readonly nodes: VersionedMap<ZoneNode>
  readonly recordCount: number
  readonly soa: SoaData
  readonly soaTtlSeconds: number
}

/** What leads from one version to the next, as IXFR would say it: the old SOA among the removed, the new among the added. */
export type ZoneDiff = {
  readonly fromSerial: number
  readonly toSerial: number
  readonly removed: readonly ResourceRecord[]
  readonly added: readonly ResourceRecord[]
}

export type ZoneError = {
  readonly kind:
    | 'not-in-zone'
    | 'not-class-in'
    | 'meta-type'
    | 'no-soa'
    | 'several-soas'
    | 'soa-not-at-apex'
    | 'no-name-servers'
    | 'alias-and-other-data'
    | 'several-aliases'
    | 'too-many-records'
    | 'rrset-too-large'
    | 'too-many-types'
    | 'record-not-there'
    | 'record-already-there'
    | 'serial-differs'
  /** The record at fault, where there is one. */
  readonly record?: ResourceRecord
}

/** The zone of these records, in any order; the same record twice counts once, the lowest TTL of an RRset counts for all. */
export function createZone(
  origin: Name,
  records: Iterable<ResourceRecord>,
  limits: Limits = DEFAULT_LIMITS,
): Result<Zone, ZoneError> {
  const editor = new ZoneEditor(origin, VersionedMap.of(new Map<string, ZoneNode>()), 0, limits)
  for (const record of records) {
    const error = editor.add(record)
    if (error !== undefined) return err({ kind: error, record })
  }
  return editor.finish()
}

/** The next version. Exact: what is removed must be there, what is added must not, and the serial must be `fromSerial`. */
export function applyDiff(zone: Zone, diff: ZoneDiff, limits: Limits = DEFAULT_LIMITS): Result<Zone, ZoneError> {
  if (zone.soa.serial !== diff.fromSerial) return err({ kind: 'serial-differs' })
  const editor = editZone(zone, limits)
  for (const record of diff.removed) if (!editor.remove(record)) return err({ kind: 'record-not-there', record })
  for (const record of diff.added) {
    if (editor.has(record)) return err({ kind: 'record-already-there', record })
    const error = editor.add(record)
    if (error !== undefined) return err({ kind: error, record })
  }
  const next = editor.finish()
  return next.ok && next.value.soa.serial !== diff.toSerial ? err({ kind: 'serial-differs' }) : next
}

export function editZone(zone: Zone, limits: Limits = DEFAULT_LIMITS): ZoneEditor {
  return new ZoneEditor(zone.origin, zone.nodes, zone.recordCount, limits)
}

export function findNode(zone: Zone, name: Name): ZoneNode | undefined {
  return zone.nodes.get(name.key)
}

export function rrsetRecords(name: Name, rrset: RRset): readonly ResourceRecord[] {
  return rrset.rdatas.map((rdata) => ({
    name,
    type: rrset.type,
    class: CLASS.IN,
    ttlSeconds: rrset.ttlSeconds,
    rdata,
  }))
}

/** All records, SOA first, then names in canonical order, types by number, data in canonical order. */
export function zoneRecords(zone: Zone): readonly ResourceRecord[] {
  const nodes = [...zone.nodes.entries()].map(([, node]) => node).sort((a, b) => compareNames(a.name, b.name))
  const records: ResourceRecord[] = []
  for (const node of nodes) {
    const types = [...node.rrsets.keys()].sort((a, b) => rank(a) - rank(b))
    for (const type of types) {
      const rrset = node.rrsets.get(type)
      if (rrset !== undefined) records.push(...rrsetRecords(node.name, inOrder(rrset)))
    }
  }
  return records
}

/** Changes on their way to the next version of a zone; the version they started from stays as it is. */
export class ZoneEditor {
  readonly origin: Name
  readonly #limits: Limits
  readonly #before: VersionedMap<ZoneNode>
  readonly #changes = new Map<string, ZoneNode | undefined>()
  #recordCount: number

  constructor(origin: Name, nodes: VersionedMap<ZoneNode>, recordCount: number, limits: Limits) {
    this.origin = origin
    this.#limits = limits
    this.#before = nodes
    this.#recordCount = recordCount
  }

  node(name: Name): ZoneNode | undefined {
    return this.#node(name.key)
  }

  rrset(name: Name, type: number): RRset | undefined {
    return this.node(name)?.rrsets.get(type)
  }

  has(record: ResourceRecord): boolean {
    const rrset = this.rrset(record.name, record.type)
    return rrset?.rdatas.some((rdata) => equalRdata(record.type, rdata, record.rdata)) ?? false
  }

  /** Adds a record; says why it cannot be. The lowest TTL counts for the RRset. */
  add(record: ResourceRecord): ZoneError['kind'] | undefined {
    const { name, type } = record
    if (record.class !== CLASS.IN) return 'not-class-in'
    if (isMetaType(type)) return 'meta-type'
    if (!isAtOrBelow(name, this.origin)) return 'not-in-zone'
    if (type === SOA.code && !equalNames(name, this.origin)) return 'soa-not-at-apex'
    if (this.has(record)) {
      const rrset = this.rrset(name, type)
      if (rrset !== undefined && record.ttlSeconds < rrset.ttlSeconds) this.setTtl(name, type, record.ttlSeconds)
      return undefined
    }
    const node = this.node(name)
    const rrset = node?.rrsets.get(type)
    if (this.#recordCount >= this.#limits.zoneRecords) return 'too-many-records'
    if (rrset === undefined && (node?.rrsets.size ?? 0) >= this.#limits.typesPerName) return 'too-many-types'
    if ((rrset?.rdatas.length ?? 0) >= this.#limits.recordsPerRrset) return 'rrset-too-large'
    if (rrset !== undefined && type === SOA.code) return 'several-soas'
    if (rrset !== undefined && type === CNAME.code) return 'several-aliases'
    if (
      node !== undefined &&
      node.rrsets.size > 0 &&
      (type === CNAME.code ? rrset === undefined : node.rrsets.has(CNAME.code))
    ) {
      return 'alias-and-other-data'
    }
    const ttlSeconds = Math.min(rrset?.ttlSeconds ?? record.ttlSeconds, record.ttlSeconds)
    // Copied: record data may be views of a message that nobody else holds.
    this.#set(name, { type, ttlSeconds, rdatas: [...(rrset?.rdatas ?? []), new Uint8Array(record.rdata)] })
    this.#recordCount++
    return undefined
  }

  /** Removes the record with these data, whatever its TTL; false if it is not there. */
  remove(record: ResourceRecord): boolean {
    const { name, type } = record
    const rrset = this.rrset(name, type)
    const rdatas = rrset?.rdatas.filter((rdata) => !equalRdata(type, rdata, record.rdata))
    if (rrset === undefined || rdatas === undefined || rdatas.length === rrset.rdatas.length) return false
    if (rdatas.length === 0) this.removeRrset(name, type)
    else {
      this.#set(name, { ...rrset, rdatas })
      this.#recordCount--
    }
    return true
  }

  removeRrset(name: Name, type: number): void {
    const node = this.node(name)
    const rrset = node?.rrsets.get(type)
    if (node === undefined || rrset === undefined) return
    const rrsets = new Map(node.rrsets)
    rrsets.delete(type)
    this.#recordCount -= rrset.rdatas.length
    this.#changes.set(name.key, { ...node, rrsets })
    this.#prune(name.key)
  }

  setTtl(name: Name, type: number, ttlSeconds: number): void {
    const rrset = this.rrset(name, type)
    if (rrset !== undefined) this.#set(name, { ...rrset, ttlSeconds })
  }

  /** What was changed until now, SOA records first. Empty if all is as it was. */
  diff(): { readonly removed: readonly ResourceRecord[]; readonly added: readonly ResourceRecord[] } {
    const removed: ResourceRecord[] = []
    const added: ResourceRecord[] = []
    for (const key of this.#changes.keys()) {
      const [before, after] = [this.#before.get(key), this.#node(key)]
      if (before !== undefined) removed.push(...missingFrom(before, after))
      if (after !== undefined) added.push(...missingFrom(after, before))
    }
    return { removed: removed.sort(byRank), added: added.sort(byRank) }
  }

  /** The next version, if it is a zone. */
  finish(): Result<Zone, ZoneError> {
    const apex = this.node(this.origin)
    const soaSet = apex?.rrsets.get(SOA.code)
    const soa = soaSet?.rdatas[0] === undefined ? undefined : decodeRdata(SOA, soaSet.rdatas[0])
    if (soaSet === undefined || soa === undefined || !soa.ok) return err({ kind: 'no-soa' })
    if (!apex?.rrsets.has(NS.code)) return err({ kind: 'no-name-servers' })
    return ok({
      origin: this.origin,
      nodes: this.#before.with(this.#changes),
      recordCount: this.#recordCount,
      soa: soa.value,
      soaTtlSeconds: soaSet.ttlSeconds,
    })
  }

  #node(key: string): ZoneNode | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#before.get(key)
  }

  #set(name: Name, rrset: RRset): void {
    const node = this.node(name)
    if (node === undefined) {
      this.#changes.set(name.key, { name, rrsets: new Map([[rrset.type, rrset]]), children: 0 })
      this.#grow(name)
    } else this.#changes.set(name.key, { ...node, rrsets: new Map(node.rrsets).set(rrset.type, rrset) })
  }

  /** Makes the nodes above a new one, up to the first that exists. */
  #grow(name: Name): void {
    for (let child = name; !equalNames(child, this.origin); ) {
      const parent = parentName(child)
      if (parent === undefined) return
      const node = this.node(parent)
      this.#changes.set(parent.key, {
        ...(node ?? { name: parent, rrsets: new Map() }),
        children: (node?.children ?? 0) + 1,
      })
      if (node !== undefined) return
      child = parent
    }
  }

  /** Removes a node that has neither records nor children, and so on upwards. */
  #prune(start: string): void {
    for (let key = start; ; key = parentKey(key)) {
      const node = this.#node(key)
      if (node === undefined || node.rrsets.size > 0 || node.children > 0 || key === this.origin.key) return
      this.#changes.set(key, undefined)
      const above = parentKey(key)
      const parent = this.#node(above)
      if (parent === undefined) return
      this.#changes.set(above, { ...parent, children: parent.children - 1 })
    }
  }
}

/** The records of `node` that `other` does not have with the same TTL. */
function missingFrom(node: ZoneNode, other: ZoneNode | undefined): readonly ResourceRecord[] {
  const missing: ResourceRecord[] = []
  for (const [type, rrset] of node.rrsets) {
    const there = other?.rrsets.get(type)
    if (there === rrset) continue
    for (const record of rrsetRecords(node.name, rrset)) {
      const same =
        there?.ttlSeconds === rrset.ttlSeconds && there.rdatas.some((rdata) => equalRdata(type, rdata, record.rdata))
      if (!same) missing.push(record)
    }
  }
  return missing
}

function inOrder(rrset: RRset): RRset {
  if (rrset.rdatas.length < 2) return rrset
  return { ...rrset, rdatas: [...rrset.rdatas].sort((a, b) => compareRdata(rrset.type, a, b)) }
}

function rank(type: number): number {
  return type === SOA.code ? -1 : type
}

function byRank(a: ResourceRecord, b: ResourceRecord): number {
  return rank(a.type) - rank(b.type) || compareNames(a.name, b.name) || compareRdata(a.type, a.rdata, b.rdata)
}
