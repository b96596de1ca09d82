// MR: the new name of a mailbox.      RFC 1035 §3.3.8

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const MR: RecordType<SingleName> = singleName(9, 'MR')
