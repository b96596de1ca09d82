// The transfer decoder that a Content-Transfer-Encoding asks for.
// RFC 2045 §6.1 to §6.4

import { concatOctets } from '@scop/octets'
import { Base64Decoder } from './base64-decoder.ts'
import { QuotedPrintableDecoder } from './quoted-printable-decoder.ts'
import {
  DefectList,
  TRANSFER_LIMITS,
  type TransferDecoder,
  type TransferDefect,
  type TransferLimits,
} from './transfer-defect.ts'
import { transferEncodingNamed } from './transfer-encoding.ts'
import { UuencodeDecoder } from './uuencode-decoder.ts'
import { YencDecoder } from './yenc-decoder.ts'

export type DecodedBody = { readonly octets: Uint8Array; readonly defects: readonly TransferDefect[] }

/**
 * For a token as `parseTransferEncoding` answers it, in any letter case; none is `7bit`. One that is unknown leaves the
 * octets as they are, with the defect `unknown-encoding`.
 */
export function transferDecoder(
  encoding: string | undefined,
  limits: TransferLimits = TRANSFER_LIMITS,
): TransferDecoder {
  const name = encoding === undefined ? '7bit' : transferEncodingNamed(encoding)
  switch (name) {
    case 'base64':
      return new Base64Decoder(limits)
    case 'quoted-printable':
      return new QuotedPrintableDecoder(limits)
    case 'uuencode':
      return new UuencodeDecoder(limits)
    case 'yenc':
      return new YencDecoder(limits)
    case '7bit':
    case '8bit':
    case 'binary':
      return new IdentityDecoder(limits, true)
    case undefined:
      return new IdentityDecoder(limits, false)
  }
}

/** A body that is there as a whole. */
export function decodeTransfer(
  body: Uint8Array,
  encoding: string | undefined,
  limits: TransferLimits = TRANSFER_LIMITS,
): DecodedBody {
  const decoder = transferDecoder(encoding, limits)
  const first = decoder.push(body)
  const last = decoder.end()
  return { octets: last.length === 0 ? first : concatOctets([first, last]), defects: decoder.defects }
}

/** Answers the very chunks it is given. */
class IdentityDecoder implements TransferDecoder {
  readonly #list: DefectList

  constructor(limits: TransferLimits, known: boolean) {
    this.#list = new DefectList(limits)
    if (!known) this.#list.note('unknown-encoding', 0)
  }

  get defects(): readonly TransferDefect[] {
    return this.#list.noted
  }

  push(chunk: Uint8Array): Uint8Array {
    return chunk
  }

  end(): Uint8Array {
    return new Uint8Array(0)
  }
}
