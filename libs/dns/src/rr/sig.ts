// SIG: what RRSIG was before; today only the SIG(0) of a signed message.      RFC 2535 §4, RFC 2931 §3

import type { RecordType } from './record-type.ts'
import { RRSIG, type RrsigData } from './rrsig.ts'

export const SIG: RecordType<RrsigData> = {
  ...RRSIG,
  code: 24,
  mnemonic: 'SIG',
  // RFC 3597 §4: its signer is read compressed too.
  read: (reader) => {
    const head = {
      typeCovered: reader.u16(),
      algorithm: reader.u8(),
      labels: reader.u8(),
      originalTtlSeconds: reader.u32(),
      expiration: reader.u32(),
      inception: reader.u32(),
      keyTag: reader.u16(),
      signer: reader.name(),
    }
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, signature: reader.rest() }
  },
}
