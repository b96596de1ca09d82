// HINFO: the processor and the operating system; also what a server gives instead of ANY.      RFC 1035 §3.3.2, RFC 8482 §4.2

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const HINFO: RecordType<CharacterStrings> = characterStrings(13, 'HINFO', 2, 2)
