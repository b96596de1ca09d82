import assert from 'node:assert/strict'
import { test } from 'node:test'
import { citationsOf, claimsOf, rfcCoverage, todosOf } from '../rfc-coverage.ts'
import { fixture } from './fixture.ts'

test('puts claims, sections and todos of a repository on one page', (t) => {
  const page = rfcCoverage(fixture(t))
  assert.match(page, /\| \[RFC 5321\]\(.*\) \| Yes \| §4\.1 §4\.2 \|  \|/)
  assert.match(page, /\| \[RFC 1870\]\(.*\) \| Yes \| §3 \| 1 \|/)
  assert.match(page, /- libs\/low: RFC 5321 §4\.1, RFC 1870: Yes: all of it/)
  assert.match(page, /- `libs\/high\/src\/index\.ts`: RFC 1870 §3: the rest/)
})

test('changes when a citation changes, and else not', (t) => {
  const before = rfcCoverage(fixture(t))
  assert.equal(rfcCoverage(fixture(t)), before)
  assert.notEqual(rfcCoverage(fixture(t, { 'services/b/src/main.ts': '// RFC 9999 §1\n' })), before)
})

test('gives a section to the RFC named last, over the lines of one comment', () => {
  const text = '// RFC 1 §2, §3.4 (x), RFC 5 §A.1;\n// and §6. RFC 7\ncode() // §8\n/** RFC 9. */\n"RFC 10 §1"\n'
  assert.deepEqual(
    citationsOf(text, 'f').map(({ rfc, section }) => `${rfc} ${section ?? ''}`.trim()),
    ['1', '1 2', '1 3.4', '5', '5 A.1', '5 6', '7', '9'],
  )
})

test('reads only rows that say Yes, Partial or No', () => {
  const readme =
    '| RFC 1 | Yes |\n| RFC 2, RFC 3 | Partial: half |\n| RFC 4 | perhaps |\n| no number | Yes |\nRFC 5 | Yes\n| RFC 6 | No | why |'
  assert.deepEqual(
    claimsOf(readme, 'libs/x').map(({ rfc, state }) => [rfc, state]),
    [
      [1, 'Yes'],
      [2, 'Partial'],
      [3, 'Partial'],
      [6, 'No'],
    ],
  )
})

test('a contradiction between libraries is Partial', (t) => {
  const page = rfcCoverage(fixture(t, { 'libs/high/README.md': '`two`\n| RFC 1870 | No |\n' }))
  assert.match(page, /\| \[RFC 1870\]\(.*\) \| Partial \|/)
})

test('reads todos only where they are marked', () => {
  const found = todosOf('// todo RFC 1 §2: a\nx // todo RFC 3: b\n// todo: c\n// RFC 4 todo\n', { path: 'f' })
  assert.deepEqual(
    found.map(({ rfc, line, text }) => [rfc, line, text]),
    [
      [1, 1, 'RFC 1 §2: a'],
      [3, 2, 'RFC 3: b'],
    ],
  )
})
