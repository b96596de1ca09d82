// Where a name stands in one zone: at a node, below a cut or a DNAME, under a wildcard, or nowhere. Names below cuts and DNAMEs
// are hidden, whatever records they have.      RFC 1034 §4.3.2 step 3, RFC 4592 §3.3, RFC 6672 §3.2, RFC 2181 §6.1

import { Name } from './name.ts'
import { DNAME } from './rr/dname.ts'
import { DS } from './rr/ds.ts'
import { NS } from './rr/ns.ts'
import type { Zone, ZoneNode } from './zone.ts'

export type ZoneLookup =
  /** The name itself; perhaps without records, where only names below it have some. */
  | { readonly kind: 'node'; readonly node: ZoneNode }
  /** The highest delegation at or above the name. */
  | { readonly kind: 'cut'; readonly node: ZoneNode }
  /** A DNAME above the name. */
  | { readonly kind: 'dname'; readonly node: ZoneNode }
  | ({ readonly kind: 'wildcard'; readonly node: ZoneNode } & Absence)
  | ({ readonly kind: 'absent' } & Absence)

/** The closest name above an absent one that exists, and the one a label longer, which does not. RFC 5155 §1.3 */
export type Absence = { readonly encloser: Name; readonly nextCloser: Name }

/** `name` must be at or below the origin. At a delegation itself the DS is ours, and all else the child's. */
export function lookUpInZone(zone: Zone, name: Name, type: number): ZoneLookup {
  const { nodes, origin } = zone
  const { key, octets } = name
  // The labels between the origin and the name, the first of them last.
  const starts: number[] = []
  for (let at = 0; key.length - at > origin.key.length; at += 1 + key.charCodeAt(at)) starts.push(at)
  let encloser = nodes.get(origin.key)
  for (let i = starts.length - 1; i >= 0 && encloser !== undefined; i--) {
    if (encloser.rrsets.has(DNAME.code)) return { kind: 'dname', node: encloser }
    const at = starts[i] ?? 0
    const node = nodes.get(at === 0 ? key : key.slice(at))
    if (node === undefined) {
      const absence = { encloser: encloser.name, nextCloser: at === 0 ? name : new Name(octets.subarray(at)) }
      const wildcard = nodes.get(ASTERISK_LABEL + encloser.name.key)
      return wildcard === undefined ? { kind: 'absent', ...absence } : { kind: 'wildcard', node: wildcard, ...absence }
    }
    if (node.rrsets.has(NS.code) && (at > 0 || type !== DS.code)) return { kind: 'cut', node }
    encloser = node
  }
  if (encloser === undefined) throw new Error('Cannot look a name up in a zone without its apex')
  return { kind: 'node', node: encloser }
}

/** Whether the name has data of this zone's own, and is not hidden. */
export function findVisible(zone: Zone, name: Name): ZoneNode | undefined {
  const found = lookUpInZone(zone, name, NS.code)
  return found.kind === 'node' ? found.node : undefined
}

const ASTERISK_LABEL = '\u0001*'
