// OPENPGPKEY: an OpenPGP key of a mailbox.      RFC 7929 §2

import { type OpaqueOctets, opaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const OPENPGPKEY: RecordType<OpaqueOctets> = opaqueOctets(61, 'OPENPGPKEY', 'base64')
