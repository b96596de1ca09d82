// TALINK: the previous and the next name in a list of trust anchors.      draft-wijngaards-dnsop-trust-history

import type { RecordType } from './record-type.ts'
import { type TwoNames, twoNames } from './two-names.ts'

export const TALINK: RecordType<TwoNames> = twoNames(58, 'TALINK', 'as-is')
