// WKS: which services of RFC 1010 an address has; not to be used.      RFC 1035 §3.4.2, RFC 1123 §2.2

import { encodeIpAddress, type IpAddress } from '@scop/identifiers'
import type { RdataText } from '../rdata-text.ts'
import { parseAddress, readAddress } from './a.ts'
import type { RecordType } from './record-type.ts'

export type WksData = {
  readonly address: IpAddress
  readonly protocol: number
  /** Ascending. */
  readonly ports: readonly number[]
}

export const WKS: RecordType<WksData> = {
  code: 11,
  mnemonic: 'WKS',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { address: readAddress(reader, 4).address, protocol: reader.u8() }
    const octets = reader.rest()
    if (octets.length > MOST_OCTETS) reader.fail('rdata-malformed')
    const ports: number[] = []
    for (const [i, octet] of octets.subarray(0, MOST_OCTETS).entries()) {
      for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >>> bit)) !== 0) ports.push(i * 8 + bit)
    }
    return { ...head, ports }
  },
  write: (writer, wks) => {
    writer.write(encodeIpAddress(wks.address))
    writer.u8(wks.protocol)
    const octets = new Uint8Array(Math.ceil((1 + (wks.ports.at(-1) ?? -1)) / 8))
    for (const port of wks.ports) octets[port >>> 3] = (octets[port >>> 3] ?? 0) | (0x80 >>> (port & 7))
    writer.write(octets)
  },
  parse: (text) => {
    const head = { address: parseAddress(text, 4).address, protocol: parseNamed(text, PROTOCOLS, 0xff) }
    const ports = new Set<number>()
    while (text.left > 0) ports.add(parseNamed(text, SERVICES, 0xffff))
    return { ...head, ports: [...ports].sort((a, b) => a - b) }
  },
  format: (wks) => {
    const protocol = [...PROTOCOLS].find(([, code]) => code === wks.protocol)?.[0] ?? wks.protocol
    return [wks.address, protocol, ...wks.ports].join(' ')
  },
}

function parseNamed(text: RdataText, names: ReadonlyMap<string, number>, max: number): number {
  const code = names.get(text.peek()?.text.toLowerCase() ?? '')
  if (code === undefined) return max === 0xff ? text.u8() : text.u16()
  text.word()
  return code
}

const MOST_OCTETS = 8192
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['ggp', 3],
  ['tcp', 6],
  ['egp', 8],
  ['udp', 17],
])
const SERVICES: ReadonlyMap<string, number> = new Map([
  ['tcpmux', 1],
  ['echo', 7],
  ['discard', 9],
  ['systat', 11],
  ['daytime', 13],
  ['qotd', 17],
  ['chargen', 19],
  ['ftp-data', 20],
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['mail', 25],
  ['time', 37],
  ['nameserver', 42],
  ['nicname', 43],
  ['whois', 43],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['tftp', 69],
  ['gopher', 70],
  ['finger', 79],
  ['http', 80],
  ['www', 80],
  ['kerberos', 88],
  ['hostname', 101],
  ['pop2', 109],
  ['pop3', 110],
  ['sunrpc', 111],
  ['auth', 113],
  ['sftp', 115],
  ['nntp', 119],
  ['ntp', 123],
  ['netbios-ns', 137],
  ['netbios-dgm', 138],
  ['netbios-ssn', 139],
  ['imap', 143],
  ['snmp', 161],
  ['snmptrap', 162],
  ['https', 443],
])
