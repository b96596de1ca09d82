// NINFO: the state of a zone.      draft-reid-dnsext-zs

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const NINFO: RecordType<CharacterStrings> = characterStrings(56, 'NINFO')
