// A zone signed: all of it, or what a change has touched. Either way the result is one diff with its signatures, so that a
// journal, a transfer and a reader see one version.
// RFC 4035 §2 (what a signed zone has), RFC 5155 §7.1, RFC 6840 §5.11 (algorithms), RFC 2136 §3.6 with RFC 3007 §4.3

import {
  CDNSKEY,
  CDS,
  DEFAULT_LIMITS,
  DNAME,
  DNSKEY,
  editZone,
  encodeRdata,
  findNode,
  isAtOrBelow,
  type Limits,
  type Name,
  nextSerial,
  NS,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  parentName,
  type ResourceRecord,
  type RRset,
  RRSIG,
  signatureSlot,
  SOA,
  typesOf,
  type Zone,
  type ZoneDiff,
  type ZoneError,
  type ZoneNode,
  ZONEMD,
  type ZonemdData,
} from '@scop/dns'
import { err, ok, type Result } from '@scop/result'
import { denialTtl, hasChain, PLAIN_NSEC3PARAM, removeChain, writeChain } from './denial-chain.ts'
import { SignedEdit, type SigningMoment } from './signed-edit.ts'
import { isSigned, standingOf } from './standing.ts'
import { allSteps, type Steps } from './steps.ts'
import { makeZonemd } from './zonemd.ts'

export type SignedZone = { readonly zone: Zone; readonly diff: ZoneDiff }

/** Signs all of a zone anew and writes its chain anew; the serial is the next one. */
export function signZone(
  zone: Zone,
  moment: SigningMoment,
  limits: Limits = DEFAULT_LIMITS,
): Result<SignedZone, ZoneError> {
  return allSteps(signZoneInSteps(zone, moment, limits))
}

/**
 * The same in steps that cost a few signatures each, for who has other things to do meanwhile. What is signed is the zone
 * that was given: a version that came in between is not in it.
 */
export function* signZoneInSteps(
  zone: Zone,
  moment: SigningMoment,
  limits: Limits = DEFAULT_LIMITS,
): Steps<Result<SignedZone, ZoneError>> {
  const edit = new SignedEdit(editZone(zone, limits), moment)
  stepSerial(edit, zone, moment)
  return yield* finishSigned(edit, zone, moment, undefined)
}

/**
 * The version after `diff`, signed: only the RRsets that it touches, what stands beside them in the chain, and the SOA,
 * which it must replace. What it says of RRSIG, NSEC, NSEC3 and NSEC3PARAM is passed over, and DNSKEY, CDS and CDNSKEY are
 * as the keys say: these are the signer's own.
 */
export function signChange(
  before: Zone,
  diff: ZoneDiff,
  moment: SigningMoment,
  limits: Limits = DEFAULT_LIMITS,
): Result<SignedZone, ZoneError> {
  if (before.soa.serial !== diff.fromSerial) return err({ kind: 'serial-differs' })
  // Sorted once, here: the versions that come from this one take it over, piece by piece.
  for (const order of [before.order, before.hashedOrder]) order.make()
  const editor = editZone(before, limits)
  for (const record of diff.removed) {
    if (!SIGNERS_OWN.has(record.type) && !editor.remove(record)) return err({ kind: 'record-not-there', record })
  }
  for (const record of diff.added) {
    if (SIGNERS_OWN.has(record.type)) continue
    if (editor.has(record)) return err({ kind: 'record-already-there', record })
    const kind = editor.add(record)
    if (kind !== undefined) return err({ kind, record })
  }
  return allSteps(finishSigned(new SignedEdit(editor, moment), before, moment, diff))
}

/** Gives the zone the next serial. */
export function stepSerial(edit: SignedEdit, zone: Zone, { serialAfter = nextSerial }: SigningMoment): void {
  const rdata = encodeRdata(SOA, { ...zone.soa, serial: serialAfter(zone.soa.serial) })
  const node = findNode(zone, zone.origin)
  if (node !== undefined)
    edit.set(zone.origin, node, { type: SOA.code, ttlSeconds: zone.soaTtlSeconds, rdatas: [rdata] })
}

/** Makes the apex say which keys and which parameters there are, and whether it has a digest. RFC 8976 §4 */
export function setApex(edit: SignedEdit, zone: Zone, { keys, policy }: SigningMoment): void {
  const { origin } = zone
  const apex = findNode(zone, origin)
  const ttlSeconds = policy.keyTtlSeconds
  edit.set(origin, apex, { type: DNSKEY.code, ttlSeconds, rdatas: keys.dnskeys.map((key) => encodeRdata(DNSKEY, key)) })
  edit.set(origin, apex, { type: CDS.code, ttlSeconds, rdatas: keys.cds.map((ds) => encodeRdata(CDS, ds)) })
  const cdnskeys = keys.cdnskeys.map((key) => encodeRdata(CDNSKEY, key))
  edit.set(origin, apex, { type: CDNSKEY.code, ttlSeconds, rdatas: cdnskeys })
  const rdatas = policy.denial.kind === 'nsec3' ? [PLAIN_NSEC3PARAM] : []
  edit.set(origin, apex, { type: NSEC3PARAM.code, ttlSeconds: denialTtl(zone), rdatas })
  if (policy.zonemdHash === undefined) {
    // A digest that nobody keeps true would condemn the zone.
    edit.set(origin, apex, { type: ZONEMD.code, ttlSeconds, rdatas: [] })
  } else if (apex?.rrsets.has(ZONEMD.code) !== true) {
    // Lists of types must name it before it can be computed.
    edit.set(origin, apex, zonemdOf(zone, { serial: 0, scheme: 0, hashAlgorithm: 0, digest: new Uint8Array(12) }))
  }
}

function zonemdOf(zone: Zone, data: ZonemdData): RRset {
  return { type: ZONEMD.code, ttlSeconds: zone.soaTtlSeconds, rdatas: [encodeRdata(ZONEMD, data)] }
}

/** The edited version, with its digest, and the diff from `before` to it. */
export function finishEdit(edit: SignedEdit, before: Zone, { policy }: SigningMoment): Result<SignedZone, ZoneError> {
  if (policy.zonemdHash !== undefined) {
    const whole = edit.editor.finish()
    if (!whole.ok) return whole
    const zonemd = makeZonemd(whole.value, policy.zonemdHash)
    edit.set(before.origin, findNode(whole.value, before.origin), zonemdOf(whole.value, zonemd))
  }
  if (edit.error !== undefined) return err(edit.error)
  const zone = edit.editor.finish()
  if (!zone.ok) return zone
  const { removed, added } = edit.editor.diff()
  return ok({
    zone: zone.value,
    diff: { fromSerial: before.soa.serial, toSerial: zone.value.soa.serial, removed, added },
  })
}

/** `diff` `undefined`: all is signed anew. */
function* finishSigned(
  edit: SignedEdit,
  before: Zone,
  moment: SigningMoment,
  diff: ZoneDiff | undefined,
): Steps<Result<SignedZone, ZoneError>> {
  const { denial } = moment.policy
  const changed = edit.editor.finish()
  if (!changed.ok) return changed
  const kept = hasChain(changed.value, denial) && denialTtl(before) === denialTtl(changed.value)
  const whole = diff === undefined || !kept
  const names = whole ? namesOf(changed.value) : touchedNames(changed.value, diff)
  if (whole) removeChain(edit, changed.value)
  for (const name of names.values()) removeStale(edit, changed.value, name)
  setApex(edit, changed.value, moment)

  const content = edit.editor.finish()
  if (!content.ok) return content
  const touched = new Map<string, { readonly name: Name; readonly node: ZoneNode | undefined }>()
  for (const name of names.values()) touched.set(name.key, { name, node: findNode(content.value, name) })
  const dirty = diff === undefined ? undefined : dirtyTypes(diff)
  for (const { name, node } of touched.values()) {
    if (node === undefined) continue
    signNode(edit, content.value, node, dirty === undefined ? 'all' : dirty.get(name.key))
    yield
  }
  yield* writeChain(edit, content.value, denial, touched, whole)
  return finishEdit(edit, before, moment)
}

function signNode(edit: SignedEdit, zone: Zone, node: ZoneNode, dirty: ReadonlySet<number> | 'all' | undefined): void {
  const standing = standingOf(zone, node)
  for (const type of typesOf(node)) {
    if (type === NSEC.code) continue // with the chain
    const signed = node.rrsets.has(signatureSlot(type))
    if (!isSigned(standing, type)) {
      if (signed) edit.removeSignatures(node, type)
    } else if (!signed || dirty === 'all' || dirty?.has(type) === true) edit.sign(node, type)
  }
}

/** Signatures over what is gone, and an NSEC that stands alone. */
function removeStale(edit: SignedEdit, zone: Zone, name: Name): void {
  const node = findNode(zone, name)
  if (node === undefined) return
  const types = typesOf(node)
  const empty = types.every((type) => type === NSEC.code)
  for (const slot of node.rrsets.keys()) {
    const orphan = slot !== node.rrsets.get(slot)?.type && !types.some((type) => signatureSlot(type) === slot)
    if (orphan || empty) edit.removeRrset(node, slot)
  }
}

function namesOf(zone: Zone): ReadonlyMap<string, Name> {
  const names = new Map<string, Name>()
  for (let i = 0; i < zone.order.size; i++) {
    const name = zone.order.at(i)
    if (name !== undefined) names.set(name.key, name)
  }
  return names
}

/** The owners in the diff, what is above them, and what is below them where a cut came or went. */
function touchedNames(zone: Zone, diff: ZoneDiff): ReadonlyMap<string, Name> {
  const names = new Map<string, Name>()
  const cuts = new Map<string, Name>()
  for (const record of recordsOf(diff)) {
    if (record.type === NSEC3.code) continue
    for (
      let name: Name | undefined = record.name;
      name !== undefined && !names.has(name.key);
      name = parentName(name)
    ) {
      if (!isAtOrBelow(name, zone.origin)) break
      names.set(name.key, name)
    }
    if (record.type === NS.code || record.type === DNAME.code) cuts.set(record.name.key, record.name)
  }
  for (const cut of cuts.values()) {
    if (
      cut.key === zone.origin.key &&
      !recordsOf(diff).some(({ type, name }) => type === DNAME.code && name.key === cut.key)
    )
      continue
    for (let i = zone.order.floor(cut) + 1; i < zone.order.size; i++) {
      const below = zone.order.at(i)
      if (below === undefined || !isAtOrBelow(below, cut)) break
      names.set(below.key, below)
    }
  }
  return names
}

function dirtyTypes(diff: ZoneDiff): ReadonlyMap<string, Set<number>> {
  const dirty = new Map<string, Set<number>>()
  for (const { name, type } of recordsOf(diff)) {
    if (SIGNERS_OWN.has(type)) continue
    const types = dirty.get(name.key)
    if (types === undefined) dirty.set(name.key, new Set([type]))
    else types.add(type)
  }
  return dirty
}

function recordsOf({ removed, added }: ZoneDiff): readonly ResourceRecord[] {
  return [...removed, ...added]
}

const SIGNERS_OWN: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code, NSEC3.code, NSEC3PARAM.code])
