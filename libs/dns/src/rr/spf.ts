// SPF: who may send mail of the name; abolished, TXT has it.      RFC 7208 §3.1

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const SPF: RecordType<CharacterStrings> = characterStrings(99, 'SPF')
