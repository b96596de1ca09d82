// Everything that this repository does with a message that it reads, done to one message.

import {
  bodyStructureOf,
  chooseBodies,
  decodeBody,
  decodeBodyText,
  decodeComment,
  decodeEncodedWords,
  decodePhrase,
  envelopeOf,
  type Field,
  formatMessage,
  HeaderReader,
  MessageTreeReader,
  type MessageTree,
  parseAddressList,
  parseMessage,
  parseTransferEncoding,
  previewText,
  readEntity,
  readPartFields,
  reportAmbiguities,
  type TransferDecoder,
  TransportFactsReader,
  transferDecoder,
  walkParts,
  withHeader,
} from '@scop/mime'
import { encodeAscii, equalOctets } from '@scop/octets'

export function useEverything(message: Uint8Array): void {
  readWhole(message)
  readInPieces(cut(message))
}

function readWhole(message: Uint8Array): void {
  const tree = parseMessage(message)
  if (!equalOctets(formatMessage(tree, message), message)) throw new Error('The message is not given back')
  withHeader(tree, [], { prepend: [encodeAscii('X-Added: 1\r\n')] })
  reportAmbiguities(tree, message)
  envelopeOf(tree.root.header)
  bodyStructureOf(tree.root, message)
  chooseBodies(tree)
  previewText(tree, message)
  readEntity(tree, message)
  for (const part of walkParts(tree.root)) {
    for (const field of part.header.fields) readField(field)
    readPartFields(part)
    if (part.content.kind !== 'leaf') continue
    if (part.type.startsWith('text/')) decodeBodyText(part, message)
    else decodeBody(part, message)
  }
}

/** What can be done without holding the message. The body of a leaf is decoded as it comes. */
export function readInPieces(pieces: Iterable<Uint8Array>): MessageTree {
  const reader = new MessageTreeReader()
  const facts = new TransportFactsReader()
  let header: HeaderReader | undefined = new HeaderReader()
  let decoder: TransferDecoder | undefined
  for (const piece of pieces) {
    reader.feed(piece)
    facts.feed(piece)
    const read = header?.feed(piece)
    if (read?.ok === true && read.value.kind === 'header') {
      const encoding = read.value.header.fields.find(({ name }) => name === 'Content-Transfer-Encoding')
      const token = encoding === undefined ? undefined : parseTransferEncoding(encoding.text)
      decoder = transferDecoder(token?.ok === true ? token.value.token : undefined)
      decoder.push(read.value.rest)
      header = undefined
    } else if (read?.ok === false) header = undefined
    else decoder?.push(piece)
  }
  decoder?.end()
  return reader.finish()
}

/** What is not yet read in `readEntity`. */
function readField(field: Field): void {
  if (ADDRESSES.test(field.name)) readAddresses(field.text)
}

function* cut(message: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < message.length; at += CHUNK) yield message.subarray(at, at + CHUNK)
}

function readAddresses(value: string): void {
  decodePhrase(value)
  decodeComment(value)
  const parsed = parseAddressList(value)
  if (!parsed.ok) return
  for (const address of parsed.value) decodeEncodedWords(address.displayName ?? '')
}

const CHUNK = 16 * 1024
const ADDRESSES = /^(?:From|Sender|Reply-To|To|Cc|Bcc)$/
