// Zone files from text.

import { decodeUtf8 } from '@scop/octets'
import {
  checkZone,
  DEFAULT_LIMITS,
  formatRecord,
  formatZone,
  formatZoneFinding,
  parseName,
  parseRecords,
  parseZone,
  parseZoneFile,
  ROOT,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '$ORIGIN example.\n$TTL 1h\n@ SOA ns root ( 1 2h 3 ; comment\n 4 5 )\n@ NS ns\nns A 192.0.2.1\n  AAAA ::1\n',
  '@ 5 IN SOA a b 1 2 3 4 5\n@ NS a\nx TXT "a b" c\\032d \\# \ny TYPE65280 \\# 2 0aff\n_x._tcp SRV 1 2 3 .\n',
  '$TTL 5\n@ SOA a b 1 2 3 4 5\n@ NS a\n$GENERATE 1-5/2 h${0,3,x} A 192.0.2.$\n$INCLUDE a sub\n$INCLUDE b\n',
  'x 5 CAA 0 issue "a;b"\nx MX 10 m\nx TLSA 3 1 1 aa bb\nx DS 1 13 9 aabb\nx DNSKEY 257 3 15 AQID\n',
]

const FEW = { ...DEFAULT_LIMITS, zoneRecords: 1000, generatedRecords: 100, includeDepth: 2, zoneFileOctets: 100_000 }

/** `$INCLUDE x` reads the input again, under any name of one or two characters. */
const include = (text: string) => (path: string) => (path.length < 3 ? { file: path, text } : undefined)

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const text = decodeUtf8(input)
  const origin = parseName('example', ROOT)
  if (!text.ok || !origin.ok) return
  const records = parseRecords(text.value, origin.value, FEW, include(text.value))
  for (const record of records.ok ? records.value : []) {
    const again = parseRecords(formatRecord(record), ROOT)
    const [only] = again.ok ? again.value : []
    if (only === undefined || formatRecord(only) !== formatRecord(record))
      throw new Error(`cannot read again: ${formatRecord(record)}`)
  }
  const zone = parseZone(text.value, origin.value, FEW, include(text.value))
  const told = parseZoneFile(text.value, origin.value, FEW, include(text.value))
  if (told.ok !== zone.ok) throw new Error('telling all mistakes makes others of them')
  if (!zone.ok) {
    if (!told.ok && JSON.stringify(told.error[0]) !== JSON.stringify(zone.error))
      throw new Error(`the first mistake is ${zone.error.kind}, and of all it is ${told.error[0].kind}`)
    return
  }
  checkZone(zone.value).forEach(formatZoneFinding)
  const again = parseZone(formatZone(zone.value), origin.value)
  if (!again.ok) throw new Error(`the zone that was written cannot be read: ${again.error.kind}`)
  if (formatZone(again.value) !== formatZone(zone.value)) throw new Error('the zone, written and read again, differs')
}
