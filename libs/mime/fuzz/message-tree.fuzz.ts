// Laws: any cut gives the same tree; the tree gives the message again; a field put on a part's header changes nothing else.

import assert from 'node:assert/strict'
import { concatOctets, encodeAscii, equalOctets } from '@scop/octets'
import { formatMessage, MessageTreeReader, parseMessage, walkParts, withHeader } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'A: 1\r\n\r\nbody',
  'Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nX: y\r\n\r\ntwo\r\n--b--\r\nend\r\n',
  'Content-Type: multipart/digest; boundary="a"\n\n--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/x;boundary=aa\n\n--aa\n--aa--\n--a--',
  'content-type: message/rfc822\r\ncontent-transfer-encoding: base64\r\n\r\nQQ==',
]

export const structure = 'message'

export function fuzz(given: Uint8Array): void {
  const input = new Uint8Array(given) // no Buffer, which is not deeply equal to what is copied
  const tree = parseMessage(input)
  assert.ok(equalOctets(formatMessage(tree, input), input))
  assert.equal(tree.octets, input.length)
  const reader = new MessageTreeReader()
  const step = 1 + ((input[0] ?? 0) % 7)
  for (let at = 0; at < input.length; at += step) reader.feed(input.subarray(at, at + step))
  assert.deepEqual(reader.finish(), tree)
  let left = 8
  for (const part of walkParts(tree.root)) {
    if (left-- === 0) break
    const changed = withHeader(tree, part.path, { prepend: [FIELD] })
    if (!changed.ok) continue
    const { start } = part.range
    const octets = formatMessage(changed.value, input)
    assert.ok(equalOctets(octets, concatOctets([input.subarray(0, start), FIELD, input.subarray(start)])))
    const again = parseMessage(octets)
    assert.deepEqual(shape(again.root), shape(tree.root))
  }
}

const shape = (root: Parameters<typeof walkParts>[0]): readonly string[] =>
  [...walkParts(root)].map((part) => `${part.path.join('.')} ${part.type} ${part.content.kind}`)

const FIELD = encodeAscii('X-Added: 1\r\n')
