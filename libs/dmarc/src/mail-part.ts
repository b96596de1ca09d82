// The body of a part, decoded.                                                                    RFC 2045 §6.1

import { bodyRange, decodeTransfer, fieldsNamed, type Part, parseTransferEncoding } from '@scop/mime'

export function decodedBody(message: Uint8Array, part: Part): Uint8Array {
  const { start, end } = bodyRange(part)
  const field = fieldsNamed(part.header, 'Content-Transfer-Encoding').at(0)
  const encoding = field && parseTransferEncoding(field.text)
  return decodeTransfer(message.subarray(start, end), encoding?.ok === true ? encoding.value.token : undefined).octets
}
