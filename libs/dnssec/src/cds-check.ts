// CDS and CDNSKEY judged as a parent would: they speak of keys of the zone, say the same, and are signed by those keys.
// RFC 7344 §4.1, §5, RFC 8078 §4 (deletion)

import {
  CDNSKEY,
  CDS,
  decodeRdata,
  type DnskeyData,
  type DsData,
  findNode,
  type RecordType,
  type Zone,
} from '@scop/dns'
import { equalOctets } from '@scop/octets'
import type { AlgorithmTable } from './algorithms.ts'
import { matchDs } from './ds.ts'
import type { KnownKey } from './verify-zone.ts'
import type { Findings } from './zone-finding.ts'

export function checkCds(
  zone: Zone,
  keys: readonly KnownKey[],
  keySigners: ReadonlySet<DnskeyData>,
  algorithms: AlgorithmTable,
  findings: Findings,
): void {
  const { origin } = zone
  for (const [, node] of zone.nodes.entries()) {
    for (const { code } of [CDS, CDNSKEY]) {
      if (node.rrsets.has(code) && node.name.key !== origin.key)
        findings.error('cds-not-at-apex', node.name, { type: code })
    }
  }
  const cds = readAll(zone, CDS)
  const cdnskeys = readAll(zone, CDNSKEY)
  const deletes = (list: readonly { readonly algorithm: number }[]): boolean =>
    list.some(({ algorithm }) => algorithm === 0)
  for (const [list, type] of [
    [cds, CDS.code],
    [cdnskeys, CDNSKEY.code],
  ] as const) {
    if (deletes(list) && list.length > 1) findings.error('cds-deletion-not-alone', origin, { type })
  }
  const asked = [
    ...cds.filter(({ algorithm }) => algorithm !== 0),
    ...cdnskeys.filter(({ algorithm }) => algorithm !== 0),
  ]
  const found = new Set<DnskeyData>()
  for (const one of asked) {
    const type = 'digest' in one ? CDS.code : CDNSKEY.code
    if ('digest' in one && !algorithms.supportsDigest(one.digestType)) continue
    const key = keys.find((known) => speaksOf(one, known.key, zone, algorithms))?.key
    if (key === undefined) findings.error('cds-of-no-key', origin, { type })
    else {
      found.add(key)
      if (!keySigners.has(key)) findings.error('cds-not-signed-by-its-key', origin, { type })
    }
  }
  if (cds.length === 0 || cdnskeys.length === 0) return
  const both = [...found].every((key) =>
    [cds, cdnskeys].every((list) => list.some((one) => speaksOf(one, key, zone, algorithms))),
  )
  if (!both || deletes(cds) !== deletes(cdnskeys)) findings.error('cds-and-cdnskey-differ', origin)
}

function speaksOf(one: DsData | DnskeyData, key: DnskeyData, zone: Zone, algorithms: AlgorithmTable): boolean {
  if ('digest' in one) return matchDs(zone.origin, key, one, algorithms) === 'match'
  return one.algorithm === key.algorithm && one.flags === key.flags && equalOctets(one.publicKey, key.publicKey)
}

function readAll<Data>(zone: Zone, type: RecordType<Data>): readonly Data[] {
  const all: Data[] = []
  for (const rdata of findNode(zone, zone.origin)?.rrsets.get(type.code)?.rdatas ?? []) {
    const data = decodeRdata(type, rdata)
    if (data.ok) all.push(data.value)
  }
  return all
}
