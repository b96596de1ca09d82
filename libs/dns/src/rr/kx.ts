// KX: a host that exchanges keys for the name.      RFC 2230 §3.1

import { type PreferenceName, preferenceName } from './preference-name.ts'
import type { RecordType } from './record-type.ts'

export const KX: RecordType<PreferenceName> = preferenceName(36, 'KX', 'lowered')
