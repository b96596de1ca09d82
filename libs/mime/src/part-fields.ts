// What a part's header says of its body: type, disposition, encoding, name; and the body decoded as it says.
// RFC 2045 §5, §6, §7; RFC 2183 §2; what cannot be read counts as absent

import { type DecodedText, decodeCharset } from './charset.ts'
import { type ContentDisposition, parseContentDisposition, partName } from './content-disposition.ts'
import { type ContentType, parseContentType } from './content-type.ts'
import { fieldsNamed, type HeaderSection } from './header-section.ts'
import { bodyRange, type Part } from './message-tree.ts'
import { parameterNamed } from './parameters.ts'
import { type DecodedBody, decodeTransfer } from './transfer-decoder.ts'
import { parseTransferEncoding } from './transfer-encoding.ts'

export type PartFields = {
  /** As in the header; `Part.type` has the default where it is absent. */
  readonly contentType: ContentType | undefined
  readonly disposition: ContentDisposition | undefined
  /** The token in lower case; absent is 7bit. */
  readonly transferEncoding: string | undefined
  /** The file name, foreign: it may hold any character. */
  readonly name: string | undefined
}

/** The first field of each name counts. */
export function readPartFields(part: Part): PartFields {
  const contentType = contentTypeOf(part.header)
  const shown = firstValue(part.header, 'Content-Disposition')
  const disposition = shown === undefined ? undefined : parseContentDisposition(shown)
  const fields = {
    contentType,
    disposition: disposition?.ok === true ? disposition.value : undefined,
    transferEncoding: transferEncodingOf(part.header),
  }
  return { ...fields, name: partName(fields.disposition, fields.contentType) }
}

function contentTypeOf(header: HeaderSection): ContentType | undefined {
  const value = firstValue(header, 'Content-Type')
  const contentType = value === undefined ? undefined : parseContentType(value)
  return contentType?.ok === true ? contentType.value : undefined
}

/** The token of the first Content-Transfer-Encoding, in lower case. */
export function transferEncodingOf(header: HeaderSection): string | undefined {
  const value = firstValue(header, 'Content-Transfer-Encoding')
  const encoding = value === undefined ? undefined : parseTransferEncoding(value)
  return encoding?.ok === true ? encoding.value.token : undefined
}

/** The body without its transfer encoding. What is made of parts has none. RFC 2045 §6.4 */
export function decodeBody(part: Part, message: Uint8Array): DecodedBody {
  const { start, end } = bodyRange(part)
  const body = message.subarray(start, end)
  if (part.content.kind !== 'leaf') return { octets: body, defects: [] }
  return decodeTransfer(body, transferEncodingOf(part.header))
}

/** The body as text, by its charset. */
export function decodeBodyText(part: Part, message: Uint8Array): DecodedText {
  const contentType = contentTypeOf(part.header)
  const charset = contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'charset')
  return decodeCharset(decodeBody(part, message).octets, charset)
}

function firstValue(header: HeaderSection, name: string): string | undefined {
  const field = fieldsNamed(header, name)[0]
  return field === undefined ? undefined : field.text
}
