// The numbers of the DNS header: classes, opcodes, response codes.
// RFC 1035 §4.1.1, RFC 2136 §2.2 (UPDATE), RFC 6895 §2 (registries), RFC 8945 §3 (TSIG errors)

export const CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const

export const OPCODE = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const

export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  /** Extended: in the header of a message with OPT. */
  BADVERS: 16,
  /** RFC 7873 §5.2.4 */
  BADCOOKIE: 23,
} as const

/** Values of the TSIG error field, which is not the header's response code. RFC 8945 §3 */
export const TSIG_ERROR = { NOERROR: 0, BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const

/** `NXDOMAIN`, or `RCODE23` for one without a name here. */
export function formatRcode(rcode: number): string {
  for (const [name, code] of Object.entries(RCODE)) if (code === rcode) return name
  return `RCODE${rcode}`
}

/** `IN`, or `CLASS32` (RFC 3597 §5). */
export function formatClass(value: number): string {
  return CLASS_NAMES.get(value) ?? `CLASS${value}`
}

/** Reads `IN`, `in`, `CLASS1`; `undefined` for what is no class. */
export function parseClass(text: string): number | undefined {
  const upper = text.toUpperCase()
  const known = CLASS_CODES.get(upper)
  if (known !== undefined) return known
  const code = Number(/^CLASS(\d{1,5})$/.exec(upper)?.[1])
  return code <= 0xffff ? code : undefined
}

const CLASS_CODES: ReadonlyMap<string, number> = new Map(Object.entries(CLASS))
const CLASS_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(CLASS).map(([name, code]) => [code, name]))
