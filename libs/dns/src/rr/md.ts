// MD: the host with the mailbox of the name; obsolete, MX took its place.      RFC 1035 §3.3.4

import type { RecordType } from './record-type.ts'
import { type SingleName, singleName } from './single-name.ts'

export const MD: RecordType<SingleName> = singleName(3, 'MD')
