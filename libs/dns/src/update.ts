// Dynamic update: prerequisites, then permission, then all changes or none, as one diff.
// What a server would refuse to load does not come about by an update either.
// Signatures and denials are the signer's: no update names them, and none removes them.
// RFC 2136 §3.1 (zone), §3.2 (prerequisites), §3.3 (permission), §3.4 (updates), §3.6 (serial), §7 (why SOA and NS are special), RFC 3007 §4.3

import { decodeLatin1 } from '@scop/octets'
import { CLASS, RCODE } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { Message } from './message.ts'
import { equalNames, isAtOrBelow } from './name.ts'
import { canonicalRdata, decodeRdata, encodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { CNAME } from './rr/cname.ts'
import { DNAME } from './rr/dname.ts'
import { NS } from './rr/ns.ts'
import { NSEC } from './rr/nsec.ts'
import { NSEC3 } from './rr/nsec3.ts'
import { NSEC3PARAM } from './rr/nsec3param.ts'
import { RRSIG } from './rr/rrsig.ts'
import { isMetaType, TYPE_ANY } from './type-names.ts'
import { SOA, type SoaData } from './rr/soa.ts'
import { isSerialAfter, nextSerial } from './serial.ts'
import { findNewErrors } from './zone-check.ts'
import type { ZoneFinding } from './zone-finding.ts'
import type { ZoneSet } from './zone-set.ts'
import {
  editZone,
  findNode,
  signatureSlot,
  typesOf,
  type Zone,
  type ZoneDiff,
  type ZoneEditor,
  type ZoneNode,
} from './zone.ts'

/** Whether the sender may change these records. `type` is ANY for all types of a name. */
export type Authorise = (zone: Zone, record: ResourceRecord) => boolean

export type UpdateOutcome =
  /** `errors`: what would be wrong with the zone, and is not now. */
  | { readonly kind: 'refused'; readonly rcode: number; readonly errors: readonly ZoneFinding[] }
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
  for (const record of updates) if (!applyOne(zone, editor, record, authorise)) return refused(RCODE.REFUSED)
  return finish(zone, editor)
}

/** The response code of the first prerequisite that is not met; `undefined` if all are. RFC 2136 §3.2.5 */
function checkPrerequisites(zone: Zone, prerequisites: readonly ResourceRecord[]): number | undefined {
  const wanted = new Map<string, { readonly record: ResourceRecord; readonly rdatas: Set<string> }>()
  for (const record of prerequisites) {
    const { name, type, rdata } = record
    if (record.ttlSeconds !== 0) return RCODE.FORMERR
    if (!isAtOrBelow(name, zone.origin)) return RCODE.NOTZONE
    const node = findNode(zone, name)
    switch (record.class) {
      case CLASS.ANY:
        if (rdata.length > 0 || (isMetaType(type) && type !== TYPE_ANY)) return RCODE.FORMERR
        if (type === TYPE_ANY && !isInUse(node)) return RCODE.NXDOMAIN
        if (type !== TYPE_ANY && !hasType(node, type)) return RCODE.NXRRSET
        break
      case CLASS.NONE:
        if (rdata.length > 0 || (isMetaType(type) && type !== TYPE_ANY)) return RCODE.FORMERR
        if (type === TYPE_ANY && isInUse(node)) return RCODE.YXDOMAIN
        if (type !== TYPE_ANY && hasType(node, type)) return RCODE.YXRRSET
        break
      case CLASS.IN: {
        if (isMetaType(type)) return RCODE.FORMERR
        const key = `${type} ${name.key}`
        const same = wanted.get(key) ?? { record, rdatas: new Set() }
        same.rdatas.add(decodeLatin1(canonicalRdata(type, rdata)))
        wanted.set(key, same)
        break
      }
      default:
        return RCODE.FORMERR
    }
  }
  for (const { record, rdatas } of wanted.values()) {
    const rrset = findNode(zone, record.name)?.rrsets.get(record.type)
    if (rrset === undefined || rrset.rdatas.length !== rdatas.size) return RCODE.NXRRSET
    for (const rdata of rrset.rdatas) {
      if (!rdatas.has(decodeLatin1(canonicalRdata(record.type, rdata)))) return RCODE.NXRRSET
    }
  }
  return undefined
}

/** A name with nothing but what a signer has put there is not in use. */
function isInUse(node: ZoneNode | undefined): boolean {
  return node !== undefined && typesOf(node).some((type) => type !== NSEC.code)
}

function hasType(node: ZoneNode | undefined, type: number): boolean {
  if (type !== RRSIG.code) return node?.rrsets.has(type) === true
  return [...(node?.rrsets.keys() ?? [])].some((slot) => slot >= signatureSlot(0))
}

/** RFC 2136 §3.4.1.3 */
function prescan(zone: Zone, updates: readonly ResourceRecord[]): number | undefined {
  for (const { name, type, class: klass, ttlSeconds, rdata } of updates) {
    if (!isAtOrBelow(name, zone.origin)) return RCODE.NOTZONE
    if (SIGNERS.has(type)) return RCODE.REFUSED
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
function applyOne(zone: Zone, editor: ZoneEditor, record: ResourceRecord, authorise: Authorise): boolean {
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
  const node = editor.node(name)
  // All types of a name: those that the sender could also have named one by one.
  const all = (): readonly number[] =>
    node === undefined
      ? []
      : typesOf(node).filter((each) => !SIGNERS.has(each) && authorise(zone, { ...record, type: each }))
  for (const each of type === TYPE_ANY ? all() : [type]) {
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
    if (node !== undefined && typesOf(node).some((each) => each !== CNAME.code && each !== NSEC.code)) return true
    editor.removeRrset(name, CNAME.code)
  } else if (node?.rrsets.has(CNAME.code)) return true
  if (type === DNAME.code) editor.removeRrset(name, DNAME.code)
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
  const changed = [...diff.removed, ...diff.added].map(({ name }) => name)
  const errors = findNewErrors(zone, next.value, changed)
  if (errors.length > 0) return refused(RCODE.REFUSED, errors)
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

function refused(rcode: number, errors: readonly ZoneFinding[] = []): UpdateOutcome {
  return { kind: 'refused', rcode, errors }
}

/** RFC 3007 §4.3: these follow from the others, and from the policy of the zone. */
const SIGNERS: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code, NSEC3.code, NSEC3PARAM.code])
