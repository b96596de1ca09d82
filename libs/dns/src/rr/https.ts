// HTTPS: SVCB for the schemes https and http.      RFC 9460 §9

import type { RecordType } from './record-type.ts'
import { SVCB, type SvcbData } from './svcb.ts'

export const HTTPS: RecordType<SvcbData> = { ...SVCB, code: 65, mnemonic: 'HTTPS' }
