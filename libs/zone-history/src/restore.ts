// The change that makes a zone what it was, with a new serial. What the signer makes stays as it is: signatures of another
// day prove nothing, and the keys of now are the ones that the parent vouches for.

import {
  CDNSKEY,
  CDS,
  DNSKEY,
  editZone,
  encodeRdata,
  equalRdata,
  type Limits,
  nextSerial,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  recordsByName,
  type ResourceRecord,
  RRSIG,
  SOA,
  type Zone,
  type ZoneDiff,
  type ZoneError,
} from '@scop/dns'
import { err, ok, type Result } from '@scop/result'

/** `undefined`: it is what it was. Fields of the SOA but its serial are restored too. */
export function restoreZone(
  now: Zone,
  then: Zone,
  limits?: Limits,
): Result<{ readonly zone: Zone; readonly diff: ZoneDiff } | undefined, ZoneError> {
  const [current, wanted] = [setsOf(now), setsOf(then)]
  const editor = editZone(now, limits)
  // All that goes is gone before anything comes: an alias may come where other data were.
  for (const [key, set] of current) if (!isSame(set, wanted.get(key))) set.forEach((record) => editor.remove(record))
  for (const [key, set] of wanted) {
    if (isSame(set, current.get(key))) continue
    for (const record of set) {
      const error = editor.add(record)
      if (error !== undefined) return err({ kind: error, record })
    }
  }
  const { removed, added } = editor.diff()
  const sameSoa = isSame([soaOf(now, now.soa.serial)], [{ ...soaOf(then, now.soa.serial), name: now.origin }])
  if (removed.length === 0 && added.length === 0 && sameSoa) return ok(undefined)
  const serial = nextSerial(now.soa.serial)
  editor.removeRrset(now.origin, SOA.code)
  editor.add(soaOf(then, serial))
  const next = editor.finish()
  if (!next.ok) return next
  return ok({ zone: next.value, diff: { fromSerial: now.soa.serial, toSerial: serial, ...editor.diff() } })
}

/** RRsets by name and type, without SOA and what the signer makes. */
function setsOf(zone: Zone): ReadonlyMap<string, readonly ResourceRecord[]> {
  const sets = new Map<string, ResourceRecord[]>()
  for (const records of recordsByName(zone)) {
    for (const record of records) {
      if (record.type === SOA.code || SIGNERS.has(record.type)) continue
      const key = `${record.type} ${record.name.key}`
      const set = sets.get(key)
      if (set === undefined) sets.set(key, [record])
      else set.push(record)
    }
  }
  return sets
}

/** Both are in canonical order. */
function isSame(a: readonly ResourceRecord[], b: readonly ResourceRecord[] | undefined): boolean {
  return (
    a.length === b?.length &&
    a.every((record, i) => {
      const other = b[i]
      return other?.ttlSeconds === record.ttlSeconds && equalRdata(record.type, record.rdata, other.rdata)
    })
  )
}

function soaOf({ origin, soa, soaTtlSeconds }: Zone, serial: number): ResourceRecord {
  const rdata = encodeRdata(SOA, { ...soa, serial })
  return { name: origin, type: SOA.code, class: 1, ttlSeconds: soaTtlSeconds, rdata }
}

const SIGNERS: ReadonlySet<number> = new Set([
  RRSIG.code,
  NSEC.code,
  NSEC3.code,
  NSEC3PARAM.code,
  DNSKEY.code,
  CDS.code,
  CDNSKEY.code,
])
