// PTR: from an address back to a name.      RFC 1035 §3.3.12

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const PTR: RecordType<SingleName> = singleName(12, 'PTR')
