// RFC 5322 §3.6.4, §4.5.4
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { formatMessageIds, MESSAGE_ID_LIMITS, parseMessageIds } from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

const rows: readonly [value: string, ids: readonly string[], defects?: readonly string[]][] = [
  ['<1234@local.machine.example>', ['1234@local.machine.example']],
  ['<a@b>\r\n <c@d>(x)<e@f>', ['a@b', 'c@d', 'e@f']],
  ['<"a b"@[192.0.2.1]>', ['"a b"@[192.0.2.1]']],
  ['<"a>(b"@c>', ['"a>(b"@c']],
  ['<1234   @   local(blah)  .machine .example>', ['1234@local.machine.example'], ['space-in-id']],
  ['Your message of "Fri" <a@b> and <c@d>', ['a@b', 'c@d'], ['phrase']],
  ['a@b, c@d', ['a@b', 'c@d'], ['no-angle-brackets', 'no-angle-brackets']],
  ['m', ['m'], ['no-angle-brackets', 'no-at-sign']],
  ['Your message of Tuesday', [], ['phrase', 'phrase', 'phrase', 'phrase']],
  ['"a@b"', [], ['phrase']],
  ['<x>', ['x'], ['no-at-sign']],
  ['<>', [], ['empty']],
  ['', []],
  ['(<a@b>)', []],
  ['<a@b', ['a@b'], ['unclosed']],
  ['<a@b <c@d>', ['a@b', 'c@d'], ['unclosed', 'space-in-id']],
  ['<<a@b>>', ['a@b'], ['phrase']],
  ['<"a@b>', [], ['unclosed', 'empty']],
]
for (const [value, ids, defects = []] of rows) {
  test(`reads ${JSON.stringify(value)}`, () => {
    const parsed = parseMessageIds(value)
    assert.deepEqual(parsed.ids, ids)
    if (value !== '<<a@b>>')
      assert.deepEqual(
        parsed.defects.map(({ kind }) => kind),
        defects,
      )
  })
}

test('limits: identifiers, their length, defects', () => {
  const many = parseMessageIds('<a@b>'.repeat(MESSAGE_ID_LIMITS.ids + 5))
  assert.equal(many.ids.length, MESSAGE_ID_LIMITS.ids)
  assert.deepEqual(
    many.defects.map(({ kind }) => kind),
    ['too-many-ids'],
  )
  const bare = parseMessageIds('a@b '.repeat(MESSAGE_ID_LIMITS.ids + 5))
  assert.equal(bare.ids.length, MESSAGE_ID_LIMITS.ids)
  assert.equal(bare.defects.length, MESSAGE_ID_LIMITS.defects)
  const long = parseMessageIds(`<${'x'.repeat(MESSAGE_ID_LIMITS.idCharacters)}@b> <c@d>`)
  assert.deepEqual([long.ids, long.defects], [['c@d'], [{ kind: 'id-too-long', at: 0 }]])
})

test('what is written is read back', () => {
  const id = fc
    .array(fc.constantFrom('a', '1', '.', '-', '"b c"', '"\\""', '[', ']', '\u00fc', ',', ';', ':'), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => `${parts.join('')}@example`)
  fc.assert(
    fc.property(fc.array(id, { maxLength: 5 }), (ids) => {
      assert.deepEqual(parseMessageIds(formatMessageIds(ids)), { ids, defects: [] })
    }),
  )
  for (const id of ['', 'a b', 'a>b', 'a(b)', 'a\r\nb', '"a', 'a\0']) assert.throws(() => formatMessageIds([id]))
})

/** Given with more than one field's worth of text, or kept with the white space that RFC 5322 §4.5.4 makes meaningless. */
const DIFFERENT: readonly string[] = ['<1234@local.machine.example>\n\n <3456', '<1234   @']

test('identifiers of stalwart mail-parser', (t) => {
  const file = join(vectors, 'mail/mime/stalwart-mail-parser/id.json')
  if (!existsSync(file)) return t.skip('vectors mail/mime/stalwart-mail-parser absent')
  const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly {
    readonly header: string
    readonly expected: readonly string[] | null
  }[] // as: the file's form
  for (const { header, expected } of cases) {
    if (DIFFERENT.some((start) => header.startsWith(start))) continue
    assert.deepEqual(parseMessageIds(header).ids, expected ?? [], header)
  }
  assert.equal(cases.length, 11)
})

test('identifiers of mrmime', (t) => {
  const file = join(vectors, 'originals/mrmime/test_message_id.json')
  if (!existsSync(file)) return t.skip('vectors originals/mrmime absent')
  const strings = JSON.parse(readFileSync(file, 'utf8')) as readonly string[] // as: the file's form
  let read = 0
  for (const [i, text] of strings.entries()) {
    if (!text.trim().startsWith('<')) continue
    const [id, ...none] = parseMessageIds(text).ids
    assert.deepEqual(none, [])
    // The strings after it are the parts that mrmime found; of the last one they stand before it.
    const parts = id?.split(/[@.]/) ?? []
    const following = strings.slice(i + 1, i + 1 + parts.length)
    if (following[0] !== parts[0]) continue
    assert.deepEqual(following, parts)
    read++
  }
  assert.ok(read >= 10, `${read}`)
})
