// Base 32 with the extended hex alphabet, which keeps the order of the octets; without padding, as NSEC3 owners have it.
// RFC 4648 §7, RFC 5155 §1.3

import { err, ok, type Result } from '@scop/result'

/** Lower case. */
export function encodeBase32Hex(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const octet of octets) {
    held = ((held << 8) | octet) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >>> bits) & 31] ?? ''
    }
  }
  return bits === 0 ? text : text + (ALPHABET[(held << (5 - bits)) & 31] ?? '')
}

/** Refuses padding, other characters, and bits that are left over and not zero. */
export function decodeBase32Hex(text: string): Result<Uint8Array, { readonly kind: 'not-base32' }> {
  const octets = new Uint8Array(Math.floor((text.length * 5) / 8))
  let at = 0
  let bits = 0
  let held = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character.toLowerCase())
    if (value < 0 || character.length !== 1) return err({ kind: 'not-base32' })
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    octets[at++] = held >>> bits
  }
  const leftOver = held & ((1 << bits) - 1)
  return bits >= 5 || leftOver !== 0 ? err({ kind: 'not-base32' }) : ok(octets)
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuv'
