// SMIMEA: which certificate signs the mail of a mailbox.      RFC 8162 §2

import { TLSA, type TlsaData } from './tlsa.ts'
import type { RecordType } from './record-type.ts'

export const SMIMEA: RecordType<TlsaData> = { ...TLSA, code: 53, mnemonic: 'SMIMEA' }
