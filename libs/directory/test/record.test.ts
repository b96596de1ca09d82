import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUtf8, encodeLatin1, encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/record.fuzz.ts'
import { DEFAULT_LIMITS, type DirectoryRecord, formatRecord, parseRecord, recordPath } from '../src/index.ts'
import { address, CREDENTIALS, domain, mailbox } from './fixtures.ts'

const ALICE: DirectoryRecord = {
  kind: 'account',
  account: address('alice@one.example'),
  createdAtMs: Date.UTC(2026, 10, 21),
  credentials: CREDENTIALS,
}
const INFO: DirectoryRecord = {
  kind: 'alias',
  alias: address('info@one.example'),
  targets: [mailbox('alice@one.example'), mailbox('Bob@elsewhere.example')],
}
const text = (record: DirectoryRecord): string => expectOk(decodeUtf8(formatRecord(record)), 'decode')

test('an alias is a small readable file', () => {
  assert.equal(recordPath(INFO), 'aliases/one.example/in/info.json')
  assert.equal(
    text(INFO),
    `{
  "alias": "info@one.example",
  "targets": [
    "alice@one.example",
    "Bob@elsewhere.example"
  ]
}
`,
  )
})

test('every record is read back from its path', () => {
  for (const record of [
    ALICE,
    INFO,
    { kind: 'domain', domain: domain('one.example') },
    { kind: 'directory', fakeSaltSecret: new Uint8Array(32).fill(7) },
  ] satisfies DirectoryRecord[]) {
    assert.deepEqual(parseRecord(recordPath(record), formatRecord(record), DEFAULT_LIMITS), { ok: true, value: record })
  }
})

for (const [name, path] of [
  ['a@one.example', 'accounts/one.example/a_/a.json'],
  ['al@one.example', 'accounts/one.example/al/al.json'],
  ['alice.smith+x-y_z@one.example', 'accounts/one.example/al/alice.smith+x-y_z.json'],
  ['"../../etc"@one.example', 'accounts/one.example/%2/%2e.%2f..%2fetc.json'],
  ['".git"@one.example', 'accounts/one.example/%2/%2egit.json'],
  ['git~1@one.example', 'accounts/one.example/gi/git%7e1.json'],
  ['-x@one.example', 'accounts/one.example/%2/%2dx.json'],
  ['%61@one.example', 'accounts/one.example/%2/%2561.json'],
  ['\u00e9@one.example', 'accounts/one.example/%c/%c3%a9.json'],
] as const) {
  test(`${name} is kept in ${path}`, () => {
    const record: DirectoryRecord = { ...ALICE, kind: 'account', account: address(name) }
    assert.equal(recordPath(record), path)
    assert.deepEqual(parseRecord(path, formatRecord(record), DEFAULT_LIMITS), { ok: true, value: record })
  })
}

const account = text(ALICE)
for (const [name, path, file, kind] of [
  ['a file elsewhere', 'README.md', 'hello', 'unknown-file'],
  ['a folder that is not ours', 'hooks/x.json', '{}', 'unknown-file'],
  ['no JSON', recordPath(INFO), 'alias: info', 'bad-json'],
  ['a list', recordPath(INFO), '[]', 'bad-json'],
  ['null', recordPath(INFO), 'null', 'bad-json'],
  ['a key twice', recordPath(INFO), text(INFO).replace('{', '{"alias":"x@one.example",'), 'bad-json'],
  ['another spelling of a letter', recordPath(INFO), text(INFO).replace('info', '\\u0069nfo'), 'bad-json'],
  ['a number that is written otherwise', recordPath(ALICE), account.replace('4096', '4096.0'), 'bad-json'],
  ['an unknown field', recordPath(INFO), text(INFO).replace('{', '{"x":1,'), 'bad-field'],
  ['__proto__', recordPath(INFO), text(INFO).replace('{', '{"__proto__":1,'), 'bad-field'],
  ['no targets', recordPath(INFO), '{"alias":"info@one.example","targets":[]}', 'bad-field'],
  ['a target that is no mailbox', recordPath(INFO), '{"alias":"info@one.example","targets":["x"]}', 'bad-field'],
  ['a target that is a number', recordPath(INFO), '{"alias":"info@one.example","targets":[1]}', 'bad-field'],
  ["another account's path", recordPath(INFO), text(INFO).replace('info@', 'inbo@'), 'misplaced'],
  ['a name in capitals', recordPath(ALICE), account.replace('alice@', 'Alice@'), 'bad-field'],
  ['a domain in capitals', 'domains/one.example.json', '{"domain":"One.example"}', 'bad-field'],
  ['no date', recordPath(ALICE), account.replace('2026-11-21T', '2026-11-31T'), 'bad-field'],
  ['4095 iterations', recordPath(ALICE), account.replace('4096', '4095'), 'bad-field'],
  ['a million million iterations', recordPath(ALICE), account.replace('4096', '1000000000000'), 'bad-field'],
  [
    'a key of 3 octets',
    recordPath(ALICE),
    account.replace(/"stored-key": "[^"]*"/, '"stored-key": "AAAA"'),
    'bad-field',
  ],
  ['argon2i', recordPath(ALICE), account.replace('$argon2id', '$argon2i'), 'bad-field'],
  ['format 2', 'directory.json', '{"format":2,"fake-salt-secret":""}', 'bad-field'],
  ['a file of 64 KiB and one', recordPath(INFO), text(INFO).padEnd(65_537), 'too-long'],
] as const) {
  test(`refuses ${name}: ${kind}`, () => {
    const record = parseRecord(path, encodeUtf8(file), DEFAULT_LIMITS)
    assert.equal(record.ok ? 'ok' : record.error.kind, kind)
  })
}

test('refuses what is not UTF-8, and more targets than the limit', () => {
  const latin1 = parseRecord('domains/one.example.json', encodeLatin1('{"domain":"\u00e9"}'), DEFAULT_LIMITS)
  assert.equal(latin1.ok ? '' : latin1.error.kind, 'not-utf8')
  const few = { ...DEFAULT_LIMITS, aliasTargets: 1 }
  assert.equal(parseRecord(recordPath(INFO), formatRecord(INFO), few).ok, false)
})

test('white space is free', () => {
  const compact = JSON.stringify(JSON.parse(text(INFO)))
  assert.deepEqual(parseRecord(recordPath(INFO), encodeUtf8(compact), DEFAULT_LIMITS), { ok: true, value: INFO })
})

test('fuzz laws hold for the seeds, cut and changed', () => {
  for (const seed of seeds) {
    const octets = typeof seed === 'string' ? encodeUtf8(seed) : seed
    fuzz(octets)
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.nat(255), (at, octet) => {
        fuzz(octets.subarray(0, at))
        fuzz(octets.with(at, octet))
      }),
    )
  }
})
