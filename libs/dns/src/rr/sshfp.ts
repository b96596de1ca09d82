// SSHFP: the fingerprint of an SSH host key.      RFC 4255 §3, RFC 6594, RFC 7479

import { encodeHex } from '@scop/octets'
import { FINGERPRINT_OCTETS, fitsDigest } from './digest-octets.ts'
import type { RecordType } from './record-type.ts'

export type SshfpData = {
  readonly algorithm: number
  readonly fingerprintType: number
  readonly fingerprint: Uint8Array
}

export const SSHFP: RecordType<SshfpData> = {
  code: 44,
  mnemonic: 'SSHFP',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { algorithm: reader.u8(), fingerprintType: reader.u8() }
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, fingerprint: reader.rest() }
  },
  write: (writer, sshfp) => {
    writer.u8(sshfp.algorithm)
    writer.u8(sshfp.fingerprintType)
    writer.write(sshfp.fingerprint)
  },
  parse: (text) => {
    const head = { algorithm: text.u8(), fingerprintType: text.u8() }
    return { ...head, fingerprint: text.digest(FINGERPRINT_OCTETS.get(head.fingerprintType)) }
  },
  format: (sshfp) =>
    fitsDigest(sshfp.fingerprint, FINGERPRINT_OCTETS.get(sshfp.fingerprintType))
      ? `${sshfp.algorithm} ${sshfp.fingerprintType} ${encodeHex(sshfp.fingerprint)}`
      : undefined,
}
