// Everything that this repository does with a message that it reads, done to one message.

import {
  bodyStructureOf,
  chooseBodies,
  decodeBody,
  decodeBodyText,
  decodeComment,
  decodeEncodedWords,
  decodePhrase,
  decodeUnstructured,
  envelopeOf,
  type Field,
  fieldValue,
  formatMessage,
  HeaderReader,
  MessageTreeReader,
  type MessageTree,
  parseAddressList,
  parseAuthenticationResults,
  parseContentDisposition,
  parseContentType,
  parseDate,
  parseListCommand,
  parseListId,
  parseMessage,
  parseMessageIds,
  parseMimeVersion,
  parseReceived,
  parseTransferEncoding,
  previewText,
  readPartFields,
  reportAmbiguities,
  type TransferDecoder,
  TransportFactsReader,
  transferDecoder,
  unfold,
  walkParts,
  withHeader,
} from '@scop/mime'
import { encodeAscii, equalOctets } from '@scop/octets'

export function useEverything(message: Uint8Array): void {
  const tree = parseMessage(message)
  if (!equalOctets(formatMessage(tree, message), message)) throw new Error('The message is not given back')
  withHeader(tree, [], { prepend: [encodeAscii('X-Added: 1\r\n')] })
  reportAmbiguities(tree, message)
  envelopeOf(tree.root.header)
  bodyStructureOf(tree.root, message)
  chooseBodies(tree)
  previewText(tree, message)
  for (const part of walkParts(tree.root)) {
    for (const field of part.header.fields) readField(field)
    readPartFields(part)
    if (part.content.kind !== 'leaf') continue
    if (part.type.startsWith('text/')) decodeBodyText(part, message)
    else decodeBody(part, message)
  }
  readInPieces(cut(message))
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
      const token = encoding === undefined ? undefined : parseTransferEncoding(unfold(fieldValue(encoding)))
      decoder = transferDecoder(token?.ok === true ? token.value.token : undefined)
      decoder.push(read.value.rest)
      header = undefined
    } else if (read?.ok === false) header = undefined
    else decoder?.push(piece)
  }
  decoder?.end()
  return reader.finish()
}

/** As its name says, and as text with encoded words. */
function readField(field: Field): void {
  const value = unfold(fieldValue(field))
  decodeUnstructured(value)
  READERS[field.name.toLowerCase()]?.(value)
}

function* cut(message: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < message.length; at += CHUNK) yield message.subarray(at, at + CHUNK)
}

function readAddresses(value: string): void {
  const parsed = parseAddressList(value)
  if (!parsed.ok) return
  for (const address of parsed.value) decodeEncodedWords(address.displayName ?? '')
}

const CHUNK = 16 * 1024
const READERS: Readonly<Record<string, (value: string) => unknown>> = {
  from: readAddresses,
  sender: readAddresses,
  'reply-to': readAddresses,
  to: (value) => {
    readAddresses(value)
    decodePhrase(value)
    decodeComment(value)
  },
  cc: readAddresses,
  bcc: readAddresses,
  date: (value) => parseDate(value),
  'message-id': (value) => parseMessageIds(value),
  references: (value) => parseMessageIds(value),
  received: (value) => parseReceived(value),
  'authentication-results': (value) => parseAuthenticationResults(value),
  'list-unsubscribe': (value) => parseListCommand(value),
  'list-id': (value) => parseListId(value),
  'mime-version': parseMimeVersion,
  'content-type': (value) => parseContentType(value),
  'content-disposition': (value) => parseContentDisposition(value),
  'content-transfer-encoding': parseTransferEncoding,
}
