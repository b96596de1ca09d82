// MF: the host that forwards mail for the name; obsolete, MX took its place.      RFC 1035 §3.3.5

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const MF: RecordType<SingleName> = singleName(4, 'MF')
