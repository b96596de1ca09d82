// RFC 2369 §2, RFC 2919 §3, RFC 8058 §3.1; examples of the RFCs first
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOneClickUnsubscribe, LIST_LIMITS, parseListCommand, parseListId } from '../src/index.ts'

const commands: readonly [value: string, urls: readonly string[], comments?: readonly string[]][] = [
  [
    '<mailto:list@host.com?subject=help> (List Instructions)',
    ['mailto:list@host.com?subject=help'],
    ['List Instructions'],
  ],
  [
    '(Use this command)\r\n <ftp://ftp.host.com/list.txt>,\r\n <mailto:list@host.com>',
    ['ftp://ftp.host.com/list.txt', 'mailto:list@host.com'],
    ['Use this command'],
  ],
  ['<https://a.example/very\r\n  long>', ['https://a.example/verylong']],
  ['<a:b>, junk <c:d>', ['a:b']],
  ['<a:b>, <c', ['a:b']],
  ['NO (posting not allowed on this list)', [], ['posting not allowed on this list']],
]
for (const [value, urls, comments = []] of commands) {
  test(`reads ${JSON.stringify(value)}`, () => {
    const no = value.startsWith('NO')
    assert.deepEqual(parseListCommand(value), { ok: true, value: { urls, no, comments } })
  })
}
for (const [value, kind, at] of [
  ['', 'no-url', 0],
  ['https://a.example', 'no-url', 0],
  ['<>', 'no-url', 2],
  ['NOT', 'no-url', 0],
  ['<a', 'unclosed-angle-bracket', 0],
] as const) {
  test(`refuses ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseListCommand(value), { ok: false, error: { kind, at } })
  })
}

test('limits: URLs, comments', () => {
  const many = parseListCommand('(c)<a:b>,'.repeat(LIST_LIMITS.urls + 3))
  assert.equal(many.ok && many.value.urls.length, LIST_LIMITS.urls)
  const comments = parseListCommand(`${'(c)'.repeat(LIST_LIMITS.comments + 3)}<a:b>`)
  assert.equal(comments.ok && comments.value.comments.length, LIST_LIMITS.comments)
})

const ids: readonly [value: string, description: string | undefined, id: string][] = [
  ['List Header Mailing List <list-header.nisto.com>', 'List Header Mailing List', 'list-header.nisto.com'],
  ['<commonspace-users.list-id.within.com>', undefined, 'commonspace-users.list-id.within.com'],
  ['"Lena\'s <Personal> Joke List"\r\n <LENAS-jokes.example>', "Lena's <Personal> Joke List", 'lenas-jokes.example'],
  ['=?utf-8?q?M=C3=BCsli?= <m.example>', 'Müsli', 'm.example'],
  ['list.example', undefined, 'list.example'],
]
for (const [value, description, id] of ids) {
  test(`reads List-Id ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseListId(value), { ok: true, value: { description, id } })
  })
}
for (const value of ['', 'two words', 'x <>', '"q"', '<a']) {
  test(`refuses List-Id ${JSON.stringify(value)}`, () => {
    const parsed = parseListId(value)
    assert.equal(!parsed.ok && parsed.error.kind, 'no-list-id')
  })
}

test('one click', () => {
  assert.ok(isOneClickUnsubscribe(' List-Unsubscribe=One-Click\r\n'))
  assert.ok(isOneClickUnsubscribe('list-unsubscribe=one-click'))
  for (const value of ['', 'List-Unsubscribe=Two-Clicks', 'List-Unsubscribe=One-Click x'])
    assert.ok(!isOneClickUnsubscribe(value))
})
