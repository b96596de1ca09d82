// GPOS: longitude, latitude and altitude as decimal numbers; LOC took its place.      RFC 1712 §3

import { decodeLatin1 } from '@scop/octets'
import { formatCharacterString } from '../rdata-text.ts'
import { type CharacterStrings, characterStrings } from './character-strings.ts'
import type { RecordType } from './record-type.ts'

export const GPOS: RecordType<CharacterStrings> = {
  ...characterStrings(27, 'GPOS', 3, 3),
  format: ({ strings }) => strings.map(formatNumber).join(' '),
}

function formatNumber(octets: Uint8Array): string {
  const text = decodeLatin1(octets)
  return /^[-+]?[0-9]+(?:\.[0-9]+)?$/.test(text) ? text : formatCharacterString(octets)
}
