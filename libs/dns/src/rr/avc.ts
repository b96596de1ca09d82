// AVC: what an application is, for those who watch and steer traffic.      IANA registration of AVC

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const AVC: RecordType<CharacterStrings> = characterStrings(258, 'AVC')
