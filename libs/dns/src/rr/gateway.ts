// The gateway of IPSECKEY and the relay of AMTRELAY: nothing, an address, or a name, as a type octet says.
// RFC 4025 §2.3, §2.5, RFC 8777 §4.2.3

import { encodeIpAddress, type IpAddress } from '@scop/identifiers'
import { formatName, type Name } from '../name.ts'
import type { RdataText } from '../rdata-text.ts'
import type { WireReader } from '../wire-reader.ts'
import type { WireWriter } from '../wire-writer.ts'
import { parseAddress, readAddress } from './a.ts'

export type Gateway =
  | { readonly type: 0 }
  | { readonly type: 1 | 2; readonly address: IpAddress }
  | { readonly type: 3; readonly name: Name }
  /** A type that nobody has defined: the rest of the data, whatever they are. */
  | { readonly type: number; readonly octets: Uint8Array }

export function readGateway(reader: WireReader, type: number): Gateway {
  if (type === 0) return { type }
  if (type === 1 || type === 2) return { type, address: readAddress(reader, type === 1 ? 4 : 16).address }
  // RFC 4025 §2.5: not compressed.
  return type === 3 ? { type, name: reader.uncompressedName() } : { type, octets: reader.rest() }
}

export function writeGateway(writer: WireWriter, gateway: Gateway): void {
  if ('address' in gateway) writer.write(encodeIpAddress(gateway.address))
  else if ('name' in gateway) writer.write(gateway.name.octets)
  else if ('octets' in gateway) writer.write(gateway.octets)
}

export function parseGateway(text: RdataText, type: number): Gateway {
  if (type === 1 || type === 2) return { type, address: parseAddress(text, type === 1 ? 4 : 6).address }
  if (type === 3) return { type, name: text.name() }
  if (text.word() !== '.' || type !== 0) text.fail('bad-value')
  return { type: 0 }
}

/** `undefined` where there is no text for it. */
export function formatGateway(gateway: Gateway): string | undefined {
  if ('address' in gateway) return gateway.address
  if ('name' in gateway) return formatName(gateway.name)
  return gateway.type === 0 ? '.' : undefined
}
