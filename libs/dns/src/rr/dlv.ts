// DLV: a DS outside the parent; abolished.      RFC 4431 §2, RFC 8749 §2

import { DS, type DsData } from './ds.ts'
import type { RecordType } from './record-type.ts'

export const DLV: RecordType<DsData> = { ...DS, code: 32769, mnemonic: 'DLV' }
