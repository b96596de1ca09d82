// RFC 2046 §5.1, §5.2.1
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatOctets, decodeLatin1, encodeAscii, encodeLatin1, equalOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/message-tree.fuzz.ts'
import {
  bodyRange,
  childrenOf,
  formatMessage,
  MESSAGE_LIMITS,
  messagePieces,
  MessageTreeReader,
  parseMessage,
  partAt,
  walkParts,
  withHeader,
} from '../src/index.ts'

const text = [
  'Subject: x\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\npre\r\n--o\r\n\r\none\r\n--o\r\n',
  'Content-Type: message/rfc822\r\n\r\nSubject: y\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n',
  '--i\r\nContent-Type: Text/HTML\r\n\r\n<p>\r\n--i--\r\n--o--\r\nend',
].join('')
const message = encodeLatin1(text)

test('answers parts with their types and ranges', () => {
  const tree = parseMessage(message)
  const seen = [...walkParts(tree.root)].map(
    (part) => `${part.path.join('.')} ${part.type} ${part.content.kind} ${part.range.start}-${part.range.end}`,
  )
  const nested = text.indexOf('Content-Type: message')
  const html = text.indexOf('Content-Type: Text')
  const inner = text.indexOf('Subject: y')
  const closed = text.indexOf('\r\n--o--') // the line end is the outer delimiter's
  assert.deepEqual(seen, [
    ` multipart/mixed multipart 0-${text.length}`,
    `0 text/plain leaf ${text.indexOf('\r\none')}-${text.indexOf('\r\n--o\r\nContent')}`,
    `1 message/rfc822 message ${nested}-${closed}`,
    `1.0 multipart/alternative multipart ${inner}-${closed}`,
    `1.0.0 text/html leaf ${html}-${text.indexOf('\r\n--i--')}`,
  ])
  const leaf = partAt(tree, [1, 0, 0])
  assert.ok(leaf !== undefined)
  const { start, end } = bodyRange(leaf)
  assert.equal(text.slice(start, end), '<p>')
  const whole = bodyRange(tree.root)
  assert.equal(text.slice(whole.start, whole.end), text.slice(text.indexOf('pre\r\n')))
  const nestedPart = partAt(tree, [1])
  assert.ok(nestedPart !== undefined)
  assert.equal(bodyRange(nestedPart).start, inner)
  assert.equal(childrenOf(nestedPart).length, 1)
  assert.deepEqual(tree.defects, [])
  for (const path of [[2], [0, 0], [1, 1], [1, 0, 0, 0], [-1]]) assert.equal(partAt(tree, path), undefined)
})

// RFC 2046 §5.1.1: the line end before a delimiter is the delimiter's, also where a close delimiter stands before it.
const CLOSES: readonly (readonly [after: string, close: string, epilogue: string, delimiter: string | undefined])[] = [
  ['\r\n--o\r\n\r\nx\r\n--o--', '\r\n--i--', '', '\r\n--o\r\n'],
  ['\n--o\n\nx\n--o--', '\r\n--i--', '', '\n--o\n'],
  [' \t\r\n--o\r\n\r\nx', '\r\n--i-- \t', '', '\r\n--o\r\n'],
  ['\r\n\r\n--o\r\n\r\nx', '\r\n--i--\r\n', '', '\r\n--o\r\n'],
  ['\r\n\n\r\n--o\r\n\r\nx', '\r\n--i--\r\n', '\n', '\r\n--o\r\n'],
  ['\r\nend\r\n--o\r\n\r\nx', '\r\n--i--\r\n', 'end', '\r\n--o\r\n'],
  ['\r\n--other\r\n--o\r\n\r\nx', '\r\n--i--\r\n', '--other', '\r\n--o\r\n'],
  ['\r\n--ox\r\n--o\r\n\r\nx', '\r\n--i--\r\n', '--ox', '\r\n--o\r\n'],
  ['\r\n', '\r\n--i--\r\n', '', undefined],
  ['', '\r\n--i--', '', undefined],
  ['\r\n-', '\r\n--i--\r\n', '-', undefined],
  ['\r\n\r\n', '\r\n--i--\r\n', '\r\n', undefined],
  ['\r', '\r\n--i--\r', '', undefined],
]
for (const [after, close, epilogue, delimiter] of CLOSES) {
  test(`ends an inner multipart before ${JSON.stringify(after)}`, () => {
    const before =
      'Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ny\r\n--i--'
    const octets = encodeAscii(before + after)
    const tree = parseMessage(octets)
    const { content } = partAt(tree, [0]) ?? tree.root
    assert.ok(content.kind === 'multipart' && content.close !== undefined && tree.root.content.kind === 'multipart')
    assert.equal(decodeLatin1(content.close.octets), close)
    assert.equal(decodeLatin1(octets.subarray(content.epilogue.start, content.epilogue.end)), epilogue)
    const next = tree.root.content.parts[1]?.delimiter.octets
    assert.equal(next === undefined ? undefined : decodeLatin1(next), delimiter)
    assert.ok(equalOctets(formatMessage(tree, octets), octets))
    for (const size of [1, 2, 3]) {
      const reader = new MessageTreeReader()
      for (let at = 0; at < octets.length; at += size) reader.feed(octets.subarray(at, at + size))
      assert.deepEqual(reader.finish(), tree)
    }
  })
}

test('shares the octets of the message, and keeps no chunk it came in', () => {
  const tree = parseMessage(message)
  assert.equal(tree.root.header.octets.buffer, message.buffer)
  const reader = new MessageTreeReader()
  for (let at = 0; at < message.length; at += 10) reader.feed(Buffer.from(message.subarray(at, at + 10)))
  const streamed = reader.finish()
  assert.deepEqual(streamed, tree)
  for (const piece of messagePieces(streamed)) {
    if (piece instanceof Uint8Array) assert.equal(piece.buffer.byteLength, piece.length)
  }
})

test('changes one header, and nothing else', () => {
  const tree = parseMessage(message)
  const added = encodeAscii('X-Seen: 1\r\n')
  const changed = expectOk(
    withHeader(tree, [1, 0], { prepend: [added], remove: (f) => f.name === 'Subject' }),
    'change',
  )
  assert.equal(decodeLatin1(formatMessage(changed, message)), text.replace('Subject: y\r\n', 'X-Seen: 1\r\n'))
  const leaf = expectOk(withHeader(tree, [0], { prepend: [encodeAscii('Content-Type: text/css\r\n')] }), 'change')
  assert.equal(partAt(leaf, [0])?.type, 'text/css')
  assert.equal(decodeLatin1(formatMessage(tree, message)), text)
})

test('refuses a change of header that would change more', () => {
  const tree = parseMessage(message)
  const remove = (name: string) => ({ remove: (field: { readonly name: string }) => field.name === name })
  const prepend = (field: string) => ({ prepend: [encodeAscii(field)] })
  const refusals: readonly [readonly number[], Parameters<typeof withHeader>[2], string][] = [
    [[5], {}, 'no-such-part'],
    [[1, 1], {}, 'no-such-part'],
    [[0, 0], {}, 'no-such-part'],
    [[], remove('Content-Type'), 'changes-structure'],
    [[1], remove('Content-Type'), 'changes-structure'],
    [[], prepend('Content-Type: multipart/digest; boundary=o\r\n'), 'changes-structure'],
    [[], prepend('Content-Type: multipart/mixed; boundary=oo\r\n'), 'changes-structure'],
    [[0], prepend('Content-Type: multipart/mixed; boundary=x\r\n'), 'changes-structure'],
    [[1], prepend('Content-Transfer-Encoding: base64\r\n'), 'changes-structure'],
    [[0], prepend('X: no line end'), 'changes-structure'],
    [[0], prepend('X: 1\r\n\r\n'), 'changes-structure'],
    [[0], prepend('X: 1\r\nY: 2\r\n'), 'changes-structure'],
    [[0], prepend('--o\r\n'), 'changes-structure'],
    [[0], prepend('--o: 1\r\n'), 'changes-structure'],
    [[0], prepend(' x\r\n'), 'changes-structure'],
  ]
  for (const [path, change, kind] of refusals) {
    const changed = withHeader(tree, path, change)
    assert.equal(changed.ok ? 'ok' : changed.error.kind, kind, kind)
  }
  const folded = encodeAscii(' x\r\nA: 1\r\n\r\n')
  const continued = withHeader(parseMessage(folded), [], prepend('X: 1\r\n'))
  assert.equal(continued.ok ? 'ok' : continued.error.kind, 'begins-with-continuation')
  for (const cut of ['Content-Type: multipart/x; boundary=a\r\n\r\n--a', 'Content-Type: message/rfc822\r\n']) {
    const unended = withHeader(parseMessage(encodeAscii(cut)), [0], prepend('X: 1\r\n'))
    assert.equal(unended.ok ? 'ok' : unended.error.kind, 'changes-structure')
  }
  const long = encodeAscii('A: 1\r\n\r\nbody')
  const limits = { ...MESSAGE_LIMITS, header: { ...MESSAGE_LIMITS.header, headerOctets: 6 } }
  const unread = withHeader(parseMessage(long, limits), [], prepend('X: 1\r\n'), limits)
  assert.equal(unread.ok ? 'ok' : unread.error.kind, 'unread-header')
})

const words = [
  'Content-Type: multipart/mixed; boundary="b"\r\n\r\n',
  'Content-Type: multipart/digest; boundary="bb"\n\n',
  'Content-Type: message/rfc822\r\n',
  'A: 1\r\n',
  ' \r\n',
  '--b\r\n',
  '--bb\n',
  '--b--\r\n',
  '--',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\0ä',
]

test('keeps its laws on messages of odd pieces', () => {
  for (const seed of seeds) fuzz(typeof seed === 'string' ? encodeLatin1(seed) : seed)
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (pieces) =>
      fuzz(encodeLatin1(pieces.join(''))),
    ),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fuzz))
})

const many = (text: string, count: number): Uint8Array => encodeLatin1(text.repeat(count))
const mixed = (boundary: string): string => `Content-Type: multipart/mixed; boundary="${boundary}"\n\n`
const nestedMultiparts = (count: number): Uint8Array =>
  encodeLatin1(Array.from({ length: count }, (_, i) => `${mixed(`b${i}`)}--b${i}\n`).join(''))
/** What once stopped other readers. `parts` and `defects` are bounds on the work kept. */
const bombs: readonly { readonly title: string; readonly octets: () => Uint8Array; readonly parts: number }[] = [
  {
    title: '100,000 siblings',
    octets: () => concatOctets([encodeLatin1(mixed('b')), many('--b\n\nx\n', 100_000)]),
    parts: 10_000,
  },
  { title: '10,000 nested multiparts', octets: () => nestedMultiparts(10_000), parts: 64 },
  { title: '20,000 nested messages', octets: () => many('Content-Type: message/rfc822\n\n', 20_000), parts: 64 },
  {
    title: '64 nested multiparts and a million almost delimiters',
    octets: () => concatOctets([nestedMultiparts(64), many('--b1x\n', 1_000_000)]),
    parts: 64,
  },
  { title: 'a header of 1 MB', octets: () => many('A: 1\n', 200_000), parts: 1 },
  { title: 'a header line of 1 MB', octets: () => many('x', 1_000_000), parts: 1 },
  {
    title: 'a boundary of one octet, and 3 MB of dashes',
    octets: () => concatOctets([encodeLatin1(mixed('-')), many('--\n', 1_000_000)]),
    parts: 1,
  },
  {
    title: 'a boundary that is a prefix of another',
    octets: () => concatOctets([encodeLatin1(`${mixed('a')}--a\n${mixed('aa')}`), many('--aa\n\n--aaa\n', 100_000)]),
    parts: 10_000,
  },
  {
    title: '20,000 parameters',
    octets: () =>
      concatOctets([encodeLatin1('Content-Type: multipart/x'), many(';\n a="b"', 20_000), encodeLatin1('\n\n')]),
    parts: 1,
  },
  {
    title: '200,000 open comments',
    octets: () => concatOctets([encodeLatin1('Content-Type: '), many('(', 200_000), encodeLatin1('\n\n')]),
    parts: 1,
  },
  {
    title: '200,000 spaces in a boundary',
    octets: () =>
      concatOctets([
        encodeLatin1('Content-Type: multipart/x; boundary="'),
        many(' ', 200_000),
        encodeLatin1('x\r"\n\n'),
      ]),
    parts: 1,
  },
]
for (const bomb of bombs) {
  test(`survives ${bomb.title}`, () => {
    const octets = bomb.octets()
    const tree = parseMessage(octets)
    assert.equal([...walkParts(tree.root)].length, bomb.parts)
    assert.ok(tree.defects.length <= MESSAGE_LIMITS.defects + 1)
    assert.ok(messagePieces(tree).length <= 5 * MESSAGE_LIMITS.parts)
    assert.ok(equalOctets(formatMessage(tree, octets), octets))
  })
}
