// RESINFO: what a resolver can do, as key and value.      RFC 9606 §3

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const RESINFO: RecordType<CharacterStrings> = characterStrings(261, 'RESINFO')
