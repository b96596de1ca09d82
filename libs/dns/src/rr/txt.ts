// TXT: strings of at most 255 octets each.      RFC 1035 §3.3.14

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export type TxtData = CharacterStrings

export const TXT: RecordType<TxtData> = characterStrings(16, 'TXT')
