// LP: the name of a subnetwork that has L32 or L64 records.      RFC 6742 §2.4

import { type PreferenceName, preferenceName } from './preference-name.ts'
import type { RecordType } from './record-type.ts'

export const LP: RecordType<PreferenceName> = preferenceName(107, 'LP', 'as-is')
