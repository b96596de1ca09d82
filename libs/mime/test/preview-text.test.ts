// RFC 8621 §4.1.4
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { PREVIEW_LIMITS, parseMessage, previewText } from '../src/index.ts'

const html = 'Content-Type: text/html; charset=utf-8\r\n\r\n'
const rows: readonly { readonly title: string; readonly text: string; readonly preview: string }[] = [
  { title: 'plain text, white space squeezed', text: '\r\n Hi\r\n\t there \u200b\r\n', preview: 'Hi there' },
  { title: 'nothing', text: '', preview: '' },
  {
    title: 'HTML without tags, comments, styles',
    text: `${html}<!-- a --><STYLE>p{}</style><p>Hi&nbsp;&amp; <b>ho`,
    preview: 'Hi & ho',
  },
  { title: 'HTML that never closes a tag', text: `${html}Hi <b`, preview: 'Hi' },
  { title: 'HTML that never closes a comment or script', text: `${html}Hi <script>x</scrip <!--`, preview: 'Hi' },
  { title: 'an escaped escape once', text: `${html}&amp;lt;`, preview: '&lt;' },
  { title: 'no text in it', text: 'Content-Type: image/png\r\n\r\nx', preview: '' },
  {
    title: 'the second text, if the first is empty',
    text: 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n \r\n--b\r\n\r\nHi\r\n--b--',
    preview: 'Hi',
  },
]
for (const row of rows) {
  test(`previews ${row.title}`, () => {
    const message = encodeUtf8(row.text)
    assert.equal(previewText(parseMessage(message), message), row.preview)
  })
}

test('keeps to its limits, and cuts no character', () => {
  const message = encodeUtf8(`\r\n${'😀'.repeat(300)}`)
  assert.equal(previewText(parseMessage(message), message), '😀'.repeat(128))
  assert.equal(previewText(parseMessage(message), message, { ...PREVIEW_LIMITS, characters: 3 }), '😀')
  const lines = encodeUtf8('\r\nää\r\nää\r\n')
  assert.equal(previewText(parseMessage(lines), lines, { characters: 9, bodyOctets: 9 }), 'ää')
  assert.equal(previewText(parseMessage(lines), lines, { characters: 9, bodyOctets: 12 }), 'ää ää')
  assert.deepEqual(PREVIEW_LIMITS, { characters: 256, bodyOctets: 65536 })
})

test('answers for any HTML', () => {
  const piece = fc.constantFrom('<', '>', '</', '<!--', '-->', 'script', 'style', '&', 'amp;', ' ', 'x', '"')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const message = encodeUtf8(html + pieces.join(''))
      assert.ok(previewText(parseMessage(message), message).length <= 256)
    }),
  )
})
