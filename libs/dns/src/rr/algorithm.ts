// DNSSEC algorithm numbers and their mnemonics in text.      RFC 4034 Appendix A.1, RFC 8624 §3.1, RFC 8080 §6

import type { RdataText } from '../rdata-text.ts'

/** A number, or a mnemonic of the registry, or one of those that BIND writes without hyphens. */
export function parseAlgorithm(text: RdataText): number {
  const code = ALGORITHMS[text.peek()?.text.toUpperCase() ?? '']
  if (code === undefined) return text.u8()
  text.word()
  return code
}

const ALGORITHMS: Readonly<Record<string, number | undefined>> = {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  NSEC3DSA: 6,
  'RSASHA1-NSEC3-SHA1': 7,
  NSEC3RSASHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECCGOST: 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  SM2SM3: 17,
  'ECC-GOST12': 23,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
}
