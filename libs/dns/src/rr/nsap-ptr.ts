// NSAP-PTR: from an OSI address back to a name.      RFC 1348 §3

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const NSAP_PTR: RecordType<SingleName> = singleName(23, 'NSAP-PTR', 'as-is')
