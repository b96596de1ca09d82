// DS: the digest of a child zone's key, in the parent.      RFC 4034 §5

import { encodeHex } from '@scop/octets'
import { parseAlgorithm } from './algorithm.ts'
import { DS_DIGEST_OCTETS, fitsDigest } from './digest-octets.ts'
import type { RecordType } from './record-type.ts'

export type DsData = {
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  readonly digest: Uint8Array
}

export const DS: RecordType<DsData> = {
  code: 43,
  mnemonic: 'DS',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { keyTag: reader.u16(), algorithm: reader.u8(), digestType: reader.u8() }
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, digest: reader.rest() }
  },
  write: (writer, ds) => {
    writer.u16(ds.keyTag)
    writer.u8(ds.algorithm)
    writer.u8(ds.digestType)
    writer.write(ds.digest)
  },
  parse: (text) => {
    const head = { keyTag: text.u16(), algorithm: parseAlgorithm(text), digestType: text.u8() }
    return { ...head, digest: text.digest(DS_DIGEST_OCTETS.get(head.digestType)) }
  },
  format: (ds) =>
    fitsDigest(ds.digest, DS_DIGEST_OCTETS.get(ds.digestType))
      ? `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${encodeHex(ds.digest)}`
      : undefined,
}
