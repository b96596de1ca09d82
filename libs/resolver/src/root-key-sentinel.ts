// Names by which a client finds out whether a key of the root is trusted here: the answer to them fails if it is not so.
// RFC 8509 §2.1 (the labels), §3.1 (when), §3.2 (what)

import { A, AAAA, labels, type Question, ROOT } from '@scop/dns'
import { keyTag } from '@scop/dnssec'
import { decodeLatin1 } from '@scop/octets'
import type { TrustAnchors } from './trust-anchor.ts'

/** Whether the question says of a root key what is not true; only answers that are secure may fail by it. */
export function contradictsSentinel({ name, type }: Question, anchors: TrustAnchors, nowMs: number): boolean {
  if (type !== A.code && type !== AAAA.code) return false
  const [first] = labels(name)
  const sentinel = first === undefined ? null : SENTINEL.exec(decodeLatin1(first))
  if (sentinel === null) return false
  const tag = Number(sentinel[2])
  const root = anchors.closest(ROOT, nowMs)
  const tags = root?.kind === 'anchor' ? [...root.ds.map((ds) => ds.keyTag), ...root.keys.map(keyTag)] : []
  return tags.includes(tag) !== (sentinel[1]?.toLowerCase() === 'is')
}

// root-key-sentinel-is-ta-<key tag, five digits>      RFC 8509 §2.1
const SENTINEL = /^root-key-sentinel-(is|not)-ta-(\d{5})$/i
