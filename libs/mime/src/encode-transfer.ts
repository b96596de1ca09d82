// A body in the transfer encoding that its header declares: `decodeTransfer` of the answer is the body, whatever it holds.
// RFC 2045 §6

import { concatOctets } from '@scop/octets'
import { Base64Encoder, QuotedPrintableEncoder, type TransferEncoder } from './transfer-encoder.ts'
import { transferEncodingNamed } from './transfer-encoding.ts'
import { UuencodeEncoder } from './uuencode-encoder.ts'
import { encodeYenc } from './yenc-encoder.ts'

/**
 * For a token in any letter case; none is `7bit`. The identities, and an encoding that nobody knows, leave the octets as
 * they are, checked by none. Of the others, no line is the delimiter of a multipart.
 */
export function encodeTransfer(octets: Uint8Array, encoding: string | undefined): Uint8Array {
  switch (encoding === undefined ? '7bit' : transferEncodingNamed(encoding)) {
    case 'base64':
      return encodeWith(new Base64Encoder(), octets)
    case 'quoted-printable':
      return encodeWith(new QuotedPrintableEncoder({ binary: false, dashes: true }), octets)
    case 'uuencode':
      return encodeWith(new UuencodeEncoder(), octets)
    case 'yenc':
      return encodeYenc(octets)
    case '7bit':
    case '8bit':
    case 'binary':
    case undefined:
      return octets
  }
}

function encodeWith(encoder: TransferEncoder, octets: Uint8Array): Uint8Array {
  return concatOctets([encoder.push(octets), encoder.end()])
}
