// DHCID: which DHCP client has the name.      RFC 4701 §3

import { type OpaqueOctets, opaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const DHCID: RecordType<OpaqueOctets> = opaqueOctets(49, 'DHCID', 'base64')
