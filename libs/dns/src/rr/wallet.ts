// WALLET: a currency and the address of a wallet.      IANA registration of WALLET

import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const WALLET: RecordType<CharacterStrings> = characterStrings(262, 'WALLET')
