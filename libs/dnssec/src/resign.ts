// Which signatures of a zone must be made anew, the next to end first, and making them, some at a time.
// RFC 6781 §4.4.2 (validity and refresh), RFC 4034 §3.1.5 (times as serial numbers)

import {
  DEFAULT_LIMITS,
  editZone,
  findHashedNode,
  findNode,
  type Limits,
  type Name,
  NSEC3,
  RRSIG,
  type RRset,
  signatureSlot,
  SOA,
  typesOf,
  type Zone,
  type ZoneError,
  type ZoneNode,
} from '@scop/dns'
import type { Result } from '@scop/result'
import { writeChain } from './denial-chain.ts'
import { finishEdit, setApex, type SignedZone, stepSerial } from './sign-zone.ts'
import {
  expirationOf,
  isSignedBy,
  type MadeSignatures,
  makeSignatures,
  SignedEdit,
  signersOf,
  type SigningMoment,
} from './signed-edit.ts'
import { isSigned, standingOf } from './standing.ts'
import { allSteps, type Steps } from './steps.ts'

export type DueSignature = {
  readonly name: Name
  readonly type: number
  /** Until its first signature ends; below zero if it has, `-Infinity` where the right signature is missing. */
  readonly secondsLeft: number
}

export type DueSignatures = {
  /** The most urgent first. */
  readonly due: readonly DueSignature[]
  /** How many are due in all. */
  readonly total: number
  /** When the next one after those becomes due. */
  readonly nextSeconds: number | undefined
}

/** What is due now: ends within the refresh time, or is not signed by exactly the keys that should sign it. */
export function dueSignatures(
  zone: Zone,
  moment: Pick<SigningMoment, 'keys' | 'policy' | 'nowSeconds'>,
  limit = 1000,
): DueSignatures {
  return allSteps(dueSignaturesInSteps(zone, moment, limit))
}

/** The same in steps of one name each. */
export function* dueSignaturesInSteps(
  zone: Zone,
  { keys, policy, nowSeconds }: Pick<SigningMoment, 'keys' | 'policy' | 'nowSeconds'>,
  limit = 1000,
): Steps<DueSignatures> {
  const due: DueSignature[] = []
  let nextLeft = Number.POSITIVE_INFINITY
  const look = (node: ZoneNode, type: number): void => {
    const secondsLeft = leftOf(node, type, nowSeconds, (signatures) => isSignedBy(signatures, signersOf(keys, type)))
    if (secondsLeft <= policy.refreshSeconds) due.push({ name: node.name, type, secondsLeft })
    else if (secondsLeft < nextLeft) nextLeft = secondsLeft
  }
  for (let i = 0; i < zone.order.size; i++) {
    const node = findNode(zone, zone.order.at(i) ?? zone.origin)
    if (node === undefined) continue
    const standing = standingOf(zone, node)
    for (const type of typesOf(node)) if (isSigned(standing, type)) look(node, type)
    yield
  }
  for (let i = 0; i < zone.hashedOrder.size; i++) {
    const node = findHashedNode(zone, zone.hashedOrder.at(i) ?? zone.origin)
    if (node !== undefined) look(node, NSEC3.code)
    yield
  }
  due.sort((a, b) => (a.secondsLeft === b.secondsLeft ? 0 : a.secondsLeft - b.secondsLeft))
  const nextSeconds = Number.isFinite(nextLeft) ? nowSeconds + nextLeft - policy.refreshSeconds : undefined
  return { due: due.slice(0, limit), total: due.length, nextSeconds }
}

/**
 * The signatures that `resign` will need, in steps of one each: with them as `moment.made` it has little left to do. An RRset
 * that another version has changed since is signed there.
 */
export function* signInSteps(zone: Zone, due: readonly DueSignature[], moment: SigningMoment): Steps<MadeSignatures> {
  const made = new Map<RRset, RRset>()
  for (const each of due) {
    const node = nodeOf(zone, each)
    const rrset = node?.rrsets.get(each.type)
    if (node === undefined || rrset === undefined) continue
    made.set(rrset, makeSignatures(zone.origin, node.name, rrset, moment))
    yield
  }
  return made
}

/** Signs these anew, if they are there; the serial is the next one, and the apex has the keys of now. */
export function resign(
  zone: Zone,
  due: readonly DueSignature[],
  moment: SigningMoment,
  limits: Limits = DEFAULT_LIMITS,
): Result<SignedZone, ZoneError> {
  const edit = new SignedEdit(editZone(zone, limits), moment)
  stepSerial(edit, zone, moment)
  setApex(edit, zone, moment)
  const content = withApexDenial(edit, zone, moment)
  if (!content.ok) return content
  for (const each of due) {
    if (each.type === SOA.code) continue // signed with its new serial
    const node = nodeOf(content.value, each)
    // It may have come below a cut since it was found due.
    if (node !== undefined && (each.type === NSEC3.code || isSigned(standingOf(content.value, node), each.type)))
      edit.sign(node, each.type)
  }
  return finishEdit(edit, zone, moment)
}

/** The version that the apex is now in: CDS that come or go come and go in the denial there too. */
function withApexDenial(edit: SignedEdit, before: Zone, { policy }: SigningMoment): Result<Zone, ZoneError> {
  const content = edit.editor.finish()
  if (!content.ok) return content
  const { origin } = before
  const [was, node] = [findNode(before, origin), findNode(content.value, origin)]
  const types = was === undefined ? [] : typesOf(was)
  if (
    node !== undefined &&
    types.length === typesOf(node).length &&
    typesOf(node).every((type) => types.includes(type))
  )
    return content
  allSteps(writeChain(edit, content.value, policy.denial, new Map([[origin.key, { name: origin, node }]]), false))
  return edit.editor.finish()
}

function nodeOf(zone: Zone, { name, type }: DueSignature): ZoneNode | undefined {
  return type === NSEC3.code ? findHashedNode(zone, name) : findNode(zone, name)
}

function leftOf(node: ZoneNode, type: number, nowSeconds: number, isRight: (signatures: RRset) => boolean): number {
  const signatures = node.rrsets.get(signatureSlot(type))
  if (signatures?.type !== RRSIG.code || !isRight(signatures)) return Number.NEGATIVE_INFINITY
  // As a serial number: what lies less than half the circle ahead is still to come.
  return Math.min(...signatures.rdatas.map((rdata) => (expirationOf(rdata) - nowSeconds) | 0))
}
