// NS: a server of the zone.      RFC 1035 §3.3.11

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const NS: RecordType<SingleName> = singleName(2, 'NS')
