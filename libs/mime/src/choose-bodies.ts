// Which parts a reader shows as the message, as plain text or as HTML, and which as attachments.
// RFC 8621 §4.1.4 (the algorithm there; a disposition that is unknown is an attachment, RFC 2183 §2.8)

import type { MessageTree, Part } from './message-tree.ts'
import { type PartFields, readPartFields } from './part-fields.ts'

export type ChosenBodies = {
  /** To show in this order to one who wants plain text; HTML where there is no other. */
  readonly textBody: readonly Part[]
  readonly htmlBody: readonly Part[]
  /** Everything else, messages in the message among them. */
  readonly attachments: readonly Part[]
}

export function chooseBodies(tree: MessageTree): ChosenBodies {
  const chosen = { textBody: [], htmlBody: [], attachments: [] }
  choose([tree.root], 'mixed', false, chosen.textBody, chosen.htmlBody, chosen.attachments)
  return chosen
}

function choose(
  parts: readonly Part[],
  multipart: string,
  inAlternative: boolean,
  text: Part[] | undefined,
  html: Part[] | undefined,
  attachments: Part[],
): void {
  const textLength = text?.length ?? -1
  const htmlLength = html?.length ?? -1
  // An inner part of alternatives ends the choice for the one that it is not.
  let textBody = text
  let htmlBody = html
  parts.forEach((part, place) => {
    const { content, type } = part
    if (content.kind === 'multipart') {
      const inner = content.parts.map((entry) => entry.part)
      const subtype = type.slice('multipart/'.length)
      choose(inner, subtype, inAlternative || subtype === 'alternative', textBody, htmlBody, attachments)
    } else if (!isInline(part, readPartFields(part), place, multipart)) attachments.push(part)
    else if (multipart === 'alternative') {
      if (type === 'text/plain') textBody?.push(part)
      else if (type === 'text/html') htmlBody?.push(part)
      else attachments.push(part)
    } else {
      if (inAlternative && type === 'text/plain') htmlBody = undefined
      if (inAlternative && type === 'text/html') textBody = undefined
      textBody?.push(part)
      htmlBody?.push(part)
      if ((textBody === undefined || htmlBody === undefined) && isMedia(type)) attachments.push(part)
    }
  })
  if (multipart !== 'alternative' || textBody === undefined || htmlBody === undefined) return
  if (textLength === textBody.length && htmlLength !== htmlBody.length) textBody.push(...htmlBody.slice(htmlLength))
  else if (htmlLength === htmlBody.length && textLength !== textBody.length)
    htmlBody.push(...textBody.slice(textLength))
}

function isInline(part: Part, fields: PartFields, place: number, multipart: string): boolean {
  const { type, content } = part
  if (content.kind !== 'leaf' || (fields.disposition !== undefined && fields.disposition.disposition !== 'inline')) {
    return false
  }
  if (type !== 'text/plain' && type !== 'text/html' && !isMedia(type)) return false
  return place === 0 || (multipart !== 'related' && (isMedia(type) || fields.name === undefined))
}

const isMedia = (type: string): boolean =>
  type.startsWith('image/') || type.startsWith('audio/') || type.startsWith('video/')
