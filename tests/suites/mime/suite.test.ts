// The expected parses that others have published, and what the runner says of right and wrong ones.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { DIFFERENCES } from './differences.ts'
import { type Outcome, runSuite } from './suite.ts'

const ROOT = process.env['SCOP_VECTORS'] ?? path.resolve(import.meta.dirname, '../../../../shared/vectors')
const LARGEST_SHARE = 0.05

test('agrees with the expected parses, but for the listed differences', (t) => {
  const folder = path.join(ROOT, 'mail', 'mime')
  if (!existsSync(folder)) return t.skip(`${folder} absent`)
  const { outcomes, skipped } = runSuite(folder)
  const failed = outcomes.flatMap((outcome) =>
    outcome.result === 'failed' ? [`${outcome.file}: ${outcome.lines.slice(0, 3).join('; ')}`] : [],
  )
  assert.deepEqual(failed, [])
  assert.deepEqual(skipped, [])
  const accepted = outcomes.filter((outcome) => outcome.result === 'passed' && outcome.accepted > 0)
  t.diagnostic(`${outcomes.length} files, ${accepted.length} with accepted differences`)
  assert.ok(accepted.length <= outcomes.length * LARGEST_SHARE)
  for (const { file } of DIFFERENCES)
    assert.ok(
      outcomes.some((outcome) => outcome.file.endsWith(`/${file}`)),
      `${file} is there`,
    )
})

const MESSAGE = 'Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n'
const PARSE = {
  html_body: [0],
  text_body: [0],
  attachments: [],
  parts: [
    {
      headers: [
        { name: 'subject', value: { Text: 'hi' }, offset_field: 0, offset_start: 8, offset_end: 13 },
        {
          name: 'content_type',
          value: {
            ContentType: { c_type: 'text', c_subtype: 'plain', attributes: [{ name: 'charset', value: 'utf-8' }] },
          },
          offset_field: 13,
          offset_start: 26,
          offset_end: 54,
        },
      ],
      is_encoding_problem: false,
      body: { Text: 'Hello\r\n' },
      offset_header: 0,
      offset_body: 56,
      offset_end: 63,
    },
  ],
}
const EVENTS =
  '<message>\r\n<header>\r\n<field>\r\nSubject: hi</field>\r\n<field>\r\nContent-Type: text/plain; charset=utf-8</field>\r\n' +
  '</header>\r\n<body>\r\nHello\r\n</body>\r\n</message>\r\n'

/** Runs the suite over files that exist only for it. */
function runOver(t: TestContext, files: Readonly<Record<string, string>>): readonly Outcome[] {
  const folder = folderOf(t, files)
  return runSuite(folder, []).outcomes
}

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'scop-suite-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text, 'latin1')
  return folder
}

test('passes what is right in every form', (t) => {
  const outcomes = runOver(t, {
    'a.eml': MESSAGE,
    'a.crlf.json': JSON.stringify(PARSE),
    'b.msg': MESSAGE,
    'b.xml': EVENTS,
    'b_decoded.xml': EVENTS.replace(/<body>.*<\/body>/s, '<text-body name="b_decoded_1.txt"/>'),
    'b_decoded_1.txt': 'Hello\n',
    'b.out': MESSAGE,
    'date.json': JSON.stringify([{ header: 'no date', expected: null }]),
  })
  assert.deepEqual(
    outcomes.map(({ file, result }) => [file, result]),
    [
      ['a.crlf.json', 'passed'],
      ['b.out', 'passed'],
      ['b.xml', 'passed'],
      ['b_decoded.xml', 'passed'],
      ['date.json', 'passed'],
    ],
  )
})

const MIXED = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'
const field = {
  name: 'content_type',
  value: { ContentType: { c_type: 'multipart', c_subtype: 'mixed', attributes: [{ name: 'boundary', value: 'b' }] } },
  offset_field: 0,
  offset_start: 13,
  offset_end: 43,
}
const conventions: readonly (readonly [rule: string, message: string, parse: object])[] = [
  [
    'multipart-without-parts',
    `${MIXED}text`,
    {
      html_body: [],
      text_body: [],
      attachments: [0],
      parts: [
        {
          headers: [field],
          is_encoding_problem: false,
          body: { Text: 'text' },
          offset_header: 0,
          offset_body: 45,
          offset_end: 49,
        },
      ],
    },
  ],
  [
    'unfinished-part',
    `${MIXED}--b\r\n\r\ntext`,
    {
      html_body: [],
      text_body: [],
      attachments: [1],
      parts: [
        {
          headers: [field],
          is_encoding_problem: false,
          body: { Multipart: [1] },
          offset_header: 0,
          offset_body: 45,
          offset_end: 56,
        },
        {
          headers: [],
          is_encoding_problem: true,
          body: { Text: 'text' },
          offset_header: 50,
          offset_body: 52,
          offset_end: 56,
        },
      ],
    },
  ],
]
for (const [rule, message, parse] of conventions) {
  test(`levels a convention: ${rule}`, (t) => {
    assert.deepEqual(runOver(t, { 'a.eml': message, 'a.crlf.json': JSON.stringify(parse) }), [
      { file: 'a.crlf.json', result: 'passed', accepted: 0 },
    ])
  })
}

test('begins the body at a malformed line where the parse was made so', (t) => {
  const name = 'malformedHeaderStartsBody1'
  const files = {
    [`${name}.msg`]: 'A: b\r\njunk\r\nC: d\r\n',
    [`${name}.xml`]: JUNK,
    'a.msg': 'A: b\r\njunk\r\nC: d\r\n',
  }
  assert.deepEqual(
    runOver(t, { ...files, 'a.xml': JUNK }).map(({ result }) => result),
    ['failed', 'passed'],
  )
})
const JUNK =
  '<message>\r\n<header>\r\n<field>\r\nA: b</field>\r\n</header>\r\n<body>\r\njunk\r\nC: d\r\n</body>\r\n</message>\r\n'

const wrong: readonly (readonly [what: string, name: string, text: string])[] = [
  ['a body', 'a.crlf.json', JSON.stringify(PARSE).replace('Hello', 'Hullo')],
  ['an offset', 'a.crlf.json', JSON.stringify(PARSE).replace('"offset_end":63', '"offset_end":62')],
  ['a list of bodies', 'a.crlf.json', JSON.stringify(PARSE).replace('"html_body":[0]', '"html_body":[]')],
  ['a field value', 'a.crlf.json', JSON.stringify(PARSE).replace('"hi"', '"ho"')],
  ['an attribute', 'a.crlf.json', JSON.stringify(PARSE).replace('"utf-8"', '"utf-7"')],
  ['a part that is not there', 'a.crlf.json', JSON.stringify({ ...PARSE, parts: [...PARSE.parts, PARSE.parts[0]] })],
  ['the message with other line ends', 'a.json', JSON.stringify(PARSE)],
  ['no JSON', 'a.json', '{'],
  ['a field', 'a.xml', EVENTS.replace('hi', 'ho')],
  ['a raw body', 'a.xml', EVENTS.replace('Hello\r\n', 'Hello')],
  ['a cut event', 'a.xml', EVENTS.slice(0, 60)],
  ['a body without its file', 'a_decoded.xml', EVENTS.replace(/<body>.*<\/body>/s, '<text-body name="a_1.txt"/>')],
  ['another message', 'a.out', MESSAGE.replace('Hello', 'Hullo')],
  ['a date', 'date.json', JSON.stringify([{ header: '1 Jan 2000 00:00 +0000', expected: null }])],
  ['an identifier', 'id.json', JSON.stringify([{ header: '<a@b>', expected: ['a@c'] }])],
]
for (const [what, name, text] of wrong) {
  test(`fails where it differs: ${what}`, (t) => {
    const outcomes = runOver(t, { 'a.eml': MESSAGE, 'a.msg': MESSAGE, [name]: text })
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['failed'],
    )
  })
}

test('fails where a listed difference is none', (t) => {
  const folder = folderOf(t, { 'a.eml': MESSAGE, 'a.crlf.json': JSON.stringify(PARSE) })
  const [outcome] = runSuite(folder, [{ file: 'a.crlf.json', places: ['parts[0].body'], reason: '', law: '' }]).outcomes
  assert.deepEqual(outcome, {
    file: 'a.crlf.json',
    result: 'failed',
    lines: ['parts[0].body: listed as different, and is not'],
  })
})

test('lists count the files, and the exit code says whether all passed', (t) => {
  const run = (folder: string): { readonly status: number | null; readonly last: string | undefined } => {
    const { status, stdout } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'run.ts'), folder], {
      encoding: 'utf8',
    })
    return { status, last: stdout.trimEnd().split('\n').at(-1) }
  }
  const unknown = { 'flavours.json': JSON.stringify([{ header: 'x', expected: null }]), 'a.json': '{"not":"ours"}' }
  const right = { 'a.eml': MESSAGE, 'a.crlf.json': JSON.stringify(PARSE) }
  const all = { status: 0, last: '1 passed, 0 failed, 2 skipped' }
  assert.deepEqual(run(folderOf(t, { ...right, ...unknown })), all)
  assert.deepEqual(run(folderOf(t, { ...right, 'a.json': '{' })), { status: 1, last: '1 passed, 1 failed, 0 skipped' })
  assert.deepEqual(run(folderOf(t, {})), { status: 1, last: '0 passed, 0 failed, 0 skipped' })
})
