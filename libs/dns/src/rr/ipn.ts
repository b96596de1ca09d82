// IPN: the number of a node of the Bundle Protocol, of 64 bits; in text also its two halves with a dot between them.
// draft-johnson-dns-ipn-cla §3.1, RFC 9758 §3.2

import type { RecordType } from './record-type.ts'

export type IpnData = {
  /** The upper 32 bits: who has allocated the number. */
  readonly allocator: number
  readonly node: number
}

export const IPN: RecordType<IpnData> = {
  code: 264,
  mnemonic: 'IPN',
  nameRule: 'as-is',
  read: (reader) => ({ allocator: reader.u32(), node: reader.u32() }),
  write: (writer, { allocator, node }) => {
    writer.u32(allocator)
    writer.u32(node)
  },
  parse: (text) => {
    const word = text.word()
    const halves = /^([0-9]{1,10})\.([0-9]{1,10})$/.exec(word)
    const whole = /^[0-9]{1,20}$/.test(word) ? BigInt(word) : 2n ** 64n
    const allocator = halves === null ? Number(whole >> 32n) : Number(halves[1])
    const node = halves === null ? Number(whole & 0xffffffffn) : Number(halves[2])
    if (allocator > 0xffffffff || node > 0xffffffff) text.fail('bad-value')
    return { allocator, node }
  },
  format: ({ allocator, node }) => ((BigInt(allocator) << 32n) | BigInt(node)).toString(),
}
