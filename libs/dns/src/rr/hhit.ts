// HHIT: a registered identity of an aircraft.      RFC 9886 §5.1

import { type OpaqueOctets, opaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const HHIT: RecordType<OpaqueOctets> = opaqueOctets(67, 'HHIT', 'base64')
