// What validation makes of one answer: each RRset by the keys of its zone, aliases link by link, wildcards and absence by proofs.
// RFC 4035 §5.3, §5.4, RFC 5155 §8, RFC 6672 §5.3 (DNAME), RFC 6840 §4, §5.2; RFC 4035 §3.2.3 (what AD means)

import {
  CLASS,
  CNAME,
  decodeRdata,
  DNAME,
  DS,
  equalNames,
  EXTENDED_ERROR,
  type ExtendedError,
  isAtOrBelow,
  labelCount,
  type Name,
  type Question,
  RCODE,
  RRSIG,
  SOA,
  TYPE_ANY,
} from '@scop/dns'
import {
  ancestorWithLabels,
  type DenialVerdict,
  proveNameError,
  proveNoData,
  proveNoDs,
  proveWildcardAnswer,
} from '@scop/dnssec'
import { dsOwnerZone, trustOf } from './chain-of-trust.ts'
import { isDenial, keepDenial, negativeSeconds, verifiedDenials, type VerifiedDenials } from './denial.ts'
import type { ZoneKeys, ZoneTrust } from './key-cache.ts'
import type { Fetched, Validated } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import { claimedSigners, verifyRrset } from './rrset-validation.ts'
import { substitute } from './scrub.ts'
import type { Task } from './task.ts'
import { bogus, denialErrors } from './validation-error.ts'
import type { ValidationRun } from './validation-run.ts'

export type Judgement = Validated & {
  /** The answer itself is bad, so that another server may have a better one. */
  readonly blamesAnswer: boolean
}

type Settled = 'secure' | 'insecure' | 'indeterminate'
type Failure = { readonly kind: 'failed'; readonly ede: readonly ExtendedError[]; readonly blamesAnswer: boolean }

export function* validateAnswer(question: Question, fetched: Fetched, run: ValidationRun): Task<Judgement> {
  const answered = fetched.rcode === RCODE.NOERROR || fetched.rcode === RCODE.NXDOMAIN
  if (question.class !== CLASS.IN || !answered) return unjudged(fetched)
  const denials = new Map<string, VerifiedDenials>()
  const chain = yield* validateChain(question, fetched, run)
  if (chain.kind === 'failed') return refused(fetched, chain, run)
  let { security, ede }: { security: Settled; ede: readonly ExtendedError[] } = chain
  const insecure = new Set<string>()
  for (const wildcard of chain.wildcards) {
    const proven = yield* denialsOf(wildcard.keys, fetched, denials, run)
    const answer = { name: wildcard.name, encloser: wildcard.encloser, zone: wildcard.keys.zone }
    const verdict = proveWildcardAnswer(proven.evidence, answer, run.hasher)
    run.chargeHashes()
    if (verdict.kind === 'not-proven') {
      const { fault } = proven
      return refused(fetched, { kind: 'failed', ede: [fault ?? bogus(verdict.because)], blamesAnswer: true }, run)
    }
    if (verdict.kind === 'insecure') {
      ;[security, ede] = ['insecure', [...ede, ...whyInsecure(verdict)]]
      insecure.add(wildcard.name.key)
    }
    const given =
      verdict.kind === 'proven' ? chain.answer.find(({ name }) => equalNames(name, wildcard.name)) : undefined
    if (given?.security === 'secure')
      run.state.denials.keepWildcard(given, wildcard.encloser, wildcard.keys.zone, run.nowMs)
  }
  const answer = chain.answer.map((rrset): Rrset => (insecure.has(rrset.name.key) ? { ...rrset, security } : rrset))
  let rcode: number = fetched.rcode
  if (!chain.ended) {
    const absence = yield* validateAbsence(chain.name, question.type, fetched, denials, run)
    if (absence.kind === 'failed') return refused(fetched, absence, run)
    security = worse(security, absence.security)
    ede = [...ede, ...absence.ede]
    rcode = absence.rcode
  } else if (chain.security === 'secure' && question.type !== CNAME.code) {
    // What is there and signed cannot be absent; of an alias asked for itself, the code speaks of its target.
    rcode = RCODE.NOERROR
  }
  if (security !== 'secure' && (chain.security !== 'secure' || !chain.ended))
    return settled(fetched, security, answer, rcode, ede, run)
  const authority: Rrset[] = []
  for (const rrset of fetched.authority) {
    const kept = [...denials.values()].flatMap(({ rrsets }) => rrsets.get(rrset) ?? [])[0]
    const verified = kept ?? (yield* ifSecure(rrset, fetched.authority, run))
    if (verified !== undefined) {
      authority.push(verified)
      if (rrset.type === SOA.code) run.state.denials.keepSoa(verified, run.nowMs)
    } else if (rrset.type === SOA.code && !chain.ended)
      return refused(fetched, failure(EXTENDED_ERROR.DNSSEC_BOGUS, 'the SOA is not signed'), run)
  }
  const additional: Rrset[] = []
  for (const rrset of fetched.additional) {
    const verified = yield* ifSecure(rrset, fetched.authority, run)
    if (verified !== undefined) additional.push(verified)
  }
  if (security !== 'secure') return settled({ ...fetched, authority, additional }, security, answer, rcode, ede, run)
  return { security, answer, authority, additional, ede, rcode, blamesAnswer: false }
}

type Wildcard = { readonly name: Name; readonly encloser: Name; readonly keys: ZoneKeys }
type Chain = {
  readonly kind: 'chain'
  readonly security: Settled
  readonly answer: readonly Rrset[]
  readonly wildcards: readonly Wildcard[]
  /** Where the aliases lead. */
  readonly name: Name
  /** Whether what was asked for stands there. */
  readonly ended: boolean
  readonly ede: readonly ExtendedError[]
}

function* validateChain(question: Question, fetched: Fetched, run: ValidationRun): Task<Chain | Failure> {
  // A part of what is there will do for ANY, and what there is may be too much to verify. RFC 8482 §4.1
  const whole = question.type !== TYPE_ANY
  const rrsets = whole ? fetched.answer : fetched.answer.slice(0, run.context.config.limits.rrsetsOfAny)
  const answer: Rrset[] = []
  const wildcards: Wildcard[] = []
  let { name } = question
  let security: Settled = 'secure'
  let ended = false
  const passed = new Set<string>()
  let ede: readonly ExtendedError[] = []
  const dnames: { readonly rrset: Rrset; readonly security: Settled }[] = []
  for (const rrset of rrsets) {
    // What is no link of the chain answers nothing, signed or not.
    const isLink = equalNames(rrset.name, name) || (rrset.type === DNAME.code && isBelow(name, rrset.name))
    if (!isLink) continue
    // A CNAME that a DNAME stands for is as good as the DNAME. RFC 6672 §5.3.1
    const target = rrset.type === CNAME.code && equalNames(rrset.name, name) ? targetOf(rrset) : undefined
    const source = target === undefined ? undefined : dnames.find((dname) => leadsTo(dname.rrset, name, target))
    if (target !== undefined && source !== undefined) {
      answer.push({ ...rrset, security: source.security })
      if (question.type === CNAME.code) ended = true
      else {
        passed.add(name.key)
        name = target
      }
      continue
    }
    const from = name
    const moved = target !== undefined && dnames.some(({ rrset: dname }) => isBelow(from, dname.name))
    if (moved && rrset.signatures.length === 0)
      return failure(EXTENDED_ERROR.DNSSEC_BOGUS, 'the CNAME is not the one of the DNAME')
    const judged: RrsetJudgement = yield* judgeRrset(rrset, run)
    if (judged.kind === 'failed') return judged
    security = worse(security, judged.security)
    ede = [...ede, ...judged.ede]
    answer.push(judged.rrset)
    if (judged.wildcard !== undefined) wildcards.push(judged.wildcard)
    if (rrset.type === DNAME.code && isBelow(name, rrset.name)) {
      // RFC 4592 §4.4: what a DNAME at a wildcard means is not defined.
      if (judged.wildcard !== undefined) return failure(EXTENDED_ERROR.DNSSEC_BOGUS, 'the DNAME is of a wildcard')
      dnames.push({ rrset, security: judged.security })
    } else if (equalNames(rrset.name, name)) {
      const asked = [rrset.type, TYPE_ANY, RRSIG.code].includes(question.type)
      if (asked) ended = true
      else if (rrset.type === CNAME.code) {
        passed.add(name.key)
        name = targetOf(rrset) ?? name
      }
    }
  }
  if (!ended && passed.has(name.key)) {
    // Every server of the zone says so.
    const ede = [bogus('the aliases go in a circle')]
    return { kind: 'failed', ede, blamesAnswer: false }
  }
  return { kind: 'chain', security, answer, wildcards, name, ended, ede }
}

type RrsetJudgement =
  | {
      readonly kind: 'judged'
      readonly security: Settled
      readonly rrset: Rrset
      readonly wildcard: Wildcard | undefined
      readonly ede: readonly ExtendedError[]
    }
  | Failure

function* judgeRrset(rrset: Rrset, run: ValidationRun): Task<RrsetJudgement> {
  // Nobody signs signatures: RFC 4035 §2.2.
  if (rrset.type === RRSIG.code) return asIs(rrset, 'insecure', [])
  const base = rrset.type === DS.code ? dsOwnerZone(rrset.name) : rrset.name
  const trust = yield* trustBySigner(base, claimedSigners(rrset), run)
  if (trust.kind === 'bogus') return { kind: 'failed', ede: trust.ede, blamesAnswer: false }
  if (trust.kind === 'insecure') return asIs(rrset, 'insecure', trust.ede)
  if (trust.kind === 'indeterminate') return asIs(rrset, 'indeterminate', [])
  const verdict = yield* verifyRrset(rrset, trust.keys, run)
  if (verdict.kind === 'bogus') return { kind: 'failed', ede: [verdict.ede], blamesAnswer: true }
  const { encloser } = verdict
  // Secure records of a wildcard were proven before they were kept.
  const proven = encloser === undefined || rrset.security === 'secure'
  const wildcard = proven ? undefined : { name: rrset.name, encloser, keys: trust.keys }
  return { kind: 'judged', security: 'secure', rrset: verdict.rrset, wildcard, ede: [] }
}

type Absence =
  | {
      readonly kind: 'absent'
      readonly security: Settled
      readonly rcode: number
      readonly ede: readonly ExtendedError[]
    }
  | Failure

function* validateAbsence(
  name: Name,
  type: number,
  fetched: Fetched,
  denials: Map<string, VerifiedDenials>,
  run: ValidationRun,
): Task<Absence> {
  const base = type === DS.code ? dsOwnerZone(name) : name
  const speakers = fetched.authority.filter((rrset) => isDenial(rrset) || rrset.type === SOA.code)
  const trust = yield* trustBySigner(base, speakers.flatMap(claimedSigners), run)
  const absence = yield* absenceBy(trust, name, type, fetched, denials, run)
  if (absence.kind === 'absent' && absence.security === 'secure') return absence
  // What is not proven by a zone above is not to be had below a closer anchor.
  const closest = run.state.anchors.closest(base, run.nowMs)
  if (closest === undefined || trust.kind !== 'secure' || labelCount(closest.zone) <= labelCount(trust.zone))
    return absence
  return yield* absenceBy(yield* trustOf(base, run), name, type, fetched, denials, run)
}

function* absenceBy(
  trust: ZoneTrust,
  name: Name,
  type: number,
  fetched: Fetched,
  denials: Map<string, VerifiedDenials>,
  run: ValidationRun,
): Task<Absence> {
  if (trust.kind === 'bogus') return { kind: 'failed', ede: trust.ede, blamesAnswer: false }
  if (trust.kind === 'indeterminate') return absent('indeterminate', fetched.rcode, [])
  if (trust.kind === 'insecure') return absent('insecure', fetched.rcode, trust.ede)
  const proven = yield* denialsOf(trust.keys, fetched, denials, run)
  const verdicts = proveAbsence(name, type, fetched, proven, run)
  run.chargeHashes()
  const [first] = verdicts
  for (const { verdict, rcode } of verdicts) {
    if (verdict.kind === 'proven') return absent('secure', rcode, [])
    if (verdict.kind === 'insecure') return absent('insecure', rcode, whyInsecure(verdict))
  }
  // The answer may be the child's, of a zone that its parent has not signed over, and say so itself.
  if (isBelowUnsignedCut(name, trust.zone, proven, run)) return absent('insecure', fetched.rcode, [])
  const gap = first?.verdict.kind === 'not-proven' ? first.verdict.because : 'name-not-covered'
  const { fault } = proven
  const ede = fault === undefined ? denialErrors(gap, proven.refused, fetched.authority) : [fault]
  return { kind: 'failed', ede, blamesAnswer: true }
}

/** Whether the evidence shows an unsigned delegation at `name` or between it and its zone. */
function isBelowUnsignedCut(name: Name, zone: Name, { evidence }: VerifiedDenials, run: ValidationRun): boolean {
  for (let count = labelCount(zone) + 1; count <= labelCount(name); count++) {
    const verdict = proveNoDs(evidence, ancestorWithLabels(name, count), run.hasher)
    if (verdict.kind === 'unsigned-delegation') return true
  }
  return false
}

type Tried = { readonly verdict: DenialVerdict; readonly rcode: number }

/** What was said first, then what may be meant as well. */
function proveAbsence(
  name: Name,
  type: number,
  fetched: Fetched,
  { evidence }: VerifiedDenials,
  run: ValidationRun,
): readonly Tried[] {
  const noData = { verdict: proveNoData(evidence, name, type, run.hasher), rcode: RCODE.NOERROR }
  if (fetched.rcode === RCODE.NXDOMAIN) {
    const nameError = { verdict: proveNameError(evidence, name, run.hasher), rcode: RCODE.NXDOMAIN }
    // A server that says NXDOMAIN of a name that only lacks the type is believed what it proves.
    return [nameError, noData]
  }
  if (noData.verdict.kind !== 'not-proven' || fetched.answer.length === 0) return [noData]
  // Behind an alias some servers leave the response code at NOERROR.
  return [noData, { verdict: proveNameError(evidence, name, run.hasher), rcode: RCODE.NXDOMAIN }]
}

function* denialsOf(
  keys: ZoneKeys,
  fetched: Fetched,
  known: Map<string, VerifiedDenials>,
  run: ValidationRun,
): Task<VerifiedDenials> {
  const before = known.get(keys.zone.key)
  if (before !== undefined) return before
  const found = yield* verifiedDenials(fetched.authority, keys, run)
  known.set(keys.zone.key, found)
  return found
}

/**
 * Trust for the zone that claims to have signed, or for the name itself where nobody does. Where a closer anchor stands,
 * the signer counts only if it is trusted. RFC 6840 §5.10
 */
function* trustBySigner(base: Name, signers: readonly Name[], run: ValidationRun): Task<ZoneTrust> {
  let deepest: Name | undefined
  for (const signer of signers) {
    if (isAtOrBelow(base, signer) && (deepest === undefined || labelCount(signer) > labelCount(deepest)))
      deepest = signer
  }
  if (deepest === undefined) return yield* trustOf(base, run)
  const trust = yield* trustOf(deepest, run)
  if (trust.kind === 'secure') return trust
  const { anchors } = run.state
  const [above, at] = [anchors.closest(deepest, run.nowMs), anchors.closest(base, run.nowMs)]
  const same = above === at || (above !== undefined && at !== undefined && equalNames(above.zone, at.zone))
  return same ? trust : yield* trustOf(base, run)
}

/** An RRset that nobody asked for, if the keys that verify it are known already; else it is left out. */
function* ifSecure(rrset: Rrset, authority: readonly Rrset[], run: ValidationRun): Task<Rrset | undefined> {
  for (const signer of claimedSigners(rrset)) {
    const trust = run.state.keys.find(signer, run.nowMs)
    if (trust?.kind !== 'secure') continue
    const verdict = yield* verifyRrset(rrset, trust.keys, run)
    if (verdict.kind === 'bogus' || verdict.encloser !== undefined) return undefined
    if (isDenial(rrset)) keepDenial(verdict, negativeSeconds(authority), run)
    return verdict.rrset
  }
  return undefined
}

function settled(
  fetched: Fetched,
  security: Settled,
  answer: readonly Rrset[],
  rcode: number,
  ede: readonly ExtendedError[],
  run: ValidationRun,
): Judgement {
  for (const rrset of answer) if (rrset.security !== 'secure') run.context.cache.judge(rrset, security)
  const { authority, additional } = fetched
  return { security, answer, authority, additional, ede, rcode, blamesAnswer: false }
}

function refused(fetched: Fetched, { ede, blamesAnswer }: Failure, run: ValidationRun): Judgement {
  const { answer, authority, additional, rcode } = fetched
  if (blamesAnswer)
    for (const rrset of answer) if (rrset.security === 'unchecked') run.context.cache.judge(rrset, 'bogus')
  return { security: 'bogus', answer, authority, additional, ede, rcode, blamesAnswer }
}

function unjudged({ answer, authority, additional, ede, rcode }: Fetched): Judgement {
  return { security: 'indeterminate', answer, authority, additional, ede, rcode, blamesAnswer: false }
}

function asIs(rrset: Rrset, security: Settled, ede: readonly ExtendedError[]): RrsetJudgement {
  return { kind: 'judged', security, rrset: { ...rrset, security }, wildcard: undefined, ede }
}

function absent(security: Settled, rcode: number, ede: readonly ExtendedError[]): Absence {
  return { kind: 'absent', security, rcode, ede }
}

function failure(code: number, text: string): Failure {
  return { kind: 'failed', ede: [{ code, text }], blamesAnswer: true }
}

function whyInsecure(verdict: Extract<DenialVerdict, { kind: 'insecure' }>): readonly ExtendedError[] {
  if (verdict.because === 'opt-out') return []
  return [{ code: EXTENDED_ERROR.UNSUPPORTED_NSEC3_ITERATIONS_VALUE, text: 'too many NSEC3 iterations' }]
}

function worse(a: Settled, b: Settled): Settled {
  if (a === 'indeterminate' || b === 'indeterminate') return 'indeterminate'
  return a === 'insecure' || b === 'insecure' ? 'insecure' : 'secure'
}

function isBelow(name: Name, ancestor: Name): boolean {
  return !equalNames(ancestor, name) && isAtOrBelow(name, ancestor)
}

function leadsTo(dname: Rrset, name: Name, target: Name): boolean {
  if (!isBelow(name, dname.name)) return false
  const substituted = substitute(name, dname)
  return substituted !== undefined && equalNames(substituted, target)
}

function targetOf(rrset: Rrset): Name | undefined {
  const [rdata] = rrset.rdatas
  const data = rdata === undefined || rrset.rdatas.length > 1 ? undefined : decodeRdata(CNAME, rdata)
  return data?.ok === true ? data.value.name : undefined
}
