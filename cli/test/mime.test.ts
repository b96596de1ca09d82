import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { scop, SEPARATOR } from './mime-terminal.ts'

const directory = await mkdtemp(path.join(tmpdir(), 'scop-mime-'))
after(() => rm(directory, { recursive: true }))
const at = (name: string): string => path.join(directory, name)
const MESSAGE =
  'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nX: 1\r\n--b--\r\n'
const file = at('a.eml')
await writeFile(file, MESSAGE)
const mbox = at('two.mbox')
await writeFile(mbox, `${SEPARATOR}Subject: first\u001b\n\n>From x\n\n${SEPARATOR}Subject: =?utf-8?q?second?=\n\ny\n\n`)
await writeFile(at('one.mbox'), `${SEPARATOR}Subject: only\n\nx\n\n`)

test('draws the parts of a message with their places and marks', async () => {
  const { exit, out } = await scop(['mime', 'tree', file])
  assert.equal(exit, 0)
  const lines = Buffer.from(out, 'latin1').toString().split('\n')
  assert.match(lines[1] ?? '', /^multipart\/mixed +0 +\d+$/)
  assert.match(lines[2] ?? '', /^├─ 0 text\/plain +\d+ +5$/)
  assert.match(lines[3] ?? '', /^└─ 1 text\/plain +\d+ +\d+$/)
  assert.match(lines[4] ?? '', /^ {6}! header-ends-at-delimiter at \d+$/)
})

test('draws encoding, charset and name, and nothing that a terminal obeys', async () => {
  const message = `Content-Type: text/plain; charset=utf-8; name="a\u001b[2J${'x'.repeat(100)}"\nContent-Transfer-Encoding: base64\n\n`
  const { out } = await scop(['mime', 'tree'], message)
  const text = Buffer.from(out, 'latin1').toString()
  assert.match(text, /^text\/plain .* base64$/m)
  assert.match(text, /charset utf-8, "a\\u001b/)
  assert.ok(
    text.split('\n').every((line) => line.length <= 80 && !line.includes('\u001b')),
    text,
  )
})

test('draws a deep tree at 80 columns', async () => {
  const deep = 'Content-Type: message/rfc822\r\n\r\n'.repeat(60)
  const { exit, out } = await scop(['mime', 'tree', '-'], `${deep}Subject: x\r\n\r\ny`)
  assert.equal(exit, 0)
  assert.ok(
    Buffer.from(out, 'latin1')
      .toString()
      .split('\n')
      .every((line) => line.length <= 80),
  )
})

test('answers the tree as JSON', async () => {
  const { out } = await scop(['mime', 'tree', file, '--json'])
  // as: what the test looks at
  const answer = JSON.parse(out) as { octets: number; parts: { part: string; start: number }[]; ambiguities: object[] }
  assert.equal(answer.octets, MESSAGE.length)
  assert.deepEqual(
    answer.parts.map(({ part }) => part),
    ['', '0', '1'],
  )
  assert.equal(answer.ambiguities.length, 1)
})

test('lists the messages of an mbox, and draws one of them', async () => {
  const { out } = await scop(['mime', 'tree', mbox])
  assert.match(out, /^ {6}1 +44 +\d+ +1 +0 {2}first\\u001b$/m)
  assert.match(out, /^ {6}2 +\d+ +\d+ +1 +0 {2}second$/m)
  // as: what the test looks at
  const listed = JSON.parse((await scop(['mime', 'tree', mbox, '--json'])).out) as { messages: { subject: string }[] }
  assert.deepEqual(
    listed.messages.map(({ subject }) => subject),
    ['first\u001b', 'second'],
  )
  assert.match((await scop(['mime', 'tree', mbox, '--message', '2'])).out, /^text\/plain +0 +31$/m)
  assert.match((await scop(['mime', 'tree', at('one.mbox')])).out, /^text\/plain +0 +\d+$/m)
})

test('shows a part octet for octet, from standard input too', async () => {
  assert.equal((await scop(['mime', 'show', file])).out, MESSAGE)
  assert.equal((await scop(['mime', 'show', '-', '0', '--body'], MESSAGE)).out, 'one')
  assert.equal((await scop(['mime', 'show'], MESSAGE)).out, MESSAGE)
  const { out } = await scop(['--json', 'mime', 'show', file, '0'])
  assert.equal(Buffer.from((JSON.parse(out) as { base64: string }).base64, 'base64').toString(), '\r\none') // as: what the test looks at
})

test('shows a message of an mbox', async () => {
  assert.equal((await scop(['mime', 'show', mbox, '', '--message', '1', '--body'])).out, 'From x\n')
  assert.equal((await scop(['mime', 'show', mbox, '--message', '2'])).out, 'Subject: =?utf-8?q?second?=\n\ny\n')
  assert.equal((await scop(['mime', 'show', at('one.mbox')])).out, 'Subject: only\n\nx\n')
})

const REFUSED: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['show', file, '7'], 1, /no part 7/],
  [['show', file, '1.x'], 2, /Not the place of a part/],
  [['show', mbox], 2, /many messages/],
  [['show', mbox, '--message', '3'], 1, /no message 3/],
  [['show', file, '--message', '2'], 1, /no message 2/],
  [['show', file, '--message', '0'], 2, /--message/],
  [['tree', mbox, '--message', 'x'], 2, /--message/],
  [['tree', at('none')], 1, /no such file/],
  [['tree', directory], 1, /is a directory/],
  [['tree'], 2, /on standard input/],
  [['show'], 2, /on standard input/],
  [['check'], 2, /on standard input/],
  [['diff', file], 2, /on standard input/],
  [['diff'], 2, /missing required argument/],
  [['diff', '-', '-'], 2, /Only one/],
  [['diff', '-'], 2, /Only one/],
  [['diff', mbox, file], 2, /many messages/],
  [['diff', file, at('none')], 1, /no such file/],
]
for (const [line, code, said] of REFUSED) {
  test(`refuses mime ${line.map((word) => path.basename(word)).join(' ')}`, async () => {
    const { exit, errors } = await scop(['mime', ...line])
    assert.equal(exit, code)
    assert.match(errors, said)
  })
}
