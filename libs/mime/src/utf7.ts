// UTF-7: reading only, for old mail. Nobody should write it: its ASCII octets can spell what a filter did not see.
// RFC 2152

import type { DecodedText } from './charset.ts'

// utf7 = *( direct / "+-" / "+" 1*base64-char ["-"] )
export function decodeUtf7(octets: Uint8Array): DecodedText {
  let text = ''
  let broken = false
  let at = 0
  const units: number[] = []
  const flush = (): void => {
    text += String.fromCharCode(...units)
    units.length = 0
  }
  while (at < octets.length) {
    const octet = octets[at++] as number // as: at < length
    if (octet !== PLUS) {
      if (octet > 0x7f) broken = true
      units.push(octet > 0x7f ? REPLACEMENT : octet)
    } else if (octets[at] === MINUS) {
      units.push(PLUS)
      at++
    } else {
      let bits = 0
      let count = 0
      let first = true
      for (; at < octets.length; at++, first = false) {
        const value = SEXTETS[octets[at] as number] as number // as: at < length, 256 entries
        if (value < 0) break
        bits = ((bits << 6) | value) & 0x3fffff
        count += 6
        if (count < 16) continue
        count -= 16
        units.push((bits >> count) & 0xffff)
        if (units.length > PIECE) flush()
      }
      if (first || count >= 6 || (bits & ((1 << count) - 1)) !== 0) broken = true
      if (octets[at] === MINUS) at++
    }
    if (units.length > PIECE) flush()
  }
  flush()
  if (!text.isWellFormed()) {
    broken = true
    text = text.toWellFormed()
  }
  return { text, charset: 'utf-7', defects: broken ? ['undecodable-octets'] : [] }
}

const PIECE = 1024
const PLUS = 0x2b
const MINUS = 0x2d
const REPLACEMENT = 0xfffd
const SEXTETS = new Int8Array(256).fill(-1)
for (let i = 0; i < 64; i++) {
  SEXTETS['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i
}
