// The tree of a message as what it means. Every message has a meaning: bodies are decoded as far as they can be, lines of
// a header that are no field are left out. What the tree's limits made text is a leaf. RFC 2045 §2.4, §6; RFC 2046 §5.1, §5.2.1

import type { Entity, EntityBody } from './entity.ts'
import { bodyRange, type MessageTree, type OctetRange, type Part } from './message-tree.ts'
import { transferEncodingOf } from './part-fields.ts'
import { readField } from './read-field.ts'
import { decodeTransfer } from './transfer-decoder.ts'

/** `message` is what the tree was read from. Bodies that are not encoded are parts of it, not copies. */
export function readEntity(tree: MessageTree, message: Uint8Array): Entity {
  // Not a Buffer, whose parts are Buffers: octets are to be equal to octets.
  return readPart(tree.root, new Uint8Array(message.buffer, message.byteOffset, message.length))
}

// Recursion is as deep as the tree, which `MessageLimits.depth` bounds.
function readPart(part: Part, message: Uint8Array): Entity {
  return { fields: part.header.fields.map(readField), body: readBody(part, message) }
}

function readBody(part: Part, message: Uint8Array): EntityBody {
  const { content } = part
  const octets = ({ start, end }: OctetRange): Uint8Array => message.subarray(start, end)
  if (content.kind === 'message') return { kind: 'message', message: readPart(content.message, message) }
  if (content.kind === 'leaf') {
    return { kind: 'leaf', octets: decodeTransfer(octets(bodyRange(part)), transferEncodingOf(part.header)).octets }
  }
  return {
    kind: 'multipart',
    preamble: octets(content.preamble),
    parts: content.parts.map((entry) => readPart(entry.part, message)),
    epilogue: octets(content.epilogue),
  }
}
