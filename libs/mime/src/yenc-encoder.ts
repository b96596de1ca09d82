// Bodies written in yEnc: one part, lines of 128 columns. It needs a transport for 8 bits. A dash or dot at a line start is
// escaped, so that no line is the delimiter of a multipart. yEnc draft 1.3 (yenc.org), §2 to §4

import { concatOctets, encodeAscii } from '@scop/octets'

/** The size stands at the front, so a body is encoded as a whole. */
export function encodeYenc(octets: Uint8Array): Uint8Array {
  // Two for an escape, and a line end after no less than 128
  const encoded = new Uint8Array(octets.length * 2 + Math.ceil((octets.length * 2) / LINE_COLUMNS) * 2)
  let length = 0
  let column = 0
  for (let at = 0; at < octets.length; at++) {
    const octet = ((octets[at] as number) + 42) & 0xff // as: at < length
    const escaped = CRITICAL.has(octet) || (column === 0 && (octet === DASH || octet === DOT))
    if (escaped) encoded[length++] = EQUALS
    encoded[length++] = escaped ? (octet + 64) & 0xff : octet
    column += escaped ? 2 : 1
    if (column < LINE_COLUMNS && at + 1 < octets.length) continue
    encoded[length++] = CR
    encoded[length++] = LF
    column = 0
  }
  const size = octets.length
  return concatOctets([
    encodeAscii(`=ybegin line=${LINE_COLUMNS} size=${size} name=body\r\n`),
    encoded.subarray(0, length),
    encodeAscii(`=yend size=${size}\r\n`),
  ])
}

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
const DOT = 0x2e
const EQUALS = 0x3d
const CRITICAL: ReadonlySet<number> = new Set([0x00, LF, CR, EQUALS])
const LINE_COLUMNS = 128
