// The parts of a message as JMAP has them: what they are, how large they are decoded, which to show. A message in the
// message is a leaf: it is looked into as a message of its own. RFC 8621 §4.1.4 (EmailBodyPart)

import { languagesOf, locationOf } from './body-structure.ts'
import { chooseBodies } from './choose-bodies.ts'
import { fieldsNamed } from './header-section.ts'
import type { MessageTree, Part } from './message-tree.ts'
import { parameterNamed } from './parameters.ts'
import { parseMessageIds } from './parse-message-ids.ts'
import { decodeBody, readPartFields } from './part-fields.ts'

export type EmailBodyPart = {
  /** Places counted from 1, as `2.1`; a multipart has none. */
  readonly partId: string | undefined
  /** Octets of the body without its transfer encoding; 0 of a multipart. */
  readonly size: number
  /** Of the part, not of the whole message, in their order; values as they stand after the colon, still folded. */
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array }[]
  /** Foreign: it may hold any character. */
  readonly name: string | undefined
  readonly type: string
  /** `us-ascii` of text that names none. */
  readonly charset: string | undefined
  readonly disposition: string | undefined
  /** Without angle brackets. */
  readonly cid: string | undefined
  readonly language: readonly string[] | undefined
  readonly location: string | undefined
  /** Of a multipart only. */
  readonly subParts: readonly EmailBodyPart[] | undefined
}

export type EmailBodyParts = {
  readonly bodyStructure: EmailBodyPart
  readonly textBody: readonly EmailBodyPart[]
  readonly htmlBody: readonly EmailBodyPart[]
  readonly attachments: readonly EmailBodyPart[]
}

/** `message` is what the tree was read from. Each leaf is decoded, for its size. */
export function bodyPartsOf(tree: MessageTree, message: Uint8Array): EmailBodyParts {
  const made = new Map<Part, EmailBodyPart>()
  const bodyStructure = bodyPartOf(tree.root, message, made)
  const chosen = chooseBodies(tree)
  const find = (part: Part): EmailBodyPart => made.get(part) ?? bodyPartOf(part, message, made)
  return {
    bodyStructure,
    textBody: chosen.textBody.map(find),
    htmlBody: chosen.htmlBody.map(find),
    attachments: chosen.attachments.map(find),
  }
}

function bodyPartOf(part: Part, message: Uint8Array, made: Map<Part, EmailBodyPart>): EmailBodyPart {
  const { content, header, type, path } = part
  const isMultipart = content.kind === 'multipart'
  const { name, contentType, disposition } = readPartFields(part)
  const charset = contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'charset')
  const id = fieldsNamed(header, 'Content-ID')[0]
  const languages = languagesOf(part)
  const answer: EmailBodyPart = {
    partId: isMultipart ? undefined : path.length === 0 ? '1' : path.map((place) => place + 1).join('.'),
    size: isMultipart ? 0 : decodeBody(part, message).octets.length,
    headers: header.fields.map((field) => ({ name: field.name, value: field.value })),
    name,
    type,
    // RFC 8621 §4.1.4: us-ascii where text has no charset, and none where it is not text
    charset: type.startsWith('text/') ? (charset ?? 'us-ascii') : undefined,
    disposition: disposition?.disposition,
    cid: id === undefined ? undefined : parseMessageIds(id.text).ids[0],
    language: languages.length > 0 ? languages : undefined,
    location: locationOf(part),
    subParts: isMultipart ? content.parts.map((entry) => bodyPartOf(entry.part, message, made)) : undefined,
  }
  made.set(part, answer)
  return answer
}
