// Dynamic update: prerequisites, then permission, then all changes or none, as one diff.
// RFC 2136 §3.1 (zone), §3.2 (prerequisites), §3.3 (permission), §3.4 (updates), §3.6 (serial), §7 (why SOA and NS are special)

import { CLASS, RCODE } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { Message } from './message.ts'
import { equalNames, isAtOrBelow } from './name.ts'
import { decodeRdata, encodeRdata } from './rdata.ts'
import { equalRdata, type ResourceRecord } from './record.ts'
import { CNAME } from './rr/cname.ts'
import { NS } from './rr/ns.ts'
import { isMetaType, TYPE_ANY } from './type-names.ts'
import { SOA, type SoaData } from './rr/soa.ts'
import { isSerialAfter, nextSerial } from './serial.ts'
import type { ZoneSet } from './zone-set.ts'
import { editZone, findNode, type Zone, type ZoneDiff, type ZoneEditor } from './zone.ts'

/** Whether the sender may change these records. `type` is ANY for all types of a name. */
export type Authorise = (zone: Zone, record: ResourceRecord) => boolean

export type UpdateOutcome =
  | { readonly kind: 'refused'; readonly rcode: number }
  /** All was well and nothing had to change. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly zone: Zone; readonly diff: ZoneDiff }

/** What an UPDATE does to our zones. The sender's identity has been proved before; `authorise` says what it may do. */
export function applyUpdate(
  zones: ZoneSet,
  message: Message,
  authorise: Authorise,
  limits: Limits = DEFAULT_LIMITS,
): UpdateOutcome {
  const question = message.questions[0]
  if (message.questions.length !== 1 || question?.type !== SOA.code) return refused(RCODE.FORMERR)
  const zone = zones.get(question.name.key)
  // A name inside one of our zones that is no zone of ours is not ours either. RFC 2136 §3.1.2
  if (zone === undefined || question.class !== CLASS.IN) return refused(RCODE.NOTAUTH)
  const [prerequisites, updates] = [message.answers, message.authorities]
  if (prerequisites.length + updates.length > limits.updateRecords) return refused(RCODE.REFUSED)
  const unmet = checkPrerequisites(zone, prerequisites)
  if (unmet !== undefined) return refused(unmet)
  const malformed = prescan(zone, updates)
  if (malformed !== undefined) return refused(malformed)
  for (const record of updates) if (!authorise(zone, record)) return refused(RCODE.REFUSED)
  const editor = editZone(zone, limits)
  for (const record of updates) if (!applyOne(editor, record)) return refused(RCODE.REFUSED)
  return finish(zone, editor)
}

/** The response code of the first prerequisite that is not met; `undefined` if all are. RFC 2136 §3.2.5 */
function checkPrerequisites(zone: Zone, prerequisites: readonly ResourceRecord[]): number | undefined {
  const wanted = new Map<string, ResourceRecord[]>()
  for (const record of prerequisites) {
    const { name, type, rdata } = record
    if (record.ttlSeconds !== 0) return RCODE.FORMERR
    if (!isAtOrBelow(name, zone.origin)) return RCODE.NOTZONE
    const node = findNode(zone, name)
    const inUse = node !== undefined && node.rrsets.size > 0
    switch (record.class) {
      case CLASS.ANY:
        if (rdata.length > 0) return RCODE.FORMERR
        if (type === TYPE_ANY && !inUse) return RCODE.NXDOMAIN
        if (type !== TYPE_ANY && node?.rrsets.has(type) !== true) return RCODE.NXRRSET
        break
      case CLASS.NONE:
        if (rdata.length > 0) return RCODE.FORMERR
        if (type === TYPE_ANY && inUse) return RCODE.YXDOMAIN
        if (type !== TYPE_ANY && node?.rrsets.has(type) === true) return RCODE.YXRRSET
        break
      case CLASS.IN: {
        if (isMetaType(type)) return RCODE.FORMERR
        const key = `${type} ${name.key}`
        const same = wanted.get(key)
        if (same === undefined) wanted.set(key, [record])
        else if (!same.some((each) => equalRdata(type, each.rdata, rdata))) same.push(record)
        break
      }
      default:
        return RCODE.FORMERR
    }
  }
  for (const records of wanted.values()) {
    const [first] = records
    const rrset = first === undefined ? undefined : findNode(zone, first.name)?.rrsets.get(first.type)
    if (rrset === undefined || rrset.rdatas.length !== records.length) return RCODE.NXRRSET
    for (const { type, rdata } of records) {
      if (!rrset.rdatas.some((each) => equalRdata(type, each, rdata))) return RCODE.NXRRSET
    }
  }
  return undefined
}

/** RFC 2136 §3.4.1.3 */
function prescan(zone: Zone, updates: readonly ResourceRecord[]): number | undefined {
  for (const { name, type, class: klass, ttlSeconds, rdata } of updates) {
    if (!isAtOrBelow(name, zone.origin)) return RCODE.NOTZONE
    const meta = isMetaType(type)
    if (klass === CLASS.IN) {
      if (meta) return RCODE.FORMERR
    } else if (klass === CLASS.ANY) {
      if (ttlSeconds !== 0 || rdata.length > 0 || (meta && type !== TYPE_ANY)) return RCODE.FORMERR
    } else if (klass === CLASS.NONE) {
      if (ttlSeconds !== 0 || meta || rdata.length === 0) return RCODE.FORMERR
    } else return RCODE.FORMERR
  }
  return undefined
}

/** RFC 2136 §3.4.2; false if a limit stands against it. */
function applyOne(editor: ZoneEditor, record: ResourceRecord): boolean {
  const { name, type } = record
  const atApex = equalNames(name, editor.origin)
  if (record.class === CLASS.IN) return addOne(editor, record, atApex)
  if (record.class === CLASS.NONE) {
    // §3.4.2.4: the SOA stays, and so does the last NS of the apex.
    if (type === SOA.code) return true
    if (type === NS.code && atApex && (editor.rrset(name, NS.code)?.rdatas.length ?? 0) <= 1) return true
    editor.remove(record)
    return true
  }
  const types = type === TYPE_ANY ? [...(editor.node(name)?.rrsets.keys() ?? [])] : [type]
  for (const each of types) {
    // §3.4.2.3: at the apex, SOA and NS sets stay.
    if (!atApex || (each !== SOA.code && each !== NS.code)) editor.removeRrset(name, each)
  }
  return true
}

/** RFC 2136 §3.4.2.2 */
function addOne(editor: ZoneEditor, record: ResourceRecord, atApex: boolean): boolean {
  const { name, type } = record
  const node = editor.node(name)
  if (type === CNAME.code) {
    // Other data are there: silently ignored. An alias that is there is replaced.
    if (node !== undefined && [...node.rrsets.keys()].some((each) => each !== CNAME.code)) return true
    editor.removeRrset(name, CNAME.code)
  } else if (node?.rrsets.has(CNAME.code)) return true
  if (type === SOA.code) {
    const [mine, sent] = [soaOf(editor), decodeRdata(SOA, record.rdata)]
    if (!atApex || mine === undefined || !sent.ok || !isSerialAfter(sent.value.serial, mine.serial)) return true
    editor.removeRrset(name, SOA.code)
  }
  // The record's TTL becomes that of its set. RFC 2181 §5.2
  const before = editor.rrset(name, type)
  if (editor.add(record) !== undefined) return false
  if (before === undefined || before.ttlSeconds !== record.ttlSeconds) editor.setTtl(name, type, record.ttlSeconds)
  return true
}

function finish(zone: Zone, editor: ZoneEditor): UpdateOutcome {
  const { removed, added } = editor.diff()
  if (removed.length === 0 && added.length === 0) return { kind: 'unchanged' }
  const soa = soaOf(editor)
  if (soa !== undefined && soa.serial === zone.soa.serial) {
    editor.removeRrset(zone.origin, SOA.code)
    editor.add(soaRecord(zone, { ...soa, serial: nextSerial(soa.serial) }))
  }
  const next = editor.finish()
  if (!next.ok) return refused(RCODE.REFUSED)
  const diff = { fromSerial: zone.soa.serial, toSerial: next.value.soa.serial, ...editor.diff() }
  return { kind: 'changed', zone: next.value, diff }
}

function soaOf(editor: ZoneEditor): SoaData | undefined {
  const rdata = editor.rrset(editor.origin, SOA.code)?.rdatas[0]
  const soa = rdata === undefined ? undefined : decodeRdata(SOA, rdata)
  return soa?.ok ? soa.value : undefined
}

function soaRecord(zone: Zone, soa: SoaData): ResourceRecord {
  const rdata = encodeRdata(SOA, soa)
  return { name: zone.origin, type: SOA.code, class: CLASS.IN, ttlSeconds: zone.soaTtlSeconds, rdata }
}

function refused(rcode: number): UpdateOutcome {
  return { kind: 'refused', rcode }
}
