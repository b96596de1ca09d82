// MINFO: who answers for a mail list, and where its errors go.      RFC 1035 §3.3.7

import type { RecordType } from './record-type.ts'
import { type TwoNames, twoNames } from './two-names.ts'

export const MINFO: RecordType<TwoNames> = twoNames(14, 'MINFO', 'compressed')
