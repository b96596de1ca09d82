// A6: the end of an IPv6 address, and the name that has its beginning; abolished.      RFC 2874 §3.1, RFC 6563

import { decodeIpAddress, encodeIpAddress } from '@scop/identifiers'
import { formatName, type Name, ROOT } from '../name.ts'
import { parseAddress } from './a.ts'
import type { RecordType } from './record-type.ts'

export type A6Data = {
  /** Bits of the address that the name has: 0 to 128. */
  readonly prefixBits: number
  /** The octets of the address in which the other bits lie. */
  readonly suffix: Uint8Array
  /** `undefined` where `prefixBits` is 0. */
  readonly prefixName: Name | undefined
}

export const A6: RecordType<A6Data> = {
  code: 38,
  mnemonic: 'A6',
  nameRule: 'lowered',
  read: (reader) => {
    const prefixBits = reader.u8()
    if (prefixBits > 128) reader.fail('rdata-malformed')
    const suffix = reader.take(suffixOctets(prefixBits))
    // RFC 2874 §3.1.1: bits that pad the suffix are zero.
    if (suffix.length > 0 && (suffix[0] ?? 0) >>> (8 - (prefixBits % 8)) > 0) reader.fail('rdata-malformed')
    return { prefixBits, suffix, prefixName: prefixBits === 0 ? undefined : reader.uncompressedName() }
  },
  write: (writer, a6) => {
    writer.u8(a6.prefixBits)
    writer.write(a6.suffix)
    if (a6.prefixName !== undefined) writer.uncompressedName(a6.prefixName)
  },
  parse: (text) => {
    const prefixBits = text.u8()
    if (prefixBits > 128) text.fail('bad-value')
    const count = suffixOctets(prefixBits)
    const suffix = new Uint8Array(count)
    if (count > 0) {
      suffix.set(encodeIpAddress(parseAddress(text, 6).address).slice(-count))
      suffix[0] = (suffix[0] ?? 0) & (0xff >>> (prefixBits % 8))
    }
    return { prefixBits, suffix, prefixName: prefixBits === 0 ? undefined : text.name() }
  },
  format: ({ prefixBits, suffix, prefixName }) => {
    const octets = new Uint8Array(16)
    octets.set(suffix, 16 - suffix.length)
    const address = decodeIpAddress(octets)
    const shown = suffix.length === 0 || !address.ok ? '' : ` ${address.value}`
    return `${prefixBits}${shown}${prefixBits === 0 ? '' : ` ${formatName(prefixName ?? ROOT)}`}`
  },
}

function suffixOctets(prefixBits: number): number {
  return prefixBits > 128 ? 0 : 16 - (prefixBits >>> 3)
}
