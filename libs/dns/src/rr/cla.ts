// CLA: the layers below an identifier of the Bundle Protocol.      draft-johnson-dns-ipn-cla

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const CLA: RecordType<CharacterStrings> = characterStrings(263, 'CLA')
