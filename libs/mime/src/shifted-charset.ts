// Charsets that write two-octet characters in seven bits, between shifts: their octets as the eight-bit charset that has the
// same characters. What is outside of the shifts is ASCII, as is the beginning of every line. Reading only.
// RFC 1557 §2 (ISO-2022-KR), RFC 1843 (HZ)

export type Unshifted = {
  /** Not longer than what was given. An octet that does not belong where it stood became 0xFF, which neither charset has. */
  readonly octets: Uint8Array
  readonly charset: 'euc-kr' | 'gbk'
}

// single-byte-seq = SO-free octets; double-byte-seq = SO *( 2OCTET ) SI; the designator ESC $ ) C stands anywhere in ASCII
export function unshiftIso2022Kr(octets: Uint8Array): Unshifted {
  const eight = new Uint8Array(octets.length)
  let length = 0
  let shifted = false
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number // as: at < length
    if (octet === LF) shifted = false
    if (octet === SO || octet === SI) shifted = octet === SO
    else if (octet === ESC && DESIGNATOR.every((expected, i) => octets[at + 1 + i] === expected))
      at += DESIGNATOR.length
    else eight[length++] = shifted ? inTwoOctetSet(octet) : octet < 0x80 ? octet : BAD
  }
  return { octets: eight.subarray(0, length), charset: 'euc-kr' }
}

// "~~" is a tilde, "~{" and "~}" shift, "~" before a line end takes it away
export function unshiftHz(octets: Uint8Array): Unshifted {
  const eight = new Uint8Array(octets.length)
  let length = 0
  let shifted = false
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number // as: at < length
    const next = octets[at + 1]
    if (octet === LF) shifted = false
    if (shifted && !(octet === TILDE && next === CLOSE)) {
      eight[length++] = inTwoOctetSet(octet)
    } else if (octet !== TILDE) eight[length++] = octet < 0x80 ? octet : BAD
    else if (next === OPEN || next === CLOSE) {
      shifted = next === OPEN
      at++
    } else if (next === TILDE) {
      eight[length++] = TILDE
      at++
    } else if (next === LF) at++
    else if (next === CR && octets[at + 2] === LF) at += 2
    else eight[length++] = BAD
  }
  return { octets: eight.subarray(0, length), charset: 'gbk' }
}

/** Line ends and blanks stay what they are. */
const inTwoOctetSet = (octet: number): number =>
  octet > 0x20 && octet < 0x7f ? octet | 0x80 : octet <= 0x20 ? octet : BAD

const BAD = 0xff
const LF = 0x0a
const CR = 0x0d
const SO = 0x0e
const SI = 0x0f
const ESC = 0x1b
const DESIGNATOR = [0x24, 0x29, 0x43] // $)C
const TILDE = 0x7e
const OPEN = 0x7b
const CLOSE = 0x7d
