// RKEY: a key that encrypts for the name, in the form of DNSKEY.      draft-reid-dnsext-rkey

import { DNSKEY, type DnskeyData } from './dnskey.ts'
import type { RecordType } from './record-type.ts'

export const RKEY: RecordType<DnskeyData> = { ...DNSKEY, code: 57, mnemonic: 'RKEY' }
