// The digest of a zone that nobody signs: true of the version that it stands in, or not there.
// RFC 8976 §2.2.1 (the serial is that of the SOA), §3 (a new one with each change), §4 (a false one condemns the zone)

import {
  CLASS,
  editZone,
  encodeRdata,
  type ResourceRecord,
  SOA,
  type Zone,
  type ZoneDiff,
  type ZoneError,
  ZONEMD,
  zoneRecords,
} from '@scop/dns'
import { makeZonemd, verifyZonemd } from '@scop/dnssec'
import { err, ok, type Result } from '@scop/result'
import { type OwnChange, replaceRecords } from './own-records.ts'
import { showsDigest } from './shown-keys.ts'

/** The change with the digest that the zone then has. `hash` `undefined`: we make none, and one that is false goes. */
export function withDigest(
  before: Zone,
  { zone, diff }: OwnChange,
  hash: number | undefined,
): Result<OwnChange, ZoneError> {
  if (isDigestRight(zone, hash)) return ok({ zone, diff })
  const editor = editZone(before)
  for (const record of diff.removed) editor.remove(record)
  for (const record of diff.added) {
    const kind = editor.add(record)
    if (kind !== undefined) return err({ kind, record })
  }
  editor.removeRrset(zone.origin, ZONEMD.code)
  if (hash !== undefined) {
    const record = digestOf(zone, hash)
    const kind = editor.add(record)
    if (kind !== undefined) return err({ kind, record })
  }
  const finished = editor.finish()
  if (!finished.ok) return finished
  const { removed, added } = editor.diff()
  return ok({ zone: finished.value, diff: { ...diff, removed, added } })
}

/** The zone that has no version before it, with its digest. */
export function digested(zone: Zone, hash: number | undefined): Result<Zone, ZoneError> {
  const unchanged: ZoneDiff = { fromSerial: zone.soa.serial, toSerial: zone.soa.serial, removed: [], added: [] }
  const change = withDigest(zone, { zone, diff: unchanged }, hash)
  return change.ok ? ok(change.value.zone) : change
}

/** The next version, which says nothing new; `undefined` where the digest of this one is right. */
export function nextForDigest(
  zone: Zone,
  hash: number | undefined,
  serial: (before: number) => number,
): Result<OwnChange | undefined, ZoneError> {
  if (isDigestRight(zone, hash)) return ok(undefined)
  const rdata = encodeRdata(SOA, { ...zone.soa, serial: serial(zone.soa.serial) })
  const wanted = zoneRecords(zone).map((record) => (record.type === SOA.code ? { ...record, rdata } : record))
  return replaceRecords(zone, wanted, 'all', serial)
}

/** What we cannot judge is for whoever put it there to answer for. */
function isDigestRight(zone: Zone, hash: number | undefined): boolean {
  if (hash !== undefined && !showsDigest(zone, hash)) return false
  const verified = verifyZonemd(zone)
  if (verified.ok) return true
  switch (verified.error.kind) {
    case 'no-zonemd':
    case 'scheme-unsupported':
    case 'hash-unsupported':
      return hash === undefined
    case 'serial-differs':
    case 'repeated':
    case 'digest-wrong':
      return false
  }
}

function digestOf(zone: Zone, hash: number): ResourceRecord {
  const rdata = encodeRdata(ZONEMD, makeZonemd(zone, hash))
  return { name: zone.origin, type: ZONEMD.code, class: CLASS.IN, ttlSeconds: zone.soaTtlSeconds, rdata }
}
