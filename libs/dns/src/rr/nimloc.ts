// NIMLOC: a locator of Nimrod.      draft-ietf-nimrod-dns

import { type OpaqueOctets, opaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const NIMLOC: RecordType<OpaqueOctets> = opaqueOctets(32, 'NIMLOC', 'hex')
