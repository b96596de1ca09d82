// CDNSKEY: the key of which the child would like its parent to have the DS.      RFC 7344 §3.2, RFC 8078 §4 (deletion)

import { DNSKEY, type DnskeyData } from './dnskey.ts'
import type { RecordType } from './record-type.ts'

export const CDNSKEY: RecordType<DnskeyData> = { ...DNSKEY, code: 60, mnemonic: 'CDNSKEY' }
