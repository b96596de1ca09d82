// ZONEMD: a digest of the whole zone.      RFC 8976 §2

import { encodeHex } from '@scop/octets'
import { fitsDigest, zonemdOctets } from './digest-octets.ts'
import type { RecordType } from './record-type.ts'

export type ZonemdData = {
  readonly serial: number
  readonly scheme: number
  readonly hashAlgorithm: number
  readonly digest: Uint8Array
}

export const ZONEMD: RecordType<ZonemdData> = {
  code: 63,
  mnemonic: 'ZONEMD',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { serial: reader.u32(), scheme: reader.u8(), hashAlgorithm: reader.u8() }
    if (reader.left < LEAST_DIGEST) reader.fail('rdata-malformed')
    return { ...head, digest: reader.rest() }
  },
  write: (writer, zonemd) => {
    writer.u32(zonemd.serial)
    writer.u8(zonemd.scheme)
    writer.u8(zonemd.hashAlgorithm)
    writer.write(zonemd.digest)
  },
  parse: (text) => {
    const head = { serial: text.u32(), scheme: text.u8(), hashAlgorithm: text.u8() }
    return { ...head, digest: text.digest(zonemdOctets(head.scheme, head.hashAlgorithm)) }
  },
  format: (zonemd) =>
    fitsDigest(zonemd.digest, zonemdOctets(zonemd.scheme, zonemd.hashAlgorithm))
      ? `${zonemd.serial} ${zonemd.scheme} ${zonemd.hashAlgorithm} ${encodeHex(zonemd.digest)}`
      : undefined,
}

const LEAST_DIGEST = 12 // RFC 8976 §2.2.4
