// AFSDB: a server of an AFS cell or DCE cell; the subtype stands as the preference.      RFC 1183 §1, RFC 5864 §4

import { type PreferenceName, preferenceName } from './preference-name.ts'
import type { RecordType } from './record-type.ts'

export const AFSDB: RecordType<PreferenceName> = preferenceName(18, 'AFSDB', 'lowered')
