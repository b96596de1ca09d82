// A reading: what every reader of mail says of a message in some form, so that two of them can be compared.

import { decodeCharset, type Entity, type EntityField, parameterNamed, partName } from '@scop/mime'
import { contentTypeOf } from './expected.ts'

export type ReadingPart = {
  /** Lower case, `text/plain`. */
  readonly type: string
  /** Of text, as the part names it, in lower case. */
  readonly charset: string | undefined
  readonly name: string | undefined
  readonly disposition: string | undefined
  /** Of a leaf, without transfer encoding; undefined where the reader does not give them. */
  readonly octets: Uint8Array | undefined
  /** Of a leaf that is text; undefined where the reader does not give it. */
  readonly text: string | undefined
  /** Of a multipart, and the one of a message; a leaf has none. */
  readonly parts: readonly ReadingPart[]
}

export type ReadingAddress = { readonly name: string; readonly address: string }

export type Reading = {
  readonly root: ReadingPart
  readonly subject: string | undefined
  /** Milliseconds since 1970. */
  readonly date: number | undefined
  /** Without angle brackets. */
  readonly messageId: string | undefined
  /** From, Sender, Reply-To, To, Cc, Bcc in this order; members of groups in their place. */
  readonly addresses: readonly ReadingAddress[]
}

export const READING_ADDRESS_FIELDS = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'] as const

export function readingOf(entity: Entity): Reading {
  const date = firstOf(entity, 'date')
  const messageId = firstOf(entity, 'message-id')
  const subject = firstOf(entity, 'subject')
  return {
    root: readingPart(entity),
    subject: subject?.kind === 'unstructured' ? subject.text : undefined,
    date: date?.kind === 'date' ? date.date.epochMilliseconds : undefined,
    messageId: messageId?.kind === 'message-ids' ? messageId.ids[0] : undefined,
    addresses: READING_ADDRESS_FIELDS.flatMap((name) => addressesIn(entity, name)),
  }
}

function readingPart(entity: Entity): ReadingPart {
  const contentType = contentTypeOf(entity)
  const shown = firstOf(entity, 'content-disposition')
  const disposition = shown?.kind === 'content-disposition' ? shown.disposition : undefined
  const isText = contentType.type === 'text'
  const charset = isText ? parameterNamed(contentType.parameters, 'charset') : undefined
  const { body } = entity
  return {
    type: body.kind === 'message' && contentType.type !== 'message' ? 'message/rfc822' : typeName(contentType),
    charset: charset?.toLowerCase(),
    name: partName(disposition, contentType),
    disposition: disposition?.disposition,
    octets: body.kind === 'leaf' ? body.octets : undefined,
    text: body.kind === 'leaf' && isText ? decodeCharset(body.octets, charset).text : undefined,
    parts:
      body.kind === 'multipart'
        ? body.parts.map(readingPart)
        : body.kind === 'message'
          ? [readingPart(body.message)]
          : [],
  }
}

function addressesIn(entity: Entity, name: string): readonly ReadingAddress[] {
  return entity.fields.flatMap((field) => {
    if (field.name.toLowerCase() !== name || field.kind !== 'addresses') return []
    return field.addresses.flatMap((one) => (one.kind === 'group' ? one.members : [one])).map(readingAddress)
  })
}

type Mailbox = Extract<Extract<EntityField, { kind: 'addresses' }>['addresses'][number], { kind: 'mailbox' }>
const readingAddress = ({ displayName, localPart, domain }: Mailbox): ReadingAddress => ({
  name: displayName ?? '',
  address: domain === '' ? localPart : `${localPart}@${domain}`,
})

function firstOf({ fields }: Entity, name: string): EntityField | undefined {
  return fields.find((field) => field.name.toLowerCase() === name)
}

const typeName = ({ type, subtype }: { readonly type: string; readonly subtype: string }): string =>
  `${type}/${subtype}`
