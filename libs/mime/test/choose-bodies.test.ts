// RFC 8621 §4.1.4
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { chooseBodies, decodeBody, decodeBodyText, type Part, parseMessage, readPartFields } from '../src/index.ts'

type Tree = string | { readonly [type: string]: readonly Tree[] }
let next = 0
/** `text/plain A`, `image/jpeg C inline`; or a multipart of others. The name becomes the body. */
function write(tree: Tree): string {
  if (typeof tree === 'string') {
    const [type, name, disposition] = tree.split(' ')
    const shown = disposition === undefined ? '' : `Content-Disposition: ${disposition}\r\n`
    return `Content-Type: ${type}\r\n${shown}\r\n${name}`
  }
  const [type, parts] = Object.entries(tree)[0] ?? ['', []]
  const boundary = `b${next++}`
  const inner = parts.map((part) => `--${boundary}\r\n${write(part)}\r\n`).join('')
  return `Content-Type: ${type}; boundary=${boundary}\r\n\r\n${inner}--${boundary}--`
}

const rows: readonly {
  readonly title: string
  readonly tree: Tree
  readonly chosen: readonly [string, string, string]
}[] = [
  {
    title: 'as in the RFC',
    tree: {
      'multipart/mixed': [
        'text/plain A',
        {
          'multipart/mixed': [
            {
              'multipart/alternative': [
                { 'multipart/mixed': ['text/plain B', 'image/jpeg C inline', 'text/plain D'] },
                { 'multipart/related': ['text/html E', 'image/jpeg F'] },
              ],
            },
            'image/jpeg G attachment',
            'application/x-excel H',
            'message/rfc822 J',
          ],
        },
        'text/plain K',
      ],
    },
    chosen: ['A B C D K', 'A E K', 'C F G H J'],
  },
  { title: 'one text', tree: 'text/plain A', chosen: ['A', 'A', ''] },
  { title: 'HTML alone', tree: 'text/html A', chosen: ['A', 'A', ''] },
  { title: 'HTML as the only alternative', tree: { 'multipart/alternative': ['text/html A'] }, chosen: ['A', 'A', ''] },
  {
    title: 'two alternatives and a calendar',
    tree: { 'multipart/alternative': ['text/plain A', 'text/html B', 'text/calendar C'] },
    chosen: ['A', 'B', 'C'],
  },
  { title: 'no text at all', tree: 'application/pdf A', chosen: ['', '', 'A'] },
  { title: 'a text that is attached', tree: 'text/plain A attachment', chosen: ['', '', 'A'] },
  { title: 'an unknown disposition', tree: 'text/plain A strange', chosen: ['', '', 'A'] },
  {
    title: 'a text with a name after another',
    tree: { 'multipart/mixed': ['text/plain A', 'text/plain;name=x B', 'text/plain C inline'] },
    chosen: ['A C', 'A C', 'B'],
  },
]
for (const row of rows) {
  test(`chooses from ${row.title}`, () => {
    const message = encodeLatin1(write(row.tree))
    const { textBody, htmlBody, attachments } = chooseBodies(parseMessage(message))
    const names = (parts: readonly Part[]): string =>
      parts.map((part) => decodeLatin1(decodeBody(part, message).octets).trim()).join(' ')
    assert.deepEqual([names(textBody), names(htmlBody), names(attachments)], row.chosen)
  })
}

test('decodes a body as its header says, or as if it said nothing', () => {
  const cases: readonly [string, string][] = [
    ['Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: QUOTED-printable\r\n\r\n=E4', 'ä'],
    ['Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nw6Q=', 'ä'],
    ['\r\n=E4', '=E4'],
    ['Content-Type: x\r\nContent-Transfer-Encoding: ;\r\n\r\n=E4', '=E4'],
  ]
  for (const [text, expected] of cases) {
    const message = encodeLatin1(text)
    assert.equal(decodeBodyText(parseMessage(message).root, message).text, expected)
  }
})

test('answers what a header says of its body, foreign names as they are', () => {
  const { root } = parseMessage(encodeLatin1("Content-Disposition: attachment; filename*=utf-8''..%2Fa\r\n\r\n"))
  assert.deepEqual(readPartFields(root).name, '../a')
  assert.equal(readPartFields(root).contentType, undefined)
  assert.equal(readPartFields(parseMessage(encodeLatin1('')).root).name, undefined)
})
