// ATMA: an ATM address, as digits of E.164 after `+` or as an end system address in hexadecimal.      ATM Forum af-dans-0152.000 §5

import { decodeHex, decodeLatin1, encodeHex, encodeLatin1 } from '@scop/octets'
import type { RecordType } from './record-type.ts'

export type AtmaData = {
  /** 0: an end system address, 1: E.164. */
  readonly format: number
  readonly address: Uint8Array
}

export const ATMA: RecordType<AtmaData> = {
  code: 34,
  mnemonic: 'ATMA',
  nameRule: 'as-is',
  read: (reader) => {
    const format = reader.u8()
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { format, address: reader.rest() }
  },
  write: (writer, atma) => {
    writer.u8(atma.format)
    writer.write(atma.address)
  },
  parse: (text) => {
    const word = text.word()
    const digits = word.replaceAll('.', '')
    if (/^\+[0-9]+$/.test(digits)) return { format: 1, address: encodeLatin1(digits.slice(1)) }
    const address = decodeHex(digits)
    if (address.ok && address.value.length > 0) return { format: 0, address: address.value }
    text.fail('not-hex')
    return { format: 0, address: new Uint8Array(1) }
  },
  format: ({ format, address }) => {
    if (format === 0) return encodeHex(address)
    const digits = decodeLatin1(address)
    return format === 1 && /^[0-9]+$/.test(digits) ? `+${digits}` : undefined
  },
}
