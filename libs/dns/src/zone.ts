// A zone of which every version stays as it was: names to nodes, nodes to RRsets. A change gives a new version.
// Signatures stand by the type they cover; NSEC3 records stand apart, for the names they have are no names of the zone.
// RFC 1034 §4.2, RFC 2181 §5 (RRsets), RFC 4592 §2.2.2 (names that exist only because of names below them), RFC 5155 §7.2.8

import { err, ok, type Result } from '@scop/result'
import { CanonicalOrder } from './canonical-order.ts'
import { CLASS } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { compareNames, equalNames, isAtOrBelow, type Name, parentKey, parentName } from './name.ts'
import { decodeRdata } from './rdata.ts'
import { compareRdata, equalRdata, type ResourceRecord } from './record.ts'
import { CNAME } from './rr/cname.ts'
import { DNAME } from './rr/dname.ts'
import { NS } from './rr/ns.ts'
import { NSEC } from './rr/nsec.ts'
import { NSEC3 } from './rr/nsec3.ts'
import { RRSIG, typeCoveredBy } from './rr/rrsig.ts'
import { isMetaType } from './type-names.ts'
import { SOA, type SoaData } from './rr/soa.ts'
import { VersionedMap } from './versioned-map.ts'

export type RRset = { readonly type: number; readonly ttlSeconds: number; readonly rdatas: readonly Uint8Array[] }

export type ZoneNode = {
  readonly name: Name
  /** By slot: the type, or for signatures `signatureSlot` of the type that they cover. */
  readonly rrsets: ReadonlyMap<number, RRset>
  /** Nodes one label below. A node without records exists while it has children. */
  readonly children: number
}

export type Zone = {
  readonly origin: Name
  /** By the name's key; of hashed names by `HASHED` and the key. */
  readonly nodes: VersionedMap<ZoneNode>
  /** All names with a node, those without records too. */
  readonly order: CanonicalOrder
  /** The owners of NSEC3 records. */
  readonly hashedOrder: CanonicalOrder
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
  const editor = startZone(origin, limits)
  for (const record of records) {
    const error = editor.add(record)
    if (error !== undefined) return err({ kind: error, record })
  }
  return editor.finish()
}

/** A zone with nothing in it yet, to which records are added as they come. */
export function startZone(origin: Name, limits: Limits = DEFAULT_LIMITS): ZoneEditor {
  const nodes = VersionedMap.of(new Map<string, ZoneNode>())
  const empty = CanonicalOrder.of(() => [])
  return new ZoneEditor({ origin, nodes, recordCount: 0, order: empty, hashedOrder: empty }, limits)
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
  return new ZoneEditor(zone, limits)
}

export function findNode(zone: Zone, name: Name): ZoneNode | undefined {
  return zone.nodes.get(name.key)
}

/** The node of an NSEC3 owner. */
export function findHashedNode(zone: Zone, name: Name): ZoneNode | undefined {
  return zone.nodes.get(HASHED + name.key)
}

/** Where a node keeps the signatures over the RRset of this type. */
export function signatureSlot(typeCovered: number): number {
  return FIRST_SIGNATURE_SLOT + typeCovered
}

/** The types of a node's slots. RRSIG itself is not among them. */
export function typesOf(node: ZoneNode): readonly number[] {
  return [...node.rrsets.keys()].filter((slot) => slot < FIRST_SIGNATURE_SLOT)
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
  return nodes.flatMap(nodeRecords)
}

/** As `zoneRecords`, name by name: for those who must not take all that time at once. */
export function* recordsByName(zone: Zone): Generator<readonly ResourceRecord[], void, void> {
  const { order, hashedOrder } = zone
  for (let [plain, hashed] = [0, 0]; plain < order.size || hashed < hashedOrder.size; ) {
    const [name, hash] = [order.at(plain), hashedOrder.at(hashed)]
    const takesHash = hash !== undefined && (name === undefined || compareNames(hash, name) < 0)
    const node = takesHash ? findHashedNode(zone, hash) : name && findNode(zone, name)
    if (takesHash) hashed++
    else plain++
    if (node !== undefined) yield nodeRecords(node)
  }
}

function nodeRecords({ name, rrsets }: ZoneNode): readonly ResourceRecord[] {
  const slots = [...rrsets.keys()].sort((a, b) => rank(a) - rank(b))
  const records: ResourceRecord[] = []
  for (const slot of slots) {
    const rrset = rrsets.get(slot)
    if (rrset !== undefined) records.push(...rrsetRecords(name, inOrder(rrset)))
  }
  return records
}

/** Changes on their way to the next version of a zone; the version they started from stays as it is. */
export class ZoneEditor {
  readonly origin: Name
  readonly #limits: Limits
  readonly #before: Pick<Zone, 'origin' | 'nodes' | 'recordCount' | 'order' | 'hashedOrder'>
  readonly #changes = new Map<string, ZoneNode | undefined>()
  #recordCount: number

  constructor(before: Pick<Zone, 'origin' | 'nodes' | 'recordCount' | 'order' | 'hashedOrder'>, limits: Limits) {
    this.origin = before.origin
    this.#limits = limits
    this.#before = before
    this.#recordCount = before.recordCount
  }

  node(name: Name): ZoneNode | undefined {
    return this.#node(name.key)
  }

  /** The RRset in this slot: of this type, or of the signatures over one. */
  rrset(name: Name, slot: number): RRset | undefined {
    return this.node(name)?.rrsets.get(slot)
  }

  has(record: ResourceRecord): boolean {
    const rrset = this.#node(keyOf(record))?.rrsets.get(slotOf(record))
    return rrset?.rdatas.some((rdata) => equalRdata(record.type, rdata, record.rdata)) ?? false
  }

  /** Adds a record; says why it cannot be. The lowest TTL counts for the RRset. */
  add(record: ResourceRecord): ZoneError['kind'] | undefined {
    const { name, type } = record
    if (record.class !== CLASS.IN) return 'not-class-in'
    if (isMetaType(type)) return 'meta-type'
    if (!isAtOrBelow(name, this.origin)) return 'not-in-zone'
    if (type === SOA.code && !equalNames(name, this.origin)) return 'soa-not-at-apex'
    const [key, slot] = [keyOf(record), slotOf(record)]
    const node = this.#node(key)
    const rrset = node?.rrsets.get(slot)
    if (rrset !== undefined && this.has(record)) {
      if (record.ttlSeconds < rrset.ttlSeconds) this.#set(key, name, slot, { ...rrset, ttlSeconds: record.ttlSeconds })
      return undefined
    }
    if (this.#recordCount >= this.#limits.zoneRecords) return 'too-many-records'
    if (rrset === undefined && node !== undefined && isFull(node, this.#limits)) return 'too-many-types'
    if ((rrset?.rdatas.length ?? 0) >= this.#limits.recordsPerRrset) return 'rrset-too-large'
    if (rrset !== undefined && type === SOA.code) return 'several-soas'
    if (rrset !== undefined && (type === CNAME.code || type === DNAME.code)) return 'several-aliases'
    if (node !== undefined && rrset === undefined && clashes(node, type)) return 'alias-and-other-data'
    const ttlSeconds = Math.min(rrset?.ttlSeconds ?? record.ttlSeconds, record.ttlSeconds)
    // Copied: record data may be views of a message that nobody else holds.
    const rdatas = [...(rrset?.rdatas ?? []), new Uint8Array(record.rdata)]
    this.#set(key, name, slot, { type, ttlSeconds, rdatas })
    this.#recordCount++
    return undefined
  }

  /** Removes the record with these data, whatever its TTL; false if it is not there. */
  remove(record: ResourceRecord): boolean {
    const { name, type } = record
    const [key, slot] = [keyOf(record), slotOf(record)]
    const rrset = this.#node(key)?.rrsets.get(slot)
    const rdatas = rrset?.rdatas.filter((rdata) => !equalRdata(type, rdata, record.rdata))
    if (rrset === undefined || rdatas === undefined || rdatas.length === rrset.rdatas.length) return false
    if (rdatas.length === 0) this.#removeSlot(key, slot)
    else {
      this.#set(key, name, slot, { ...rrset, rdatas })
      this.#recordCount--
    }
    return true
  }

  removeRrset(name: Name, slot: number): void {
    this.#removeSlot(name.key, slot)
  }

  setTtl(name: Name, slot: number, ttlSeconds: number): void {
    const rrset = this.rrset(name, slot)
    if (rrset !== undefined) this.#set(name.key, name, slot, { ...rrset, ttlSeconds })
  }

  /** What was changed until now, SOA records first. Empty if all is as it was. */
  diff(): { readonly removed: readonly ResourceRecord[]; readonly added: readonly ResourceRecord[] } {
    const removed: ResourceRecord[] = []
    const added: ResourceRecord[] = []
    for (const key of this.#changes.keys()) {
      const [before, after] = [this.#before.nodes.get(key), this.#node(key)]
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
    const { nodes, order, hashedOrder } = this.#before
    const [names, hashed]: [Moved, Moved] = [
      { added: [], removed: [] },
      { added: [], removed: [] },
    ]
    for (const [key, after] of this.#changes) {
      const before = nodes.get(key)
      const moved = key.startsWith(HASHED) ? hashed : names
      if (before === undefined && after !== undefined) moved.added.push(after.name)
      else if (before !== undefined && after === undefined) moved.removed.push(before.name)
    }
    const after = nodes.with(this.#changes)
    return ok({
      origin: this.origin,
      nodes: after,
      order: order.with(names.added, names.removed, () => namesOf(after, false)),
      hashedOrder: hashedOrder.with(hashed.added, hashed.removed, () => namesOf(after, true)),
      recordCount: this.#recordCount,
      soa: soa.value,
      soaTtlSeconds: soaSet.ttlSeconds,
    })
  }

  #node(key: string): ZoneNode | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#before.nodes.get(key)
  }

  #set(key: string, name: Name, slot: number, rrset: RRset): void {
    const node = this.#node(key)
    if (node === undefined) {
      this.#changes.set(key, { name, rrsets: new Map([[slot, rrset]]), children: 0 })
      if (!key.startsWith(HASHED)) this.#grow(name)
    } else this.#changes.set(key, { ...node, rrsets: new Map(node.rrsets).set(slot, rrset) })
  }

  #removeSlot(key: string, slot: number): void {
    const node = this.#node(key)
    const rrset = node?.rrsets.get(slot)
    if (node === undefined || rrset === undefined) return
    const rrsets = new Map(node.rrsets)
    rrsets.delete(slot)
    this.#recordCount -= rrset.rdatas.length
    this.#changes.set(key, { ...node, rrsets })
    if (!key.startsWith(HASHED)) this.#prune(key)
    else if (rrsets.size === 0) this.#changes.set(key, undefined)
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
  for (const [slot, rrset] of node.rrsets) {
    const { type } = rrset
    const there = other?.rrsets.get(slot)
    if (there === rrset) continue
    for (const record of rrsetRecords(node.name, rrset)) {
      const same =
        there?.ttlSeconds === rrset.ttlSeconds && there.rdatas.some((rdata) => equalRdata(type, rdata, record.rdata))
      if (!same) missing.push(record)
    }
  }
  return missing
}

function* namesOf(nodes: VersionedMap<ZoneNode>, hashed: boolean): Iterable<Name> {
  for (const [key, node] of nodes.entries()) if (key.startsWith(HASHED) === hashed) yield node.name
}

type Moved = { readonly added: Name[]; readonly removed: Name[] }

function slotOf(record: ResourceRecord): number {
  return record.type === RRSIG.code ? signatureSlot(typeCoveredBy(record.rdata)) : record.type
}

function keyOf(record: ResourceRecord): string {
  const { type, name, rdata } = record
  const hashed = type === NSEC3.code || (type === RRSIG.code && typeCoveredBy(rdata) === NSEC3.code)
  return hashed ? HASHED + name.key : name.key
}

function isFull(node: ZoneNode, { typesPerName }: Limits): boolean {
  return node.rrsets.size >= typesPerName && typesOf(node).length >= typesPerName
}

/** An alias stands alone, but for what DNSSEC adds to it. RFC 2181 §10.1, RFC 4034 §4 */
function clashes(node: ZoneNode, type: number): boolean {
  if (BESIDE_ALIAS.has(type)) return false
  if (type !== CNAME.code) return node.rrsets.has(CNAME.code)
  return typesOf(node).some((other) => !BESIDE_ALIAS.has(other))
}

function inOrder(rrset: RRset): RRset {
  if (rrset.rdatas.length < 2) return rrset
  return { ...rrset, rdatas: [...rrset.rdatas].sort((a, b) => compareRdata(rrset.type, a, b)) }
}

/** SOA first; signatures behind what they cover. */
function rank(slot: number): number {
  const type = slot % FIRST_SIGNATURE_SLOT
  return (type === SOA.code ? -1 : type) * 2 + (slot >= FIRST_SIGNATURE_SLOT ? 1 : 0)
}

function byRank(a: ResourceRecord, b: ResourceRecord): number {
  return rank(a.type) - rank(b.type) || compareNames(a.name, b.name) || compareRdata(a.type, a.rdata, b.rdata)
}

/** No name's key begins with it. */
const HASHED = '\u0100'
const FIRST_SIGNATURE_SLOT = 0x10000
const BESIDE_ALIAS: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code])
