// A zone's own records: what somebody put in, apart from what signing adds. Editing changes these and nothing else.
// RFC 4034 (DNSKEY, RRSIG, NSEC), RFC 5155 (NSEC3), RFC 7344 (CDS, CDNSKEY), RFC 8976 (ZONEMD), RFC 1982, RFC 1912 §2.2 (serials)

import {
  CDNSKEY,
  CDS,
  compareNames,
  decodeRdata,
  DNSKEY,
  editZone,
  encodeRdata,
  equalNames,
  equalRdata,
  formatRecord,
  isSerialAfter,
  type Name,
  nextSerial,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  type ResourceRecord,
  RRSIG,
  rrsetRecords,
  SOA,
  type Zone,
  typeCoveredBy,
  type ZoneDiff,
  type ZoneError,
  ZONEMD,
  zoneRecords,
} from '@scop/dns'
import { err, ok, type Result } from '@scop/result'

export type SerialPolicy = 'increment' | 'unixtime' | 'date'

/** The records of a zone that we sign, without those of the signing. */
export function ownRecords(zone: Zone): readonly ResourceRecord[] {
  return withoutSigning(zoneRecords(zone), zone.origin)
}

/** As `ownRecords`, of records that are no zone yet. */
export function withoutSigning(records: readonly ResourceRecord[], origin: Name): readonly ResourceRecord[] {
  return records.filter((record) => !isOfSigning(record, origin))
}

function isOfSigning({ name, type }: ResourceRecord, origin: Name): boolean {
  return SIGNING.has(type) || (AT_APEX.has(type) && equalNames(name, origin))
}

export type OwnChange = { readonly zone: Zone; readonly diff: ZoneDiff }

/**
 * The version whose records are `wanted`; `undefined` if they are so already. `own`: of those of signing nothing is taken and
 * nothing goes; they are not yet made anew. `all`: they are data like others.
 */
export function replaceRecords(
  zone: Zone,
  wanted: readonly ResourceRecord[],
  which: 'own' | 'all',
  serial: (before: number) => number,
): Result<OwnChange | undefined, ZoneError> {
  const chosen = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    which === 'all' ? records : withoutSigning(records, zone.origin)
  const [have, want] = [bySet(chosen(zoneRecords(zone))), bySet(chosen(wanted))]
  const editor = editZone(zone)
  const changed = [...new Set([...have.keys(), ...want.keys()])].filter(
    (key) => !sameSet(have.get(key), want.get(key)) && !isSoa(have.get(key) ?? want.get(key)),
  )
  // All removals first: an alias may stand where other data stood.
  for (const key of changed) for (const record of have.get(key) ?? []) editor.remove(record)
  for (const key of changed) {
    for (const record of want.get(key) ?? []) {
      const error = editor.add(record)
      if (error !== undefined) return err({ kind: error, record })
    }
  }
  const soa = wanted.find(({ type }) => type === SOA.code)
  const given = soa === undefined ? undefined : decodeRdata(SOA, soa.rdata)
  if (soa === undefined || given?.ok !== true) return err({ kind: 'no-soa' })
  const soaAt = (number: number): Uint8Array => encodeRdata(SOA, { ...given.value, serial: number })
  const sameSoa =
    soa.ttlSeconds === zone.soaTtlSeconds && equalRdata(SOA.code, soaAt(zone.soa.serial), encodeRdata(SOA, zone.soa))
  const ahead = isSerialAfter(given.value.serial, zone.soa.serial)
  if (changed.length === 0 && sameSoa && !ahead) return ok(undefined)
  const next = ahead ? given.value.serial : serial(zone.soa.serial)
  editor.removeRrset(zone.origin, SOA.code)
  const error = editor.add({ ...soa, rdata: soaAt(next) })
  if (error !== undefined) return err({ kind: error, record: soa })
  const finished = editor.finish()
  if (!finished.ok) return finished
  return ok({
    zone: finished.value,
    diff: { fromSerial: zone.soa.serial, toSerial: next, ...editor.diff() },
  })
}

/** The version without all that signing added. */
export function withoutSignatures(zone: Zone, serial: (before: number) => number): Result<OwnChange, ZoneError> {
  const editor = editZone(zone)
  for (const record of zoneRecords(zone)) if (isOfSigning(record, zone.origin)) editor.remove(record)
  const next = serial(zone.soa.serial)
  const soa = editor.rrset(zone.origin, SOA.code)
  editor.removeRrset(zone.origin, SOA.code)
  for (const record of soa === undefined ? [] : rrsetRecords(zone.origin, soa)) {
    const error = editor.add({ ...record, rdata: encodeRdata(SOA, { ...zone.soa, serial: next }) })
    if (error !== undefined) return err({ kind: error, record })
  }
  const finished = editor.finish()
  if (!finished.ok) return finished
  return ok({ zone: finished.value, diff: { fromSerial: zone.soa.serial, toSerial: next, ...editor.diff() } })
}

/** The change with the serial that the zone's policy wants, unless whoever made it has chosen another than the next. */
export function withSerial(
  before: Zone,
  { zone, diff }: OwnChange,
  serial: (before: number) => number,
): Result<OwnChange, ZoneError> {
  const wanted = serial(before.soa.serial)
  if (diff.toSerial !== nextSerial(before.soa.serial) || diff.toSerial === wanted) return ok({ zone, diff })
  const rdata = encodeRdata(SOA, { ...zone.soa, serial: wanted })
  const editor = editZone(zone)
  const added = diff.added.map((record) => (record.type === SOA.code ? { ...record, rdata } : record))
  editor.removeRrset(zone.origin, SOA.code)
  for (const record of added.filter(({ type }) => type === SOA.code)) {
    const error = editor.add(record)
    if (error !== undefined) return err({ kind: error, record })
  }
  const finished = editor.finish()
  if (!finished.ok) return finished
  return ok({ zone: finished.value, diff: { ...diff, toSerial: wanted, added } })
}

/** The serial after `before`, which is always later than it. */
export function serialAfter(before: number, policy: SerialPolicy, nowMs: number): number {
  const proposed = proposedSerial(policy, nowMs)
  return proposed !== undefined && isSerialAfter(proposed, before) ? proposed : nextSerial(before)
}

/** A line for each record: `-` for those that go, `+` for those that come, in the order of names. */
export function formatDifference(diff: Pick<ZoneDiff, 'removed' | 'added'>): string {
  const lines = [
    ...diff.removed.map((record) => ({ record, sign: '-' })),
    ...diff.added.map((record) => ({ record, sign: '+' })),
  ].toSorted((a, b) => compareNames(a.record.name, b.record.name) || a.record.type - b.record.type)
  return lines.map(({ record, sign }) => `${sign}${formatRecord(record)}\n`).join('')
}

function proposedSerial(policy: SerialPolicy, nowMs: number): number | undefined {
  switch (policy) {
    case 'increment':
      return undefined
    case 'unixtime':
      return Math.floor(nowMs / 1000) >>> 0
    case 'date':
      return Number(new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')) * 100
  }
}

function bySet(records: readonly ResourceRecord[]): ReadonlyMap<string, readonly ResourceRecord[]> {
  return Map.groupBy(records, ({ name, type, rdata }) =>
    type === RRSIG.code ? `${type} ${typeCoveredBy(rdata)} ${name.key}` : `${type} ${name.key}`,
  )
}

function sameSet(a: readonly ResourceRecord[] = [], b: readonly ResourceRecord[] = []): boolean {
  if (a.length !== b.length || a.length === 0) return false
  const lowest = (records: readonly ResourceRecord[]): number =>
    Math.min(...records.map(({ ttlSeconds }) => ttlSeconds))
  return lowest(a) === lowest(b) && a.every((one) => b.some((other) => equalRdata(one.type, one.rdata, other.rdata)))
}

const isSoa = (records: readonly ResourceRecord[] | undefined): boolean => records?.[0]?.type === SOA.code

const SIGNING: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code, NSEC3.code, NSEC3PARAM.code])
const AT_APEX: ReadonlySet<number> = new Set([DNSKEY.code, CDS.code, CDNSKEY.code, ZONEMD.code])
