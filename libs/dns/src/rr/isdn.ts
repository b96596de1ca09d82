// ISDN: a telephone number, and a subaddress.      RFC 1183 §3.2

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const ISDN: RecordType<CharacterStrings> = characterStrings(20, 'ISDN', 1, 2)
