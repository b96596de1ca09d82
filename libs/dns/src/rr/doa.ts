// DOA: a digital object, or where it is.      draft-durand-doa-over-dns §3

import { encodeBase64 } from '@scop/octets'
import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type DoaData = {
  readonly enterprise: number
  readonly type: number
  readonly location: number
  readonly mediaType: Uint8Array
  readonly octets: Uint8Array
}

export const DOA: RecordType<DoaData> = {
  code: 259,
  mnemonic: 'DOA',
  nameRule: 'as-is',
  read: (reader) => ({
    enterprise: reader.u32(),
    type: reader.u32(),
    location: reader.u8(),
    mediaType: reader.characterString(),
    octets: reader.rest(),
  }),
  write: (writer, doa) => {
    writer.u32(doa.enterprise)
    writer.u32(doa.type)
    writer.u8(doa.location)
    writer.characterString(doa.mediaType)
    writer.write(doa.octets)
  },
  parse: (text) => {
    const head = {
      enterprise: text.u32(),
      type: text.u32(),
      location: text.u8(),
      mediaType: text.characterString(),
    }
    // `-` stands for no data.
    if (text.peek()?.text !== '-') return { ...head, octets: text.base64() }
    text.word()
    return { ...head, octets: new Uint8Array(0) }
  },
  format: (doa) =>
    `${doa.enterprise} ${doa.type} ${doa.location} ${formatCharacterString(doa.mediaType)} ` +
    (encodeBase64(doa.octets) || '-'),
}
