// MG: a member of a mail group.      RFC 1035 §3.3.6

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const MG: RecordType<SingleName> = singleName(8, 'MG')
