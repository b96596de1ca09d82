// X25: a PSDN address.      RFC 1183 §3.1

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const X25: RecordType<CharacterStrings> = characterStrings(19, 'X25', 1, 1)
