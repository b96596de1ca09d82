// HIP: the host identity of the name, and where to meet it.      RFC 8005 §4

import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '@scop/octets'
import { formatName, type Name } from '../name.ts'
import type { RdataText } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type HipData = {
  readonly algorithm: number
  readonly hit: Uint8Array
  readonly publicKey: Uint8Array
  readonly rendezvousServers: readonly Name[]
}

export const HIP: RecordType<HipData> = {
  code: 55,
  mnemonic: 'HIP',
  nameRule: 'as-is',
  read: (reader) => {
    const hitOctets = reader.u8()
    const algorithm = reader.u8()
    const keyOctets = reader.u16()
    if (hitOctets === 0 || keyOctets === 0) reader.fail('rdata-malformed')
    const hit = reader.take(hitOctets)
    const publicKey = reader.take(keyOctets)
    const rendezvousServers: Name[] = []
    while (reader.left > 0) rendezvousServers.push(reader.uncompressedName())
    return { algorithm, hit, publicKey, rendezvousServers }
  },
  write: (writer, hip) => {
    writer.u8(hip.hit.length)
    writer.u8(hip.algorithm)
    writer.u16(hip.publicKey.length)
    writer.write(hip.hit)
    writer.write(hip.publicKey)
    for (const server of hip.rendezvousServers) writer.write(server.octets)
  },
  parse: (text) => {
    const head = { algorithm: text.u8(), hit: parseHit(text), publicKey: parseKey(text) }
    const rendezvousServers: Name[] = []
    while (text.left > 0) rendezvousServers.push(text.name())
    return { ...head, rendezvousServers }
  },
  format: (hip) =>
    [hip.algorithm, encodeHex(hip.hit), encodeBase64(hip.publicKey), ...hip.rendezvousServers.map(formatName)].join(
      ' ',
    ),
}

function parseHit(text: RdataText): Uint8Array {
  const hit = decodeHex(text.word())
  if (hit.ok && hit.value.length > 0 && hit.value.length <= 0xff) return hit.value
  text.fail('not-hex')
  return new Uint8Array(1)
}

/** One word: what follows it are names. */
function parseKey(text: RdataText): Uint8Array {
  const key = decodeBase64(text.word())
  if (key.ok && key.value.length > 0 && key.value.length <= 0xffff) return key.value
  text.fail('not-base64')
  return new Uint8Array(1)
}
