// Messages of a transfer that we take, cut from the input; and ranges of addresses as text.

import {
  decodeMessage,
  encodeTransferRequest,
  parseName,
  parseZone,
  ROOT,
  TransferReader,
  type Zone,
  zoneRecords,
} from '../src/index.ts'

const NOW = 1_700_000_000
const origin = parseName('org', ROOT)
if (!origin.ok) throw new Error('unreachable')
const zone = origin.value
const HEAD = '0001 8400 0001 0003 0000 0000 036f7267 00 00fc 0001'
const SOA = (serial: string): string =>
  `c00c 0006 0001 0000003c 0018 0161 00 00 ${serial} 00000002 00000003 00000004 00000005`
const framed = (text: string): Uint8Array => {
  const octets = Uint8Array.fromHex(text.replaceAll(' ', ''))
  return Uint8Array.of(octets.length >>> 8, octets.length, ...octets)
}

export const seeds: readonly (string | Uint8Array)[] = [
  framed(`${HEAD} ${SOA('00000001')} c00c 0002 0001 0000003c 0004 016e c00c ${SOA('00000001')}`),
  framed(`${HEAD.replace('00fc', '00fb')} ${SOA('00000002')} ${SOA('00000001')} ${SOA('00000002')}`),
]

let before: Zone | undefined

export function fuzz(input: Uint8Array): void {
  before ??= readBefore()
  for (const old of [undefined, before]) {
    const sent = encodeTransferRequest({ id: 1, zone, transport: 'tcp', ...(old && { before: old }) }, NOW)
    const reader = new TransferReader(sent)
    for (let at = 0; at + 2 <= input.length; ) {
      const length = ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0)
      const octets = input.subarray(at + 2, at + 2 + length)
      const result = reader.push(octets, NOW)
      if (!result.ok) break
      if (!decodeMessage(octets).ok) throw new Error('took a message that cannot be read')
      if (result.value !== undefined) {
        if ('zone' in result.value && zoneRecords(result.value.zone).length === 0) throw new Error('a zone of nothing')
        break
      }
      at += 2 + length
    }
  }
}

function readBefore(): Zone {
  const read = parseZone('@ 60 SOA a. . 1 2 3 4 5\n@ NS n\n', zone)
  if (!read.ok) throw new Error('unreachable')
  return read.value
}
