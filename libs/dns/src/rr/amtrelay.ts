// AMTRELAY: a relay that tunnels multicast from the name.      RFC 8777 §4

import { formatGateway, type Gateway, parseGateway, readGateway, writeGateway } from './gateway.ts'
import type { RecordType } from './record-type.ts'

export type AmtrelayData = {
  readonly precedence: number
  /** The D bit: the gateway may discover the relay by itself. */
  readonly discoveryOptional: boolean
  readonly relay: Gateway
}

export const AMTRELAY: RecordType<AmtrelayData> = {
  code: 260,
  mnemonic: 'AMTRELAY',
  nameRule: 'as-is',
  read: (reader) => {
    const precedence = reader.u8()
    const type = reader.u8()
    return { precedence, discoveryOptional: type > 0x7f, relay: readGateway(reader, type & 0x7f) }
  },
  write: (writer, amt) => {
    writer.u8(amt.precedence)
    writer.u8(amt.relay.type | (amt.discoveryOptional ? 0x80 : 0))
    writeGateway(writer, amt.relay)
  },
  parse: (text) => {
    const precedence = text.u8()
    const discovery = text.u8()
    if (discovery > 1) text.fail('bad-value')
    return { precedence, discoveryOptional: discovery === 1, relay: parseGateway(text, text.u8()) }
  },
  format: (amt) => {
    const relay = formatGateway(amt.relay)
    if (relay === undefined) return undefined
    return `${amt.precedence} ${amt.discoveryOptional ? 1 : 0} ${amt.relay.type} ${relay}`
  },
}
