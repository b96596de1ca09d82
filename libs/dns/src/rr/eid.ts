// EID: an endpoint of Nimrod.      draft-ietf-nimrod-dns

import { type OpaqueOctets, opaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const EID: RecordType<OpaqueOctets> = opaqueOctets(31, 'EID', 'hex')
