// CAA: who may issue certificates for the name.      RFC 8659 §4

import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type CaaData = { readonly flags: number; readonly tag: string; readonly value: Uint8Array }

export const CAA: RecordType<CaaData> = {
  code: 257,
  mnemonic: 'CAA',
  nameRule: 'as-is',
  read: (reader) => {
    const flags = reader.u8()
    const tag = decodeLatin1(reader.characterString())
    if (!TAG.test(tag)) reader.fail('rdata-malformed')
    return { flags, tag, value: reader.rest() }
  },
  write: (writer, caa) => {
    writer.u8(caa.flags)
    writer.characterString(encodeLatin1(caa.tag))
    writer.write(caa.value)
  },
  parse: (text) => {
    const flags = text.u8()
    const tag = text.word()
    if (!TAG.test(tag)) text.fail('bad-value')
    return { flags, tag, value: text.octets() }
  },
  format: (caa) => `${caa.flags} ${caa.tag} ${formatCharacterString(caa.value)}`,
}

const TAG = /^[A-Za-z0-9]{1,255}$/ // RFC 8659 §4.1
