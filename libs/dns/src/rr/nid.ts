// NID: the node identifier of ILNP; L64 has the same form.      RFC 6742 §2.1

import type { RdataText } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type IlnpData = { readonly preference: number; readonly octets: Uint8Array }

export const NID: RecordType<IlnpData> = ilnp64(104, 'NID')

/** A preference and 64 bits, in text four groups of hexadecimal digits. */
export function ilnp64(code: number, mnemonic: string): RecordType<IlnpData> {
  return {
    code,
    mnemonic,
    nameRule: 'as-is',
    read: (reader) => ({ preference: reader.u16(), octets: reader.take(8) }),
    write: (writer, { preference, octets }) => {
      writer.u16(preference)
      writer.write(octets)
    },
    parse: (text) => ({ preference: text.u16(), octets: parseGroups(text) }),
    format: ({ preference, octets }) => `${preference} ${octets.toHex().replaceAll(/(?<=.)(?=(?:....)+$)/g, ':')}`,
  }
}

function parseGroups(text: RdataText): Uint8Array {
  const word = text.word()
  if (GROUPS.test(word)) {
    const digits = word.split(':').map((group) => group.padStart(4, '0'))
    return Uint8Array.fromHex(digits.join(''))
  }
  text.fail('bad-value')
  return new Uint8Array(8)
}

const GROUPS = /^[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){3}$/
