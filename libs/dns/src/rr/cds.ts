// CDS: the DS that the child would like its parent to have.      RFC 7344 §3.1, RFC 8078 §4 (deletion)

import { DS, type DsData } from './ds.ts'
import type { RecordType } from './record-type.ts'

export const CDS: RecordType<DsData> = { ...DS, code: 59, mnemonic: 'CDS' }
