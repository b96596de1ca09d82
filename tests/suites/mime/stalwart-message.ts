// A message in the form in which mail-parser (Rust) writes it as JSON: its parts in one list, with the fields, the decoded
// bodies and the offsets of each, and the three lists of what to show. The rules that level conventions have names.

import {
  bodyRange,
  childrenOf,
  chooseBodies,
  decodeBody,
  decodeCharset,
  type MessageTree,
  type Part,
  parameterNamed,
  parseMessage,
  readPartFields,
} from '@scop/mime'
import { isMessageForm, type MessageForm, type PartForm } from './stalwart-form.ts'
import { fieldJson, fieldName } from './stalwart-values.ts'

/** What we read. Of `expected` it is asked which bodies the form leaves undecoded, and nothing else. */
export function messageJson(octets: Uint8Array, expected?: MessageForm): MessageForm {
  const tree = parseMessage(octets)
  return rootJson(tree.root, tree, octets, expected)
}

function rootJson(root: Part, tree: MessageTree, octets: Uint8Array, expected?: MessageForm): MessageForm {
  const parts = partsOf(root)
  const place = new Map(parts.map((part, index) => [part, index]))
  const chosen = chooseBodies({ ...tree, root })
  const places = (list: readonly Part[]): readonly number[] => list.map((part) => place.get(part) ?? -1)
  return {
    html_body: places(chosen.htmlBody),
    text_body: places(chosen.textBody),
    attachments: places(parts.filter((part) => chosen.attachments.includes(part) || isWithoutParts(part))),
    parts: parts.map((part, index) => partJson(part, place, tree, octets, expected?.parts[index])),
  }
}

/** Rule `multipart-without-parts`: one that has no delimiter is a text there, and attached. RFC 2046 §5.1 wants a part. */
function isWithoutParts({ content }: Part): boolean {
  return content.kind === 'multipart' && content.parts.length === 0
}

/** The parts of one message, outer before inner; those of messages in it are theirs. */
function partsOf(part: Part): readonly Part[] {
  return part.content.kind === 'multipart' ? [part, ...childrenOf(part).flatMap(partsOf)] : [part]
}

function partJson(
  part: Part,
  place: ReadonlyMap<Part, number>,
  tree: MessageTree,
  octets: Uint8Array,
  expected: PartForm | undefined,
): PartForm {
  const { start, end } = bodyRange(part)
  const body = decodeBody(part, octets)
  return {
    headers: part.header.fields.map((field) => ({
      name: fieldName(field.name),
      value: fieldJson(field),
      offset_field: part.range.start + field.offset,
      offset_start: part.range.start + field.offset + field.valueStart,
      offset_end: part.range.start + field.offset + field.octets.length,
    })),
    is_encoding_problem: body.defects.length > 0 || isUnfinished(part, octets),
    body: bodyJson(part, place, tree, octets, expected),
    offset_header: part.range.start,
    offset_body: start,
    offset_end: end,
  }
}

/** Rule `unfinished-part`: a part that ends with the message, without a delimiter, is a problem of its encoding there. */
const isUnfinished = ({ path, range, content }: Part, octets: Uint8Array): boolean =>
  content.kind === 'leaf' && path.length > 0 && range.end === octets.length

function bodyJson(
  part: Part,
  place: ReadonlyMap<Part, number>,
  tree: MessageTree,
  octets: Uint8Array,
  expected: PartForm | undefined,
): PartForm['body'] {
  const { content, type } = part
  const { start, end } = bodyRange(part)
  const undecoded = octets.subarray(start, end)
  if (isWithoutParts(part)) return { Text: text(part, undecoded) }
  if (content.kind === 'multipart') return { Multipart: childrenOf(part).map((child) => place.get(child) ?? -1) }
  if (content.kind === 'message') return { Message: rootJson(content.message, tree, octets, innerOf(expected)) }
  // Rule `undecodable-is-attached`: a body whose encoding is broken is there as it stands.
  if (expected?.is_encoding_problem === true && 'Text' in expected.body) return { Text: text(part, undecoded) }
  // Rule `encoded-message`: a message that is encoded is read from what it decodes to; its offsets begin at 0.
  if (type === 'message/rfc822' || type === 'message/global')
    return { Message: messageJson(decodeBody(part, octets).octets, innerOf(expected)) }
  const { transferEncoding } = readPartFields(part)
  // Rule `uuencode-is-not-read`: the form has such bodies as they stand.
  const reads = transferEncoding === undefined || READ_BY_THE_FORM.has(transferEncoding)
  const body = reads ? decodeBody(part, octets).octets : undecoded
  if (type === 'text/html') return { Html: text(part, body) }
  if (type.startsWith('text/')) return { Text: text(part, body) }
  return { Binary: [...body] }
}

function innerOf(expected: PartForm | undefined): MessageForm | undefined {
  const inner = expected?.body['Message']
  return isMessageForm(inner) ? inner : undefined
}

function text(part: Part, body: Uint8Array): string {
  const { contentType } = readPartFields(part)
  return decodeCharset(body, contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'charset'))
    .text
}

const READ_BY_THE_FORM: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable'])
