// IPSECKEY: a key for IPsec with the name, and its gateway.      RFC 4025 §2

import { encodeBase64 } from '@scop/octets'
import { formatGateway, type Gateway, parseGateway, readGateway, writeGateway } from './gateway.ts'
import type { RecordType } from './record-type.ts'

export type IpseckeyData = {
  readonly precedence: number
  readonly algorithm: number
  readonly gateway: Gateway
  readonly publicKey: Uint8Array
}

export const IPSECKEY: RecordType<IpseckeyData> = {
  code: 45,
  mnemonic: 'IPSECKEY',
  nameRule: 'as-is',
  read: (reader) => {
    const precedence = reader.u8()
    const type = reader.u8()
    return { precedence, algorithm: reader.u8(), gateway: readGateway(reader, type), publicKey: reader.rest() }
  },
  write: (writer, key) => {
    writer.u8(key.precedence)
    writer.u8(key.gateway.type)
    writer.u8(key.algorithm)
    writeGateway(writer, key.gateway)
    writer.write(key.publicKey)
  },
  parse: (text) => {
    const precedence = text.u8()
    const type = text.u8()
    const algorithm = text.u8()
    const gateway = parseGateway(text, type)
    return { precedence, algorithm, gateway, publicKey: text.left === 0 ? new Uint8Array(0) : text.base64() }
  },
  format: (key) => {
    const gateway = formatGateway(key.gateway)
    if (gateway === undefined) return undefined
    return `${key.precedence} ${key.gateway.type} ${key.algorithm} ${gateway} ${encodeBase64(key.publicKey)}`.trimEnd()
  },
}
