// Ours, for the benchmark: the tree, every field of the message as text, the usual ones typed, each part's type,
// disposition, encoding and name, the decoded octets of each leaf, the text of each text leaf.

import {
  decodeBody,
  decodeBodyText,
  decodeUnstructured,
  fieldsNamed,
  type HeaderSection,
  parseDate,
  parseHeaderSection,
  parseMessage,
  parseMessageIds,
  readAddressList,
  readPartFields,
  walkParts,
} from '@scop/mime'
import { expectOk } from '@scop/result'

export function full(message: Uint8Array): unknown {
  const tree = parseMessage(message)
  const parts: unknown[] = []
  for (const part of walkParts(tree.root)) {
    const fields = readPartFields(part)
    if (part.content.kind !== 'leaf') parts.push({ fields })
    else if (part.type.startsWith('text/')) parts.push({ fields, text: decodeBodyText(part, message) })
    else parts.push({ fields, body: decodeBody(part, message) })
  }
  return { fields: fieldsOf(tree.root.header), parts, defects: tree.defects }
}

export function headers(message: Uint8Array): unknown {
  return fieldsOf(expectOk(parseHeaderSection(message), 'read the header').header)
}

/** There is nothing to cut off: the reader stops there. */
export const cutHeaders = headers

function fieldsOf(header: HeaderSection): unknown {
  const all = header.fields.map((field) => ({ name: field.name, value: field.text }))
  const first = (name: string): string | undefined => {
    const field = fieldsNamed(header, name)[0]
    return field === undefined ? undefined : all[header.fields.indexOf(field)]?.value
  }
  const ids = (name: string): unknown => parseMessageIds(first(name) ?? '').ids
  const date = first('Date')
  const subject = first('Subject')
  return {
    all,
    addresses: ADDRESSES.map((name) => addressesOf(first(name))),
    subject: subject === undefined ? undefined : decodeUnstructured(subject),
    date: date === undefined ? undefined : parseDate(date),
    messageId: ids('Message-ID'),
    inReplyTo: ids('In-Reply-To'),
    references: ids('References'),
  }
}

function addressesOf(value: string | undefined): unknown {
  return value === undefined ? undefined : readAddressList(value).addresses
}

const ADDRESSES = ['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc'] as const
