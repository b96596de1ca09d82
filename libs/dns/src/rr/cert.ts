// CERT: a certificate, a revocation list, or where they are.      RFC 4398 §2

import { encodeBase64 } from '@scop/octets'
import type { RdataText } from '../rdata-text.ts'
import { parseAlgorithm } from './algorithm.ts'
import type { RecordType } from './record-type.ts'

export type CertData = {
  readonly certificateType: number
  readonly keyTag: number
  readonly algorithm: number
  readonly certificate: Uint8Array
}

export const CERT: RecordType<CertData> = {
  code: 37,
  mnemonic: 'CERT',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { certificateType: reader.u16(), keyTag: reader.u16(), algorithm: reader.u8() }
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, certificate: reader.rest() }
  },
  write: (writer, cert) => {
    writer.u16(cert.certificateType)
    writer.u16(cert.keyTag)
    writer.u8(cert.algorithm)
    writer.write(cert.certificate)
  },
  parse: (text) => ({
    certificateType: parseCertificateType(text),
    keyTag: text.u16(),
    algorithm: parseAlgorithm(text),
    certificate: text.base64(),
  }),
  format: (cert) =>
    `${NAMES.get(cert.certificateType) ?? cert.certificateType} ${cert.keyTag} ${cert.algorithm} ` +
    encodeBase64(cert.certificate),
}

function parseCertificateType(text: RdataText): number {
  const code = CODES.get(text.peek()?.text.toUpperCase() ?? '')
  if (code === undefined) return text.u16()
  text.word()
  return code
}

// RFC 4398 §2.1
const CODES: ReadonlyMap<string, number> = new Map([
  ['PKIX', 1],
  ['SPKI', 2],
  ['PGP', 3],
  ['IPKIX', 4],
  ['ISPKI', 5],
  ['IPGP', 6],
  ['ACPKIX', 7],
  ['IACPKIX', 8],
  ['URI', 253],
  ['OID', 254],
])
const NAMES: ReadonlyMap<number, string> = new Map(Array.from(CODES, ([name, code]) => [code, name]))
