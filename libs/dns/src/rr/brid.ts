// BRID: what an aircraft broadcasts of itself.      RFC 9886 §5.2

import { type OpaqueOctets, opaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const BRID: RecordType<OpaqueOctets> = opaqueOctets(68, 'BRID', 'base64')
