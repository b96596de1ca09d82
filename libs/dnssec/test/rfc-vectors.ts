// The examples of RFC 4034, 4509, 5702, 6605 and 8080, typed.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DnskeyData, type DsData, type Name, type RRset, RRSIG, type RrsigData } from '@scop/dns'
import { decodeBase64, decodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import { name, records, VECTORS } from './vectors.ts'
import { decodeRdata } from '@scop/dns'

export type RfcVector = {
  readonly source: string
  readonly owner: Name
  readonly key: DnskeyData
  readonly keyTag: number
  readonly privateKey: string | undefined
  readonly ds: readonly DsData[]
  readonly signed: { readonly owner: Name; readonly rrset: RRset; readonly rrsig: RrsigData } | undefined
}

type Row = {
  src: string
  alg: number
  dnskey: { owner: string; flags: number; proto: number; key: string }
  priv?: string
  keytag: number
  ds?: { digest: number; hex: string }
  ds2?: { digest: number; hex: string }
  rrset?: { owner: string; type: number; ttl: number; rdata: string[] }
  rrsig?: { labels: number; origttl: number; exp: string; inc: string; signer: string; sig: string }
}

export function readRfcVectors(): readonly RfcVector[] | undefined {
  const file = join(VECTORS, 'dns/rfc-vectors/dnssec-vectors.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as Row[]).map(vectorOf) // its form is as above
}

function vectorOf(row: Row): RfcVector {
  const publicKey = expectOk(decodeBase64(row.dnskey.key), 'read the key')
  const key = { flags: row.dnskey.flags, protocol: row.dnskey.proto, algorithm: row.alg, publicKey }
  const ds = [row.ds, row.ds2]
    .filter((each) => each !== undefined)
    .map(({ digest, hex }) => ({
      keyTag: row.keytag,
      algorithm: row.alg,
      digestType: digest,
      digest: expectOk(decodeHex(hex), 'read the digest'),
    }))
  return {
    source: row.src,
    owner: name(row.dnskey.owner),
    key,
    keyTag: row.keytag,
    privateKey: row.priv,
    ds,
    signed: signedOf(row),
  }
}

function signedOf({ alg, keytag, rrset, rrsig }: Row): RfcVector['signed'] {
  if (rrset === undefined || rrsig === undefined) return undefined
  const rdatas = rrset.rdata.map((hex) => expectOk(decodeHex(hex), 'read the data'))
  const { labels, origttl, exp, inc, signer, sig } = rrsig
  const text = `${rrset.owner} ${origttl} IN RRSIG TYPE${rrset.type} ${alg} ${labels} ${origttl} ${exp} ${inc} ${keytag} ${signer} ${sig}`
  const rdata = records(text)[0]?.rdata ?? new Uint8Array(0)
  return {
    owner: name(rrset.owner),
    rrset: { type: rrset.type, ttlSeconds: rrset.ttl, rdatas },
    rrsig: expectOk(decodeRdata(RRSIG, rdata), 'read the signature'),
  }
}
