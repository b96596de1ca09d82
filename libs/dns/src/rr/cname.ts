// CNAME: the name is an alias of this one.      RFC 1035 §3.3.1, RFC 2181 §10.1

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const CNAME: RecordType<SingleName> = singleName(5, 'CNAME')
