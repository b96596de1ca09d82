import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../fuzzing/change.ts'
import { HEADER_CHANGES } from '../fuzzing/mutate-header.ts'
import { LINE_CHANGES } from '../fuzzing/mutate-lines.ts'
import { PART_CHANGES } from '../fuzzing/mutate-message.ts'
import { Random } from '../fuzzing/random.ts'
import { mutateStructure } from '../fuzzing/structures.ts'

const HEADER = [
  'From: "a b" <c@d.example>\r\n',
  'Subject: hello world,\r\n folded\r\n',
  'Content-Type: multipart/mixed; charset=utf-8;\r\n boundary="bound"\r\n',
  'Content-Transfer-Encoding: 8bit\r\n',
].join('')
const BODY = 'before\r\n--bound\r\nX: 1\r\n\r\none = \xe9\r\n--bound\r\n\r\ntwo\r\n--bound--\r\nafter\r\n'
const MAIL = `${HEADER}\r\n${BODY}`
const OTHER = 'To: o@p.example\n\n--other\n\nthree\n--other--\n'

const ALL: readonly (readonly [form: string, changes: Readonly<Record<string, Change>>, text: string])[] = [
  ['lines', LINE_CHANGES, MAIL],
  ['header', HEADER_CHANGES, HEADER],
  ['message', PART_CHANGES, MAIL],
]

for (const [form, changes, text] of ALL) {
  for (const [name, change] of Object.entries(changes)) {
    test(`${form}: ${name} changes something, stays octets, and answers without anything to change`, () => {
      const results = new Set<string>()
      for (let seed = 1; seed <= 40; seed++) {
        const changed = change(text, { random: new Random(seed * 7919), other: OTHER })
        assert.match(changed, /^[\0-\xff]*$/)
        results.add(changed)
        for (const bare of ['', '\n', 'x', ':', '--', '\r\n\r\n']) change(bare, { random: new Random(seed), other: '' })
      }
      results.delete(text)
      assert.ok(results.size > 0)
    })
  }
}

const apply = (changes: Readonly<Record<string, Change>>, name: string, text: string): ReadonlySet<string> =>
  new Set(
    Array.from(
      { length: 60 },
      (_, seed) => changes[name]?.(text, { random: new Random(seed * 7919), other: OTHER }) ?? '',
    ),
  )

test('fields move whole, with their continuation lines', () => {
  const swapped = apply(HEADER_CHANGES, 'swapFields', 'A: 1\r\n 2\r\nB: 3\r\n')
  assert.deepEqual(swapped, new Set(['A: 1\r\n 2\r\nB: 3\r\n', 'B: 3\r\nA: 1\r\n 2\r\n']))
})

test('parts move whole, with their delimiter lines', () => {
  const parts = '--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n'
  assert.ok(apply(PART_CHANGES, 'leavePartOut', parts).has('--b\r\n\r\n2\r\n--b--\r\n'))
  assert.ok(apply(PART_CHANGES, 'duplicatePart', parts).has(`--b\r\n\r\n1\r\n${parts}`))
})

test('a body is encoded as its new field says', () => {
  const encoded = [...apply(PART_CHANGES, 'encodeBody', 'A: 1\r\n\r\ncaf\xe9 =\r\n')]
  assert.ok(encoded.includes('A: 1\r\nContent-Transfer-Encoding: base64\r\n\r\nY2Fm6SA9DQo=\r\n'))
  assert.ok(encoded.includes('A: 1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 =3D\r\n'))
  assert.ok(
    encoded.includes(
      'A: 1\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 f\r\n(8V%FZ2`]#0H`\r\n`\r\nend\r\n',
    ),
  )
})

test('the same seed makes the same changes, and nothing grows past its bound', () => {
  const input = new Uint8Array(Buffer.from(MAIL, 'latin1'))
  const run = (seed: number): readonly Uint8Array[] => {
    const random = new Random(seed)
    const made: Uint8Array[] = [input]
    for (let i = 0; i < 300; i++) made.push(mutateStructure('message', made[i] ?? input, made, random))
    return made
  }
  assert.deepEqual(run(5), run(5))
  assert.notDeepEqual(run(5), run(6))
  assert.ok(run(5).every(({ length }) => length <= 8192))
})
