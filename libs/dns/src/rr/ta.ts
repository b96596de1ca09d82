// TA: a trust anchor, in the form of DS.      IANA registration of TA

import { DS, type DsData } from './ds.ts'
import type { RecordType } from './record-type.ts'

export const TA: RecordType<DsData> = { ...DS, code: 32768, mnemonic: 'TA' }
