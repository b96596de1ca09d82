// Which records prove that there is nothing, from a source that finds the record at a name or over it.
// RFC 4035 §3.1.3 (NSEC), RFC 5155 §7.2 (NSEC3), RFC 6840 §4.3, RFC 9824 §3 (compact)

import type { Absence } from './zone-lookup.ts'
import { equalNames, type Name, parentName } from './name.ts'
import type { RRset } from './zone.ts'

/** An NSEC or NSEC3 with its signatures. */
export type Proof = { readonly owner: Name; readonly rrset: RRset; readonly signatures: RRset | undefined }

export type ProofSource = {
  readonly kind: 'nsec' | 'nsec3' | 'compact'
  readonly origin: Name
  /** The record of this name, or of its hash. An opt-out zone need not have one for a name that exists. */
  matching(name: Name): Proof | undefined
  /** The record whose span has this name, or its hash, inside. */
  covering(name: Name): Proof | undefined
  /** As `covering`, for the wildcard below this name. A wildcard too long to be written cannot exist, nor be asked for. */
  coveringWildcard(encloser: Name): Proof | undefined
}

/** The name is there, without the type: RFC 4035 §3.1.3.1, RFC 5155 §7.2.3, §7.2.4. A delegation without DS: RFC 5155 §7.2.7. */
export function proveNoType(source: ProofSource, name: Name): readonly Proof[] {
  const itself = source.matching(name)
  if (itself !== undefined) return [itself]
  // A name that is there only because of those below it has no NSEC, and with opt-out maybe no NSEC3. RFC 5155 §7.1
  const parent = parentName(name)
  if (source.kind !== 'nsec3') return some(source.covering(name))
  return parent === undefined ? [] : proveEncloser(source, { encloser: parent, nextCloser: name })
}

/** RFC 4035 §3.1.3.2, RFC 5155 §7.2.2; one record does it in the compact form, RFC 9824 §3.1 */
export function proveNoName(source: ProofSource, name: Name, absence: Absence): readonly Proof[] {
  if (source.kind === 'compact') return some(source.covering(name))
  // With opt-out the encloser that can be proven may be a higher one, and it is its wildcard that is asked for.
  const { encloser } = source.kind === 'nsec' ? absence : (provable(source, absence) ?? absence)
  const noWildcard = some(source.coveringWildcard(encloser))
  if (source.kind === 'nsec') return [...some(source.covering(name)), ...noWildcard]
  return [...proveEncloser(source, absence), ...noWildcard]
}

/** The answer comes from a wildcard: nothing stood closer. RFC 4035 §3.1.3.3, RFC 5155 §7.2.6. Compact answers are signed as if they stood there. */
export function proveExpansion(source: ProofSource, name: Name, { nextCloser }: Absence): readonly Proof[] {
  if (source.kind === 'compact') return []
  return some(source.covering(source.kind === 'nsec' ? name : nextCloser))
}

/** The wildcard is there, without the type. RFC 4035 §3.1.3.4, RFC 5155 §7.2.5, RFC 9824 §3.2 */
export function proveNoTypeAtWildcard(
  source: ProofSource,
  wildcard: Name,
  name: Name,
  absence: Absence,
): readonly Proof[] {
  if (source.kind === 'compact') return some(source.matching(name))
  // A wildcard that is there only because of names below it has no NSEC of its own.
  const itself = some(source.matching(wildcard) ?? source.covering(wildcard))
  if (source.kind === 'nsec') return [...itself, ...some(source.covering(name))]
  return [...proveEncloser(source, absence), ...itself]
}

/** The closest encloser that has an NSEC3, and the record over the name a label longer. RFC 5155 §7.2.1 */
function proveEncloser(source: ProofSource, absence: Absence): readonly Proof[] {
  const found = provable(source, absence)
  return found === undefined ? [] : [found.proof, ...some(source.covering(found.nextCloser))]
}

function provable(source: ProofSource, absence: Absence): (Absence & { readonly proof: Proof }) | undefined {
  let { encloser, nextCloser }: Absence = absence
  for (;;) {
    const proof = source.matching(encloser)
    if (proof !== undefined) return { encloser, nextCloser, proof }
    const parent = parentName(encloser)
    if (parent === undefined || equalNames(encloser, source.origin)) return undefined
    nextCloser = encloser
    encloser = parent
  }
}

function some(proof: Proof | undefined): readonly Proof[] {
  return proof === undefined ? [] : [proof]
}
