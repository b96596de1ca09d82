// The body of a part without its transfer encoding, by the runtime's own decoders.
import { bodyRange, fieldsNamed, type Part } from '@scop/mime'

export function decodedPart(message: Uint8Array, part: Part): Uint8Array {
  const { start, end } = bodyRange(part)
  const body = Buffer.from(message.subarray(start, end))
  const encoding = fieldsNamed(part.header, 'Content-Transfer-Encoding').at(0)?.text.trim().toLowerCase()
  if (encoding === 'base64') return Uint8Array.from(Buffer.from(body.toString('latin1'), 'base64'))
  if (encoding !== 'quoted-printable') return body
  const text = body.toString('latin1').replace(/=\r?\n/g, '')
  return Uint8Array.from(
    Buffer.from(
      text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ),
  )
}
