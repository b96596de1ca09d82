// What a proof of absence comes to, and what the types listed at a name say about it.
// RFC 4035 §5.4, RFC 5155 §8, RFC 6840 §4.1 (delegations), §4.3 (CNAME), RFC 9824 §3 (names that are not there)

import { CNAME, DNAME, DS, labelCount, type Name, NS, NSEC, parentName, RRSIG, SOA, TYPE_ANY } from '@scop/dns'

/** Why a proof fails. */
export type DenialGap =
  /** No record says anything of the name. */
  | 'name-not-covered'
  | 'name-exists'
  | 'type-exists'
  | 'alias-exists'
  /** No record says that a wildcard is absent, or that it has no such data. */
  | 'wildcard-not-denied'
  /** A name nearer than the wildcard exists, or the records speak of another encloser. */
  | 'closer-name-exists'
  | 'no-closest-encloser'
  | 'next-closer-not-covered'
  /** The record is the parent's at a delegation: it says nothing but that there is no DS. */
  | 'ancestor-delegation'
  /** The name lies below a DNAME. */
  | 'below-dname'
  /** The record is the child's, and DS lives in the parent. */
  | 'child-side'
  | 'too-many-records'
  | 'hash-budget-spent'

export type NotProven = { readonly kind: 'not-proven'; readonly because: DenialGap }
export type InsecureDenial = { readonly kind: 'insecure'; readonly because: 'opt-out' | 'iterations' }

export type DenialVerdict =
  /** `encloser` is the closest name that exists, where the proof names one. */
  { readonly kind: 'proven'; readonly encloser: Name | undefined } | InsecureDenial | NotProven

export type DelegationVerdict =
  | { readonly kind: 'unsigned-delegation' }
  /** There is no zone cut at the name. */
  | { readonly kind: 'no-delegation' }
  | InsecureDenial
  | NotProven

export function notProven(because: DenialGap): NotProven {
  return { kind: 'not-proven', because }
}

/** Why the types at `name` do not show that `type` is absent; `undefined` if they do. */
export function typesGap(types: readonly number[], name: Name, type: number): DenialGap | undefined {
  if (type === TYPE_ANY ? types.some((present) => !MARKS.has(present)) : types.includes(type)) return 'type-exists'
  if (types.includes(CNAME.code)) return 'alias-exists'
  if (type === DS.code) return types.includes(SOA.code) && labelCount(name) > 0 ? 'child-side' : undefined
  return isDelegation(types) ? 'ancestor-delegation' : undefined
}

/** Why a record at an ancestor of a name says nothing of that name; `undefined` if it may. */
export function ancestorGap(types: readonly number[]): DenialGap | undefined {
  if (isDelegation(types)) return 'ancestor-delegation'
  return types.includes(DNAME.code) ? 'below-dname' : undefined
}

/** What the types at a name say of the zone cut there. */
export function cutVerdict(types: readonly number[], name: Name): DelegationVerdict {
  if (types.includes(DS.code)) return notProven('type-exists')
  if (types.includes(SOA.code) && labelCount(name) > 0) return notProven('child-side')
  return { kind: types.includes(NS.code) ? 'unsigned-delegation' : 'no-delegation' }
}

/** The ancestor of `name` with so many labels, or `name` itself where it has no more. */
export function ancestorWithLabels(name: Name, count: number): Name {
  let ancestor = name
  for (let left = labelCount(name); left > count; left--) ancestor = parentName(ancestor) ?? ancestor
  return ancestor
}

/** How many labels two names share, from the right. */
export function sharedLabels(a: Name, b: Name): number {
  const [left, right] = [labelsOf(a.key), labelsOf(b.key)]
  let shared = 0
  for (let i = left.length - 1, j = right.length - 1; i >= 0 && j >= 0 && left[i] === right[j]; i--, j--) shared++
  return shared
}

function labelsOf(key: string): readonly string[] {
  const found: string[] = []
  for (let at = 0; key.charCodeAt(at) !== 0; at += 1 + key.charCodeAt(at)) {
    found.push(key.slice(at + 1, at + 1 + key.charCodeAt(at)))
  }
  return found
}

function isDelegation(types: readonly number[]): boolean {
  return types.includes(NS.code) && !types.includes(SOA.code)
}

/** RFC 9824 §2: a name with nothing, which exists only for its proof; 128 is NXNAME. */
const MARKS: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code, 128])
