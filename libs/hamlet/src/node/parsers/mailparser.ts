// mailparser: the class MailParser, whose tree of parts is read when it has ended; attachments come as streams, in the order
// of their parts. Text comes as text, its octets do not.

import type { Readable, Transform } from 'node:stream'
import { DIFFERENCE_KINDS } from '../../differences.ts'
import { type Reading, READING_ADDRESS_FIELDS, type ReadingAddress, type ReadingPart } from '../../reading.ts'
import { loadModule, type MailParser, versionOf } from './parser.ts'
import { unquoted } from './postal-mime.ts'

type Node = {
  readonly node: {
    readonly contentType?: string | false
    readonly disposition?: string | false
    readonly filename?: string | false
    readonly charset?: string | false
    readonly messageNode?: boolean
  }
  readonly contentType?: string | false
  readonly isAttachment?: boolean
  readonly textContent?: string
  readonly children: readonly Node[]
}
type Address = { readonly name: string; readonly address?: string; readonly group?: readonly Address[] }
type AddressObject = { readonly value: readonly Address[] }
type Attachment = { readonly type: 'attachment'; readonly content: Readable; release(): void }
type Parser = Transform & { readonly tree: Node | false; readonly headers: ReadonlyMap<string, unknown> | false }

export async function mailparser(): Promise<MailParser> {
  const module = await loadModule('mailparser')
  // as: the class that the module's documentation names
  const Parser = module['MailParser'] as new (options: object) => Parser
  return {
    name: 'mailparser',
    version: await versionOf('mailparser'),
    tells: new Set(DIFFERENCE_KINDS.filter((kind) => kind !== 'line-ends')),
    read,
    close: async () => undefined,
  }

  async function read(octets: Uint8Array): Promise<Reading> {
    const parser = new Parser({ skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true })
    const attachments: Uint8Array[] = []
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    parser.on('error', reject)
    parser.on('end', resolve)
    parser.on('data', (item: Attachment | { readonly type: 'text' }) => {
      if (item.type !== 'attachment') return
      const chunks: Uint8Array[] = []
      item.content.on('data', (chunk: Uint8Array) => chunks.push(chunk))
      item.content.on('error', reject)
      item.content.on('end', () => {
        attachments.push(Buffer.concat(chunks))
        item.release()
      })
    })
    parser.end(Buffer.from(octets))
    await promise
    const { headers, tree } = parser
    if (tree === false || headers === false) throw new Error('no message')
    const date = headers.get('date')
    const messageId = headers.get('message-id')
    const subject = headers.get('subject')
    return {
      root: partOf(tree, attachments.values()),
      subject: typeof subject === 'string' ? subject : undefined,
      date: date instanceof Date && !Number.isNaN(date.getTime()) ? date.getTime() : undefined,
      messageId: typeof messageId === 'string' ? messageId.replace(/^<|>$/g, '') : undefined,
      addresses: READING_ADDRESS_FIELDS.flatMap((field) => addressesOf(headers.get(field))),
    }
  }
}

function partOf(found: Node, attachments: ArrayIterator<Uint8Array>): ReadingPart {
  const { node, textContent } = found
  const type = found.contentType || 'text/plain'
  const isLeaf = !type.startsWith('multipart/') && !(type === 'message/rfc822' && node.messageNode === true)
  const octets: Uint8Array | undefined = isLeaf && found.isAttachment === true ? attachments.next().value : undefined
  return {
    type,
    charset: type.startsWith('text/') ? (node.charset || undefined)?.toLowerCase() : undefined,
    name: node.filename || undefined,
    disposition: node.disposition || undefined,
    octets: octets === undefined ? undefined : new Uint8Array(octets),
    text: isLeaf && found.isAttachment !== true ? (textContent ?? '') : undefined,
    parts: isLeaf ? [] : found.children.map((child) => partOf(child, attachments)),
  }
}

function addressesOf(value: unknown): readonly ReadingAddress[] {
  // as: what the headers of that name hold, by its documentation; twice the field is an array of them
  const objects = (Array.isArray(value) ? value : value === undefined ? [] : [value]) as readonly AddressObject[]
  return objects.flatMap((object) => object.value).flatMap(flat)
}

function flat(value: Address): readonly ReadingAddress[] {
  if (value.group !== undefined) return value.group.flatMap(flat)
  return [{ name: value.name, address: unquoted(value.address ?? '') }]
}
