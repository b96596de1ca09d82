import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  applyEdits,
  buildSnapshot,
  type Credentials,
  DEFAULT_LIMITS,
  type DirectoryRecord,
  type Edit,
  parseRecord,
  type Snapshot,
} from '../src/index.ts'
import { address, CREDENTIALS, domain, mailbox } from './fixtures.ts'

type Kept = Edit<Credentials>
const addDomain = (name: string): Kept => ({ kind: 'add-domain', domain: domain(name) })
const removeDomain = (name: string): Kept => ({ kind: 'remove-domain', domain: domain(name) })
const addAccount = (name: string): Kept => ({ kind: 'add-account', account: address(name), password: CREDENTIALS })
const setPassword = (name: string): Kept => ({ kind: 'set-password', account: address(name), password: CREDENTIALS })
const removeAccount = (name: string): Kept => ({ kind: 'remove-account', account: address(name) })
const addAlias = (name: string, ...targets: string[]): Kept => ({
  kind: 'add-alias',
  alias: address(name),
  targets: targets.map(mailbox),
})
const removeAlias = (name: string): Kept => ({ kind: 'remove-alias', alias: address(name) })

const SECRET: DirectoryRecord = { kind: 'directory', fakeSaltSecret: new Uint8Array(32) }

/** The snapshot that reading the written files gives. */
function after(edits: readonly Kept[]): Snapshot {
  const empty = expectOk(buildSnapshot([SECRET]), 'build')
  const { writes } = expectOk(applyEdits(empty, edits, 5, DEFAULT_LIMITS), 'edit')
  const records = [SECRET]
  for (const [path, octets] of writes) {
    if (octets !== undefined) records.push(expectOk(parseRecord(path, octets, DEFAULT_LIMITS), `read ${path}`))
  }
  return expectOk(buildSnapshot(records), 'build')
}

const START = [
  addDomain('one.example'),
  addDomain('two.example'),
  addAccount('alice@one.example'),
  addAccount('bob@one.example'),
  addAlias('info@one.example', 'alice@one.example', 'x@elsewhere.example'),
  addAlias('all@one.example', 'info@one.example', 'bob+all@one.example'),
]

test('a whole directory in one change', () => {
  const snapshot = after(START)
  assert.deepEqual([...snapshot.domains], ['one.example', 'two.example'])
  assert.deepEqual([...snapshot.accounts.keys()], ['alice@one.example', 'bob@one.example'])
  assert.deepEqual([...snapshot.aliases.keys()], ['info@one.example', 'all@one.example'])
})

test('the summary names what is done and no secret', () => {
  const empty = expectOk(buildSnapshot([SECRET]), 'build')
  assert.deepEqual(expectOk(applyEdits(empty, START, 5, DEFAULT_LIMITS), 'edit').summary, [
    'add-domain one.example',
    'add-domain two.example',
    'add-account alice@one.example',
    'add-account bob@one.example',
    'add-alias info@one.example for alice@one.example, x@elsewhere.example',
    'add-alias all@one.example for info@one.example, bob+all@one.example',
  ])
})

for (const [name, edits] of [
  ['a password set', [setPassword('alice@one.example')]],
  ['aliases first, then the account', [removeAlias('all@one.example'), removeAccount('bob@one.example')]],
  ['an empty domain removed', [removeDomain('two.example')]],
  ['removed and made again', [removeAlias('all@one.example'), addAlias('all@one.example', 'bob@one.example')]],
  ['an alias to a postmaster that nobody made', [addAlias('abuse@two.example', 'postmaster@two.example')]],
] as const) {
  test(`allows ${name}`, () => assert.equal(applyEdits(after(START), edits, 5, DEFAULT_LIMITS).ok, true))
}

for (const [name, edits, kind] of [
  ['a domain twice', [addDomain('one.example')], 'exists'],
  ['an account twice', [addAccount('Alice@one.example')], 'exists'],
  ['an account named as an alias', [addAccount('info@one.example')], 'exists'],
  ['an alias named as an account', [addAlias('bob@one.example', 'alice@one.example')], 'exists'],
  ['an account in a domain that is not ours', [addAccount('a@three.example')], 'no-such-domain'],
  ['an alias in a domain that is not ours', [addAlias('a@three.example', 'bob@one.example')], 'no-such-domain'],
  ['removing a domain that is not there', [removeDomain('three.example')], 'no-such-domain'],
  ['removing a domain with accounts', [removeDomain('one.example')], 'in-use'],
  ['a password for nobody', [setPassword('carol@one.example')], 'no-such-account'],
  ['a password for an alias', [setPassword('info@one.example')], 'no-such-account'],
  ['removing nobody', [removeAccount('carol@one.example')], 'no-such-account'],
  ['removing an account that an alias leads to', [removeAccount('alice@one.example')], 'in-use'],
  ['removing an account that a subaddress leads to', [removeAccount('bob@one.example')], 'in-use'],
  ['removing an alias that another leads to', [removeAlias('info@one.example')], 'in-use'],
  ['removing an alias that is not there', [removeAlias('x@one.example')], 'no-such-alias'],
  ['an alias to nobody', [addAlias('x@one.example', 'carol@one.example')], 'no-such-target'],
  ['an alias to itself', [addAlias('x@one.example', 'x@one.example')], 'no-such-target'],
  ['an alias without targets', [addAlias('x@one.example')], 'no-targets'],
  [
    'an alias with 501 targets',
    [addAlias('x@one.example', ...Array.from({ length: 501 }, (_, i) => `${i}@elsewhere.example`))],
    'too-many-targets',
  ],
  ['the second edit of two', [addDomain('three.example'), addDomain('three.example')], 'exists'],
] as const) {
  test(`refuses ${name}: ${kind}`, () => {
    const edited = applyEdits(after(START), edits, 5, DEFAULT_LIMITS)
    assert.equal(edited.ok ? 'ok' : edited.error.kind, kind)
  })
}

test('a removal that is refused names what stands in its way', () => {
  const edited = applyEdits(after(START), [removeDomain('one.example')], 5, DEFAULT_LIMITS)
  assert.deepEqual(edited.ok ? [] : edited.error, {
    kind: 'in-use',
    by: ['alice@one.example', 'bob@one.example', 'info@one.example', 'all@one.example'],
  })
})
