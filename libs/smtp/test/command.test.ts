import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@scop/octets'
import { formatPath, parseCommandLine, parseForwardPath, parsePathArgument, parseReversePath } from '../src/index.ts'

for (const [line, verb, argument] of [
  ['NOOP', 'NOOP', ''],
  ['noop  ', 'NOOP', ''],
  ['Mail from:<a@b.example>', 'MAIL', 'from:<a@b.example>'],
  ['HELP  me', 'HELP', ' me'],
  ['RCPT TO:<é@b.example>', 'RCPT', 'TO:<é@b.example>'],
] as const) {
  test(`reads command line "${line}"`, () => {
    assert.deepEqual(parseCommandLine(encodeUtf8(line)), { ok: true, value: { verb, argument } })
  })
}
for (const [line, kind] of [
  ['', 'bad-verb'],
  [' NOOP', 'bad-verb'],
  ['NO-OP', 'bad-verb'],
  ['A'.repeat(17), 'bad-verb'],
  ['NOOP\tx', 'control-character'],
  ['NOOP\0', 'control-character'],
  ['\x16\x03\x01', 'control-character'],
] as const) {
  test(`refuses command line ${JSON.stringify(line)}: ${kind}`, () => {
    const command = parseCommandLine(encodeUtf8(line))
    assert.ok(!command.ok)
    assert.equal(command.error.kind, kind)
  })
}
test('refuses a command line that is not UTF-8', () => {
  assert.deepEqual(parseCommandLine(new Uint8Array([0x4e, 0x4f, 0x20, 0xff])), {
    ok: false,
    error: { kind: 'not-utf8' },
  })
})

for (const [argument, path, parameters] of [
  ['FROM:<a@b.example>', '<a@b.example>', []],
  ['from: <a@b.example>', '<a@b.example>', []], // quirk space-after-colon
  [
    'FROM:<>  SIZE=5  BODY=7BIT X',
    '<>',
    [
      ['SIZE', '5'],
      ['BODY', '7BIT'],
      ['X', undefined],
    ],
  ],
  ['FROM:<"> x"@b.example> AUTH=<>', '<"> x"@b.example>', [['AUTH', '<>']]],
] as const) {
  test(`reads argument "${argument}"`, () => {
    const expected = { path, parameters: parameters.map(([name, value]) => ({ name, value })) }
    assert.deepEqual(parsePathArgument(argument, 'FROM:'), { ok: true, value: expected })
  })
}
for (const [argument, kind] of [
  ['', 'no-path-keyword'],
  ['FROM', 'no-path-keyword'],
  ['FROM :<a@b.example>', 'no-path-keyword'],
  ['FROM:  <a@b.example>', 'unclosed-path'],
  ['FROM:a@b.example', 'unclosed-path'],
  ['FROM:<a@b.example', 'unclosed-path'],
  ['FROM:<"a@b.example>', 'unclosed-path'],
  ['FROM:<a@b.example>X', 'bad-parameter'],
  ['FROM:<a@b.example> =', 'bad-parameter'],
  ['FROM:<a@b.example> A==', 'bad-parameter'],
  ['FROM:<a@b.example> A=', 'bad-parameter'],
  ['FROM:<a@b.example> a=1 A=1', 'repeated-parameter'],
] as const) {
  test(`refuses argument "${argument}": ${kind}`, () => {
    const read = parsePathArgument(argument, 'FROM:')
    assert.ok(!read.ok)
    assert.equal(read.error.kind, kind)
  })
}

for (const [text, formatted] of [
  ['<a@b.example>', '<a@b.example>'],
  ['<@r.example,@s.example:a@B.example>', '<a@b.example>'],
  ['<"a b"@[192.0.2.1]>', '<"a b"@[192.0.2.1]>'],
  ['<POSTMASTER>', '<Postmaster>'],
  ['<postmaster@b.example>', '<postmaster@b.example>'],
] as const) {
  test(`reads forward path "${text}"`, () => {
    const path = parseForwardPath(text)
    assert.ok(path.ok)
    assert.equal(formatPath(path.value), formatted)
  })
}
for (const [text, kind] of [
  ['<>', 'no-angle-brackets'],
  ['a@b.example', 'no-angle-brackets'],
  ['<a>', 'no-at-sign'],
  ['<@r.example>', 'bad-source-route'],
  ['<@r example:a@b.example>', 'bad-source-route'],
  ['<a@b..example>', 'bad-domain'],
  ['<é@b.example>', 'not-ascii'],
  [`<${'a'.repeat(65)}@b.example>`, 'local-part-too-long'],
  [`<a@${'b.'.repeat(130)}example>`, 'path-too-long'],
] as const) {
  test(`refuses forward path "${text.slice(0, 40)}": ${kind}`, () => {
    const path = parseForwardPath(text)
    assert.ok(!path.ok)
    assert.equal(path.error.kind, kind)
  })
}
test('reads the null path as a reverse path only', () => {
  assert.deepEqual(parseReversePath('<>'), { ok: true, value: { kind: 'null-path' } })
  assert.equal(parseReversePath('<Postmaster>').ok, false)
})
