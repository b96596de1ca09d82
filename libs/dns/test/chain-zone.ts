// For tests of answers: a zone with a chain of NSEC or NSEC3 and signatures that only look like some.
// RFC 4034 §4, RFC 4035 §2.3, RFC 5155 §7.1

import { expectOk } from '@scop/result'
import {
  compareNames,
  DNAME,
  DNSKEY,
  DS,
  editZone,
  encodeBase32Hex,
  encodeRdata,
  findNode,
  labelCount,
  type Name,
  NS,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  nsec3Hash,
  type OnlineSigner,
  parentName,
  prependLabel,
  type RRset,
  RRSIG,
  typesOf,
  type Zone,
  zoneRecords,
} from '../src/index.ts'

export type ChainMode = 'nsec' | 'nsec3' | 'nsec3-optout' | 'online'
const SALT = Uint8Array.of(0xab, 0xcd)

export type ChainOptions = { readonly algorithm: number; readonly salt: Uint8Array; readonly iterations: number }

export function chainZone(
  zone: Zone,
  mode: ChainMode,
  { algorithm = 13, salt = SALT, iterations = 1 }: Partial<ChainOptions> = {},
): Zone {
  const editor = editZone(zone)
  const negativeTtl = Math.min(zone.soaTtlSeconds, zone.soa.negativeTtlSeconds)
  const put = (name: Name, type: number, ttlSeconds: number, rdata: Uint8Array): void => {
    const problem = editor.add({ name, type, class: 1, ttlSeconds, rdata })
    if (problem !== undefined) throw new Error(problem)
  }
  const key = encodeRdata(DNSKEY, { flags: 257, protocol: 3, algorithm, publicKey: new Uint8Array(64) })
  put(zone.origin, DNSKEY.code, negativeTtl, key)
  const param = { hashAlgorithm: 1, flags: 0, iterations, salt }
  if (mode !== 'nsec') put(zone.origin, NSEC3PARAM.code, negativeTtl, encodeRdata(NSEC3PARAM, param))
  const keyed = expectOk(editor.finish(), 'add the key')
  const names = [...new Map(zoneRecords(keyed).flatMap(({ name }) => lineage(name, zone.origin))).values()]
    .filter((name) => !isHidden(keyed, name))
    .sort(compareNames)
  const typesAt = (name: Name): readonly number[] => {
    const node = findNode(keyed, name)
    const types = node === undefined ? [] : typesOf(node)
    return isCut(keyed, name) ? types.filter((type) => type === NS.code || type === DS.code) : types
  }
  const signs = (name: Name, type: number): boolean => !isCut(keyed, name) || type === DS.code
  if (mode === 'nsec') {
    const owners = names.filter((name) => typesAt(name).length > 0)
    for (const [i, name] of owners.entries()) {
      const next = owners[(i + 1) % owners.length] ?? name
      const types = [...typesAt(name), NSEC.code, RRSIG.code]
      put(name, NSEC.code, negativeTtl, encodeRdata(NSEC, { next, types }))
    }
  } else if (mode !== 'online') {
    const optOut = mode === 'nsec3-optout'
    const secured = names.filter(
      (name) => typesAt(name).some((type) => type !== NS.code) || name.key === zone.origin.key,
    )
    const owners = new Map(
      (optOut ? secured : names.filter((name) => typesAt(name).length > 0)).flatMap((name) =>
        lineage(name, zone.origin),
      ),
    )
    const hashes = [...owners.values()]
      .map((name) => ({ name, hash: nsec3Hash(name, { iterations, salt }) }))
      .sort((a, b) => Buffer.compare(a.hash, b.hash))
    for (const [i, { name, hash }] of hashes.entries()) {
      const types = typesAt(name)
      const nextHash = hashes[(i + 1) % hashes.length]?.hash ?? hash
      const signed = types.some((type) => signs(name, type)) ? [...types, RRSIG.code] : types
      const owner = prependLabel(Buffer.from(encodeBase32Hex(hash)), zone.origin) ?? name
      const rdata = encodeRdata(NSEC3, { ...param, flags: optOut ? 1 : 0, nextHash, types: signed })
      put(owner, NSEC3.code, negativeTtl, rdata)
    }
  }
  const chained = expectOk(editor.finish(), 'add the chain')
  const signed = new Set<string>()
  for (const { name, type, ttlSeconds } of zoneRecords(chained)) {
    if (type === RRSIG.code || signed.has(`${type} ${name.key}`)) continue
    if (type !== NSEC3.code && (isHidden(keyed, name) || (!signs(name, type) && type !== NSEC.code))) continue
    signed.add(`${type} ${name.key}`)
    put(name, RRSIG.code, ttlSeconds, signature(zone, name, type, ttlSeconds, algorithm))
  }
  return expectOk(editor.finish(), 'sign')
}

/** Signs denials when they are asked for, as emptily as `chainZone`. */
export const online = (denial: OnlineSigner['denial']): OnlineSigner => ({
  denial,
  sign: (zone, owner, { type, ttlSeconds }): RRset => ({
    type: RRSIG.code,
    ttlSeconds,
    rdatas: [signature(zone, owner, type, ttlSeconds, 13)],
  }),
})

function signature(
  zone: Zone,
  owner: Name,
  typeCovered: number,
  originalTtlSeconds: number,
  algorithm: number,
): Uint8Array {
  return encodeRdata(RRSIG, {
    typeCovered,
    algorithm,
    labels: labelCount(owner) - (owner.octets[0] === 1 && owner.octets[1] === 0x2a ? 1 : 0),
    originalTtlSeconds,
    expiration: 0,
    inception: 0,
    keyTag: 0,
    signer: zone.origin,
    signature: new Uint8Array(64),
  })
}

/** The name and those above it, down to the origin. */
function lineage(name: Name, origin: Name): [string, Name][] {
  const found: [string, Name][] = []
  for (let at: Name | undefined = name; at !== undefined; at = parentName(at)) {
    found.push([at.key, at])
    if (at.key === origin.key) break
  }
  return found
}

function isCut(zone: Zone, name: Name): boolean {
  return name.key !== zone.origin.key && (findNode(zone, name)?.rrsets.has(NS.code) ?? false)
}

function isHidden(zone: Zone, name: Name): boolean {
  return lineage(name, zone.origin).some(
    ([key, above]) => key !== name.key && (isCut(zone, above) || findNode(zone, above)?.rrsets.has(DNAME.code)),
  )
}
