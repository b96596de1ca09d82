// The order in which a zone, or what has changed in it, goes over: SOA first and last, changes each between two SOAs.
// RFC 5936 §2.2 (AXFR), RFC 1995 §4 (IXFR)

import { decodeLatin1 } from '@scop/octets'
import { canonicalRdata, encodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { CLASS } from './codes.ts'
import { SOA } from './rr/soa.ts'
import { rrsetRecords, type Zone, type ZoneDiff } from './zone.ts'

export function soaRecord(zone: Zone): ResourceRecord {
  const rdata = encodeRdata(SOA, zone.soa)
  return { name: zone.origin, type: SOA.code, class: CLASS.IN, ttlSeconds: zone.soaTtlSeconds, rdata }
}

/** The whole zone. It is this version to the end, whatever becomes of the zone meanwhile. */
export function* axfrRecords(zone: Zone): Generator<ResourceRecord, void, void> {
  const soa = soaRecord(zone)
  yield soa
  for (const [, { name, rrsets }] of zone.nodes.entries()) {
    for (const rrset of rrsets.values()) if (rrset.type !== SOA.code) yield* rrsetRecords(name, rrset)
  }
  yield soa
}

/** The changes that lead to this version. */
export function* ixfrRecords(zone: Zone, diffs: readonly ZoneDiff[]): Generator<ResourceRecord, void, void> {
  const soa = soaRecord(zone)
  yield soa
  for (const { removed, added } of diffs) {
    yield* soaFirst(removed)
    yield* soaFirst(added)
  }
  yield soa
}

export function diffSize(diffs: readonly ZoneDiff[]): number {
  return diffs.reduce((sum, { removed, added }) => sum + removed.length + added.length, 0)
}

/** One change that does what these do one after the other. RFC 1995 §5 (condensation) */
export function condenseDiffs(diffs: readonly ZoneDiff[]): ZoneDiff | undefined {
  const [first, last] = [diffs[0], diffs.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const [removed, added] = [new Map<string, ResourceRecord>(), new Map<string, ResourceRecord>()]
  const move = (
    record: ResourceRecord,
    undone: Map<string, ResourceRecord>,
    done: Map<string, ResourceRecord>,
  ): void => {
    const { name, type, ttlSeconds, rdata } = record
    const key = `${type} ${ttlSeconds} ${name.key} ${decodeLatin1(canonicalRdata(type, rdata))}`
    if (!undone.delete(key)) done.set(key, record)
  }
  for (const diff of diffs) {
    for (const record of diff.removed) move(record, added, removed)
    for (const record of diff.added) move(record, removed, added)
  }
  return {
    fromSerial: first.fromSerial,
    toSerial: last.toSerial,
    removed: [...removed.values()],
    added: [...added.values()],
  }
}

function* soaFirst(records: readonly ResourceRecord[]): Generator<ResourceRecord, void, void> {
  for (const record of records) if (record.type === SOA.code) yield record
  for (const record of records) if (record.type !== SOA.code) yield record
}
