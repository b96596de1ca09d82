// RT: a host that routes to the name, lowest preference first.      RFC 1183 §3.3

import { type PreferenceName, preferenceName } from './preference-name.ts'
import type { RecordType } from './record-type.ts'

export const RT: RecordType<PreferenceName> = preferenceName(21, 'RT', 'lowered')
