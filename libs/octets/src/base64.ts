// Base 64 and base 16, written one way only and read strictly.
// RFC 4648 §4 (base64), §8 (base16), §3.5 (canonical)

import { err, ok, type Result } from '@scop/result'

export type Base64Error = { readonly kind: 'not-base64' }
export type HexError = { readonly kind: 'not-hex' }

export function encodeBase64(octets: Uint8Array): string {
  return octets.toBase64()
}

/** Refuses white space, missing padding and non-zero padding bits. */
export function decodeBase64(text: string): Result<Uint8Array, Base64Error> {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return err({ kind: 'not-base64' })
  try {
    return ok(Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' }))
  } catch {
    return err({ kind: 'not-base64' })
  }
}

/** Lower case. */
export function encodeHex(octets: Uint8Array): string {
  return octets.toHex()
}

export function decodeHex(text: string): Result<Uint8Array, HexError> {
  if (text.length % 2 !== 0 || !HEX.test(text)) return err({ kind: 'not-hex' })
  return ok(Uint8Array.fromHex(text))
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const HEX = /^[0-9A-Fa-f]*$/
