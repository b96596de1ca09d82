// All record types this library knows, and the numbers and names of those it only passes on.
// RFC 6895 §3.1 (numbers), RFC 3597 §5 (types without a name)

import { A } from './a.ts'
import { AAAA } from './aaaa.ts'
import { CAA } from './caa.ts'
import { CNAME } from './cname.ts'
import { DNSKEY } from './dnskey.ts'
import { DS } from './ds.ts'
import { MX } from './mx.ts'
import { NS } from './ns.ts'
import { OPT } from './opt.ts'
import { PTR } from './ptr.ts'
import type { RecordType } from './record-type.ts'
import { SOA } from './soa.ts'
import { SRV } from './srv.ts'
import { TLSA } from './tlsa.ts'
import { TSIG } from './tsig.ts'
import { TXT } from './txt.ts'

/** The type of this number; `undefined` for one whose data are opaque here. */
export function recordType(code: number): RecordType<unknown> | undefined {
  return BY_CODE.get(code)
}

/** `MX`, or `TYPE65280`. */
export function formatType(code: number): string {
  return BY_CODE.get(code)?.mnemonic ?? META_NAMES.get(code) ?? `TYPE${code}`
}

/** Reads `MX`, `mx`, `TYPE15`, `ANY`; `undefined` for what is no type known here. */
export function parseType(text: string): number | undefined {
  const upper = text.toUpperCase()
  const known = BY_NAME.get(upper)
  if (known !== undefined) return known
  const code = Number(/^TYPE(\d{1,5})$/.exec(upper)?.[1])
  return code <= 0xffff ? code : undefined
}

/** Types that are questions or hop-by-hop matter, never data of a zone. RFC 6895 §3.1 */
export function isMetaType(code: number): boolean {
  return code === OPT.code || code === 0 || (code >= 128 && code <= 255)
}

export const TYPE_ANY = 255
export const TYPE_AXFR = 252
export const TYPE_IXFR = 251

const TYPES: readonly RecordType<unknown>[] = [
  A,
  NS,
  CNAME,
  SOA,
  PTR,
  MX,
  TXT,
  AAAA,
  SRV,
  OPT,
  DS,
  DNSKEY,
  TLSA,
  TSIG,
  CAA,
]
const META_NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE_IXFR, 'IXFR'],
  [TYPE_AXFR, 'AXFR'],
  [253, 'MAILB'],
  [254, 'MAILA'],
  [TYPE_ANY, 'ANY'],
])
const BY_CODE: ReadonlyMap<number, RecordType<unknown>> = new Map(TYPES.map((type) => [type.code, type]))
const BY_NAME: ReadonlyMap<string, number> = new Map([
  ...TYPES.map((type): [string, number] => [type.mnemonic, type.code]),
  ...[...META_NAMES].map(([code, name]): [string, number] => [name, code]),
])
