// The zone and the questions of the authority's benchmark: 1,000 hosts, signed with P-256 and NSEC by BIND's tools; 55 % A,
// 20 % AAAA, 13 % MX, TXT and TLSA, 7 % names that are not there, 2 % under a wildcard, 3 % below a delegation.

import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from './section.ts'

export const ORIGIN = 'bench.example'

export async function makeSignedZone(lab: Lab): Promise<string> {
  const file = path.join(lab.directory, 'zone')
  writeFileSync(file, zoneText(1000))
  const key = (await lab.run('dnssec-keygen', ['-q', '-a', 'ECDSAP256SHA256', '-f', 'KSK', ORIGIN])).trim()
  const zoneKey = (await lab.run('dnssec-keygen', ['-q', '-a', 'ECDSAP256SHA256', ORIGIN])).trim()
  const keys = readdirSync(lab.directory).filter((name) => name.endsWith('.key'))
  if (keys.length !== 2) throw new Error(`${key} ${zoneKey}: ${keys.length} keys`)
  await lab.run('dnssec-signzone', ['-q', '-S', '-o', ORIGIN, '-f', 'signed', 'zone'])
  return path.join(lab.directory, 'signed')
}

export function zoneText(hosts: number): string {
  const lines = [
    '$TTL 3600',
    `$ORIGIN ${ORIGIN}.`,
    '@ SOA ns1 hostmaster 1 7200 900 1209600 300',
    '@ NS ns1',
    '@ NS ns2',
    '@ MX 10 mail',
    '@ TXT "v=spf1 mx -all"',
    'ns1 A 127.0.0.12',
    'ns2 A 127.0.0.20',
    'mail A 127.0.0.25',
    'mail AAAA ::1',
    '_25._tcp.mail TLSA 3 1 1 0011223344556677889900112233445566778899001122334455667788990011',
    '*.wild A 127.0.0.99',
    '*.wild TXT "wild"',
  ]
  for (let i = 0; i < hosts; i++)
    lines.push(`h${i} A 127.1.${i >>> 8}.${i & 255}`, `h${i} AAAA 2001:db8::${i.toString(16)}`)
  for (let i = 0; i < 50; i++)
    lines.push(
      `d${i} MX 10 mail`,
      `d${i} TXT "v=spf1 include:${ORIGIN} -all"`,
      `s${i} NS ns.s${i}`,
      `ns.s${i} A 127.0.0.${i}`,
    )
  return `${lines.join('\n')}\n`
}

/** In a fixed order, mixed. */
export function questions(count: number): string {
  let seed = 1
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  const lines: string[] = []
  for (let i = 0; i < count; i++) {
    const part = random(100)
    if (part < 55) lines.push(`h${random(1000)}.${ORIGIN} A`)
    else if (part < 75) lines.push(`h${random(1000)}.${ORIGIN} AAAA`)
    else if (part < 80) lines.push(`d${random(50)}.${ORIGIN} MX`)
    else if (part < 84) lines.push(`d${random(50)}.${ORIGIN} TXT`)
    else if (part < 88) lines.push(`_25._tcp.mail.${ORIGIN} TLSA`)
    else if (part < 95) lines.push(`x${random(1_000_000)}.${ORIGIN} A`)
    else if (part < 97) lines.push(`w${random(1000)}.wild.${ORIGIN} A`)
    else lines.push(`www.s${random(50)}.${ORIGIN} A`)
  }
  return `${lines.join('\n')}\n`
}

/** Names from the `first` on, of which none comes twice: three of four are not there, the others below a wildcard. */
export function freshQuestions(count: number, first: number): string {
  const question = (i: number): string => `q${i}${i % 4 === 0 ? '.wild' : ''}.${ORIGIN} A\n`
  return Array.from({ length: count }, (_, i) => question(first + i)).join('')
}

export const namedConfiguration = (directory: string, address: string, file: string): string => `
options { directory "${directory}"; listen-on port 53 { ${address}; }; listen-on-v6 { none; }; recursion no; notify no;
  dnssec-validation no; pid-file none; session-keyfile none; lock-file none; allow-transfer { any; }; };
controls { };
zone "${ORIGIN}" { type primary; file "${file}"; };
`
