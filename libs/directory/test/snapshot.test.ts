import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { buildSnapshot, type DirectoryRecord, ownsMailbox, resolveMailbox, type Snapshot } from '../src/index.ts'
import { address, CREDENTIALS, domain, mailbox } from './fixtures.ts'

const account = (name: string, createdAtMs: number): DirectoryRecord => ({
  kind: 'account',
  account: address(name),
  createdAtMs,
  credentials: CREDENTIALS,
})
const alias = (name: string, ...targets: string[]): DirectoryRecord => ({
  kind: 'alias',
  alias: address(name),
  targets: targets.map(mailbox),
})
const RECORDS: readonly DirectoryRecord[] = [
  { kind: 'directory', fakeSaltSecret: new Uint8Array(32) },
  { kind: 'domain', domain: domain('one.example') },
  { kind: 'domain', domain: domain('empty.example') },
  { kind: 'domain', domain: domain('two.example') },
  account('bob@one.example', 1),
  account('alice@one.example', 2),
  account('carol+special@one.example', 3),
  account('dave@two.example', 0),
  alias('info@one.example', 'alice@one.example', 'bob@one.example'),
  alias('sales@one.example', 'INFO@one.example', 'Someone@elsewhere.example', 'alice+sales@one.example'),
  alias('loop@one.example', 'pool@one.example', 'bob@one.example'),
  alias('pool@one.example', 'loop@one.example'),
  alias('void@one.example', 'void2@one.example'),
  alias('void2@one.example', 'void@one.example', 'nobody@one.example'),
  alias('postmaster@two.example', 'alice@one.example'),
]
const SNAPSHOT: Snapshot = expectOk(buildSnapshot(RECORDS), 'build')

for (const [name, expected] of [
  ['alice@one.example', 'alice@one.example'],
  ['ALICE@One.Example', 'alice@one.example'],
  ['"alice"@one.example', 'alice@one.example'],
  ['alice+tag@one.example', 'alice@one.example'],
  ['carol+special@one.example', 'carol+special@one.example'],
  ['carol+other@one.example', 'unknown'],
  ['info@one.example', 'alice@one.example bob@one.example'],
  ['info+x@one.example', 'alice@one.example bob@one.example'],
  ['sales@one.example', 'alice@one.example bob@one.example Someone@elsewhere.example'],
  ['loop@one.example', 'bob@one.example'],
  ['pool@one.example', 'bob@one.example'],
  ['void@one.example', 'unknown'],
  ['nobody@one.example', 'unknown'],
  ['"no body"@one.example', 'unknown'],
  ['postmaster@one.example', 'bob@one.example'], // the oldest of the domain
  ['Postmaster+x@one.example', 'bob@one.example'],
  ['postmaster@two.example', 'alice@one.example'], // an alias of that name
  ['postmaster@empty.example', 'dave@two.example'], // the oldest of all
  ['alice@empty.example', 'unknown'],
  ['alice@elsewhere.example', 'not-ours'],
  ['alice@sub.one.example', 'not-ours'],
  ['alice@[192.0.2.1]', 'not-ours'],
] as const) {
  test(`${name} reaches ${expected}`, () => {
    const found = resolveMailbox(SNAPSHOT, mailbox(name))
    const text =
      found.kind === 'ours' ? [...found.accounts, ...found.forwards.map(formatMailbox)].join(' ') : found.kind
    assert.equal(text, expected)
  })
}

for (const [name, from, owns] of [
  ['alice@one.example', 'alice@one.example', true],
  ['alice@one.example', 'Alice@ONE.example', true],
  ['alice@one.example', 'alice+news@one.example', true],
  ['alice@one.example', 'info@one.example', true],
  ['alice@one.example', 'sales@one.example', true],
  ['bob@one.example', 'postmaster@one.example', true],
  ['alice@one.example', 'postmaster@one.example', false],
  ['alice@one.example', 'bob@one.example', false],
  ['alice@one.example', 'alice@two.example', false],
  ['alice@one.example', 'someone@elsewhere.example', false],
  ['alice@one.example', 'nobody@one.example', false],
  ['nobody@one.example', 'nobody@one.example', false],
] as const) {
  test(`${name} ${owns ? 'may' : 'may not'} write as ${from}`, () =>
    assert.equal(ownsMailbox(SNAPSHOT, address(name), mailbox(from)), owns))
}

test('postmaster is unknown where there is no account at all', () => {
  const empty = expectOk(buildSnapshot(RECORDS.slice(0, 3)), 'build')
  assert.equal(resolveMailbox(empty, mailbox('postmaster@one.example')).kind, 'unknown')
})

for (const [name, records, kind] of [
  ['no directory record', RECORDS.slice(1), 'no-directory-record'],
  ['an account in no domain', [...RECORDS, account('a@three.example', 0)], 'no-such-domain'],
  ['an alias in no domain', [...RECORDS, alias('a@three.example', 'x@y.example')], 'no-such-domain'],
  ['an alias named as an account', [...RECORDS, alias('bob@one.example', 'x@y.example')], 'two-meanings'],
] as const) {
  test(`refuses ${name}`, () => {
    const built = buildSnapshot(records)
    assert.equal(built.ok ? 'ok' : built.error.kind, kind)
  })
}
