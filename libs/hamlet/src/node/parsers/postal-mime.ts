// postal-mime. Its result is flat, so the tree of parts it made is taken from the parser (`root`, marked internal there).
// What it shows of a message in a message is read by another run of it, as it does itself.

import { DIFFERENCE_KINDS } from '../../differences.ts'
import { type Reading, READING_ADDRESS_FIELDS, type ReadingAddress, type ReadingPart } from '../../reading.ts'
import { loadModule, type MailParser, versionOf } from './parser.ts'

type Node = {
  readonly childNodes: readonly Node[]
  readonly contentType: { readonly parsed: Structured; readonly multipart: string | false }
  readonly contentDisposition: { readonly parsed: Structured }
  readonly content: ArrayBuffer | null
  getTextContent(): string
}
type Structured = { readonly value: string; readonly params: Readonly<Record<string, string | undefined>> }
type Address = { readonly name: string; readonly address?: string; readonly group?: readonly Address[] }
type Email = Readonly<Record<'subject' | 'date' | 'messageId', string | undefined>> &
  Readonly<Record<'from' | 'sender', Address | undefined>> &
  Readonly<Record<'replyTo' | 'to' | 'cc' | 'bcc', readonly Address[] | undefined>>
type Parser = { readonly root: Node; parse(octets: Uint8Array): Promise<Email> }

export async function postalMime(): Promise<MailParser> {
  const module = await loadModule('postal-mime')
  // as: the class that the module's documentation names; what it holds is read defensively by the comparison
  const PostalMime = module['default'] as new (options: object) => Parser
  const decodeWords = module['decodeWords'] as (text: string) => string
  return {
    name: 'postal-mime',
    version: await versionOf('postal-mime'),
    tells: new Set(DIFFERENCE_KINDS),
    read,
    close: async () => undefined,
  }

  async function read(octets: Uint8Array): Promise<Reading> {
    const parser = new PostalMime({ forceRfc822Attachments: true })
    const email = await parser.parse(octets)
    const date = email.date === undefined ? Number.NaN : Date.parse(email.date)
    return {
      root: await partOf(parser.root, 0),
      subject: email.subject,
      date: Number.isNaN(date) ? undefined : date,
      messageId: email.messageId?.replace(/^<|>$/g, ''),
      addresses: READING_ADDRESS_FIELDS.flatMap((field) => {
        const value = email[field === 'reply-to' ? 'replyTo' : field]
        return value === undefined ? [] : (Array.isArray(value) ? value : [value]).flatMap(flat)
      }),
    }
  }

  async function partOf(node: Node, depth: number): Promise<ReadingPart> {
    const { value: type, params } = node.contentType.parsed
    const name = node.contentDisposition.parsed.params['filename'] || params['name'] || undefined
    const part = {
      type,
      charset: type.startsWith('text/') ? params['charset']?.toLowerCase() : undefined,
      name: name === undefined ? undefined : decodeWords(name),
      disposition: node.contentDisposition.parsed.value || undefined,
    }
    if (node.contentType.multipart !== false) {
      const parts: ReadingPart[] = []
      for (const child of node.childNodes) parts.push(await partOf(child, depth))
      return { ...part, octets: undefined, text: undefined, parts }
    }
    const octets = new Uint8Array(node.content ?? new ArrayBuffer(0))
    if (type === 'message/rfc822' && depth < DEPTH) {
      const inner = new PostalMime({ forceRfc822Attachments: true })
      await inner.parse(octets)
      return { ...part, octets: undefined, text: undefined, parts: [await partOf(inner.root, depth + 1)] }
    }
    return { ...part, octets, text: type.startsWith('text/') ? node.getTextContent() : undefined, parts: [] }
  }
}

function flat(value: Address): readonly ReadingAddress[] {
  if (value.group !== undefined) return value.group.flatMap(flat)
  return [{ name: value.name, address: unquoted(value.address ?? '') }]
}

/** `"a b"@example.org` as `a b@example.org`: the quotes are how it is written, not what it is. */
export function unquoted(address: string): string {
  return address.replace(/^"((?:[^"\\]|\\.)*)"(?=@)/, (_, inner: string) => inner.replace(/\\(.)/g, '$1'))
}

const DEPTH = 10
