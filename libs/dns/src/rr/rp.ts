// RP: the mailbox of who is responsible for the name, and the name of TXT records about it.      RFC 1183 §2.2

import type { RecordType } from './record-type.ts'
import { type TwoNames, twoNames } from './two-names.ts'

export const RP: RecordType<TwoNames> = twoNames(17, 'RP', 'lowered')
