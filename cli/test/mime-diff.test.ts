import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { diffMails, longestRise } from '../src/mail-difference.ts'
import { scop, SEPARATOR } from './mime-terminal.ts'

const directory = await mkdtemp(path.join(tmpdir(), 'scop-mime-diff-'))
after(() => rm(directory, { recursive: true }))
const at = (name: string): string => path.join(directory, name)

const multipart = (boundary: string, ...parts: readonly string[]): string =>
  `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`

const SAME: readonly (readonly [string, string, string])[] = [
  ['a fold', 'Subject: a b\r\n\r\nx', 'Subject: a\r\n b\r\n\r\nx'],
  ['the letter case of a name', 'Subject: a\r\n\r\nx', 'SUBJECT: a\r\n\r\nx'],
  ['an encoded word', 'Subject: a\r\n\r\nx', 'Subject: =?utf-8?q?a?=\r\n\r\nx'],
  ['quotes', 'From: x <a@b>\r\n\r\nx', 'From: "x" <"a"@b>\r\n\r\nx'],
  ['a boundary', multipart('b', '\r\nx'), multipart('c', '\r\nx')],
]
for (const [name, a, b] of SAME) {
  test(`${name} makes no other meaning`, () => {
    const diff = diffMails(Buffer.from(a), Buffer.from(b))
    assert.deepEqual(diff, { identical: false, sameMeaning: true, differences: [], encodedOtherwise: [] })
  })
}

const OTHER: readonly (readonly [string, string, string, readonly object[]])[] = [
  ['a field added', 'A: 1\r\n\r\n', 'A: 1\r\nB: 2\r\n\r\n', [{ kind: 'field-added', part: '', name: 'B', value: '2' }]],
  [
    'a field removed',
    'A: 1\r\nA: 2\r\n\r\n',
    'A: 2\r\n\r\n',
    [{ kind: 'field-removed', part: '', name: 'A', value: '1' }],
  ],
  [
    'a field changed',
    'Subject: 1\r\n\r\n',
    'subject: 2\r\n\r\n',
    [{ kind: 'field-changed', part: '', name: 'subject', before: '1', after: '2' }],
  ],
  [
    'a field moved',
    'A: 1\r\nB: 2\r\nC: 3\r\n\r\n',
    'B: 2\r\nC: 3\r\nA: 1\r\n\r\n',
    [{ kind: 'field-moved', part: '', name: 'A', from: 0, to: 2 }],
  ],
  [
    'an unknown transfer encoding',
    'Content-Transfer-Encoding: x-a\r\n\r\n',
    'Content-Transfer-Encoding: x-b\r\n\r\n',
    [{ kind: 'field-changed', part: '', name: 'Content-Transfer-Encoding', before: 'x-a', after: 'x-b' }],
  ],
  [
    'a body',
    'A: 1\r\n\r\nxyz',
    'A: 1\r\n\r\nxz',
    [{ kind: 'body-changed', part: '', before: 3, after: 2, at: 1, onlyLineEnds: false }],
  ],
  [
    'line ends of a body',
    'A: 1\r\n\r\nx\r\ny\r\n',
    'A: 1\r\n\r\nx\ny\n',
    [{ kind: 'body-changed', part: '', before: 6, after: 4, at: 1, onlyLineEnds: true }],
  ],
  [
    'a part added',
    multipart('b', '\r\nx'),
    multipart('b', '\r\nx', '\r\ny'),
    [{ kind: 'part-added', part: '1', type: 'text/plain' }],
  ],
  [
    'a part removed',
    multipart('b', '\r\nx', '\r\ny'),
    multipart('b', '\r\nx'),
    [{ kind: 'part-removed', part: '1', type: 'text/plain' }],
  ],
  [
    'a field of a part',
    multipart('b', 'X: 1\r\n\r\nx'),
    multipart('b', 'X: 2\r\n\r\nx'),
    [{ kind: 'field-changed', part: '0', name: 'X', before: '1', after: '2' }],
  ],
]
for (const [name, a, b, differences] of OTHER) {
  test(`${name} is a difference`, () => {
    const diff = diffMails(Buffer.from(a), Buffer.from(b))
    assert.deepEqual(diff, { identical: false, sameMeaning: false, differences, encodedOtherwise: [] })
  })
}

test('a leaf is not a multipart', () => {
  const { differences } = diffMails(
    Buffer.from(multipart('b', '\r\nx')),
    Buffer.from('Content-Type: text/plain\r\n\r\nx'),
  )
  assert.deepEqual(differences.at(-1), { kind: 'structure-changed', part: '', before: 'multipart', after: 'leaf' })
})

const BASE64 = 'Content-Transfer-Encoding: base64\r\n\r\n'
test('a body encoded otherwise has the same meaning, and is named', () => {
  const [plain, encoded] = [Buffer.from('\r\nhi'), Buffer.from(`${BASE64}aGk=`)]
  assert.deepEqual(diffMails(plain, encoded), {
    identical: false,
    sameMeaning: true,
    differences: [],
    encodedOtherwise: [{ part: '', before: '7bit', after: 'base64' }],
  })
  assert.equal(diffMails(plain, Buffer.from(`${BASE64}aGo=`)).sameMeaning, false)
})

test('a longest rising row rises, and is as long as any', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50), { maxLength: 10 }), (numbers) => {
      const rise = [...longestRise(numbers)].sort((a, b) => a - b).map((index) => numbers[index] ?? 0)
      assert.ok(rise.every((number, index) => index === 0 || number > (rise[index - 1] ?? 0)))
      const best: number[] = []
      for (const [index, number] of numbers.entries()) {
        best.push(1 + Math.max(0, ...best.filter((_, before) => (numbers[before] ?? 0) < number && before < index)))
      }
      assert.equal(rise.length, Math.max(0, ...best))
    }),
  )
})

test('answers what differs, and ends with 1', async () => {
  await writeFile(at('a'), 'Subject: old\u001b\r\n\r\nx')
  await writeFile(at('b'), 'Subject: new\r\n\r\nx')
  const { exit, out, errors } = await scop(['mime', 'diff', at('a'), at('b')])
  assert.deepEqual([exit, errors], [1, 'The messages differ\n'])
  assert.equal(out, 'message: field changed\n  - Subject: old\\u001b\n  + Subject: new\n')
})

test('ends with 0 where the meaning is the same, from standard input and an mbox too', async () => {
  await writeFile(at('mbox'), `${SEPARATOR}A: b\n\nx\n\n${SEPARATOR}Subject: new\n\nx`)
  assert.equal((await scop(['mime', 'diff', at('b'), at('b')])).out, 'octet for octet the same\n')
  assert.equal((await scop(['mime', 'diff', at('b')], 'Subject:\r\n new\r\n\r\nx')).exit, 0)
  assert.equal((await scop(['mime', 'diff', '-', at('b')], 'Subject: new\r\n\r\nx')).exit, 0)
  await writeFile(at('other'), `${SEPARATOR}\n${SEPARATOR}Subject: new\n\nx`)
  const { exit, out } = await scop(['mime', 'diff', at('mbox'), at('other'), '--message', '2', '--json'])
  assert.equal(exit, 0)
  assert.deepEqual(JSON.parse(out), { identical: true, sameMeaning: true, differences: [], encodedOtherwise: [] })
})
