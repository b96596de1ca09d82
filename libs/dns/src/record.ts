// Resource records: owner, type, class, TTL and data as octets, which are always uncompressed here.
// RFC 1035 §3.2.1, RFC 2181 §8 (TTL), RFC 3597 §4 (data of unknown types are opaque)

import { compareOctets, equalOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { CLASS, formatClass } from './codes.ts'
import { equalNames, formatName, type Name } from './name.ts'
import { canonicalRdata, formatRdata } from './rdata.ts'
import { recordType } from './rr/registry.ts'
import { formatType } from './type-names.ts'
import { type DecodeError, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export type ResourceRecord = {
  readonly name: Name
  readonly type: number
  readonly class: number
  readonly ttlSeconds: number
  readonly rdata: Uint8Array
}

/** One line of a zone file, without its newline. */
export function formatRecord(record: ResourceRecord): string {
  const { name, ttlSeconds, type, rdata } = record
  return `${formatName(name)} ${ttlSeconds} ${formatClass(record.class)} ${formatType(type)} ${formatRdata(type, rdata)}`
}

/** Same owner, type, class and data; TTLs do not count. RFC 2136 §1.1 */
export function equalRecords(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.class === b.class && equalNames(a.name, b.name) && equalRdata(a.type, a.rdata, b.rdata)
}

/** Whether two records' data are the same, names in them without regard to case. */
export function equalRdata(type: number, a: Uint8Array, b: Uint8Array): boolean {
  if (equalOctets(a, b)) return true
  return a.length === b.length && equalOctets(canonicalRdata(type, a), canonicalRdata(type, b))
}

/** The order of records in a canonical RRset. RFC 4034 §6.3 */
export function compareRdata(type: number, a: Uint8Array, b: Uint8Array): number {
  return compareOctets(canonicalRdata(type, a), canonicalRdata(type, b))
}

/** Records one after the other, uncompressed: the form in which changes are kept. */
export function encodeRecords(records: readonly ResourceRecord[]): Uint8Array {
  const writer = new WireWriter('plain')
  for (const record of records) writeRecord(writer, record)
  return writer.finish()
}

/** Reads what `encodeRecords` wrote. */
export function decodeRecords(octets: Uint8Array): Result<readonly ResourceRecord[], DecodeError> {
  const reader = new WireReader(octets, 0, octets.length, 0)
  const records: ResourceRecord[] = []
  while (reader.left > 0) records.push(readRecord(reader))
  return reader.error === undefined ? ok(records) : err(reader.error)
}

export function writeRecord(writer: WireWriter, record: ResourceRecord): void {
  writer.name(record.name)
  writer.u16(record.type)
  writer.u16(record.class)
  writer.u32(record.ttlSeconds)
  writer.lengthPrefixed(() => writeRdata(writer, record.type, record.rdata))
}

export function readRecord(reader: WireReader): ResourceRecord {
  const name = reader.name()
  const type = reader.u16()
  const klass = reader.u16()
  const ttl = reader.u32()
  const length = reader.u16()
  const rdata = readRdata(reader, type, klass, length)
  // RFC 2181 §8: a TTL with the top bit set counts as zero. OPT and TSIG, which use it otherwise, are read elsewhere.
  return { name, type, class: klass, ttlSeconds: ttl > MAX_TTL ? 0 : ttl, rdata }
}

function writeRdata(writer: WireWriter, code: number, rdata: Uint8Array): void {
  const type = recordType(code)
  if (type?.nameRule !== 'compressed' || rdata.length === 0) return writer.write(rdata)
  const reader = new WireReader(rdata, 0, rdata.length, 0)
  const data = type.read(reader)
  if (reader.error === undefined && reader.left === 0) type.write(writer, data)
  else writer.write(rdata) // class ANY or CH: opaque
}

function readRdata(reader: WireReader, code: number, klass: number, length: number): Uint8Array {
  const end = reader.position + length
  if (end > reader.end) {
    reader.fail('cut-short')
    return EMPTY
  }
  const type = klass === CLASS.IN || klass === CLASS.NONE ? recordType(code) : undefined
  // RFC 2136 §2.4, §2.5: prerequisites and deletions stand without data.
  if (type === undefined || (length === 0 && klass === CLASS.NONE)) return reader.take(length)
  const whole = reader.end
  const start = reader.position
  reader.end = end
  const data = type.read(reader)
  if (reader.left > 0) reader.fail('rdata-too-long')
  reader.end = whole
  if (reader.error !== undefined) {
    reader.position = whole
    return EMPTY
  }
  if (type.nameRule === 'as-is') return reader.octets.subarray(start, end)
  const writer = new WireWriter('plain', 0, Math.min(Math.max(length * 2, 32), 600))
  type.write(writer, data)
  const rdata = writer.finish()
  reader.charge(rdata.length)
  return rdata
}

export const MAX_TTL = 0x7fffffff
const EMPTY = new Uint8Array(0)
