// L64: a 64-bit locator of ILNP.      RFC 6742 §2.3

import { type IlnpData, ilnp64 } from './nid.ts'
import type { RecordType } from './record-type.ts'

export const L64: RecordType<IlnpData> = ilnp64(106, 'L64')
