// MB: the host of a mailbox.      RFC 1035 §3.3.3

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const MB: RecordType<SingleName> = singleName(7, 'MB')
