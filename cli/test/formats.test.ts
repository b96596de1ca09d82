import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { homeAt } from '@scop/bottle/home'
import { accountsFile, forgetAccount, readAccounts, writeAccounts } from '../src/accounts-file.ts'
import { quoteTxt } from '../src/dkim.ts'
import { formatTable } from '../src/session.ts'
import { formatDuration } from '../src/status.ts'

const DURATIONS: readonly (readonly [number, string])[] = [
  [0, '0s'],
  [59.9, '59s'],
  [60, '1m 00s'],
  [3599, '59m 59s'],
  [3600, '1h 00m'],
  [86_399, '23h 59m'],
  [86_400, '1d 0h'],
  [1_000_000, '11d 13h'],
]
for (const [seconds, text] of DURATIONS) {
  test(`${seconds} seconds are ${text}`, () => assert.equal(formatDuration(seconds), text))
}

const TXTS: readonly (readonly [string, string, string])[] = [
  ['a short text', 'v=DKIM1', '"v=DKIM1"'],
  ['quotes and backslashes', 'a"b\\c', '"a\\"b\\\\c"'],
  ['nothing', '', '""'],
  ['256 octets', 'x'.repeat(256), `"${'x'.repeat(255)}" "x"`],
]
for (const [name, text, quoted] of TXTS) {
  test(`quotes ${name} for a zone`, () => assert.equal(quoteTxt(text), quoted))
}

test('a table shows what remote parties wrote without obeying it', () => {
  assert.equal(
    formatTable(['UID', 'SUBJECT'], [[7, '\u001b[2Jhi\nthere']]),
    'UID  SUBJECT\n  7  \\u001b[2Jhi\\u000athere',
  )
})

test('accounts.txt is kept for its owner, and read again', async () => {
  const home = homeAt(await mkdtemp(path.join(tmpdir(), 'scop-accounts-')))
  try {
    assert.deepEqual(await readAccounts(home), [])
    await writeAccounts(home, [{ account: 'alice@one.example', password: 'p-w' }])
    assert.equal((await stat(accountsFile(home))).mode & 0o777, 0o600)
    assert.deepEqual(await readAccounts(home), [{ account: 'alice@one.example', password: 'p-w' }])
    await writeFile(accountsFile(home), 'edited by hand\n\nno-password\n')
    assert.deepEqual(await readAccounts(home), [{ account: 'edited', password: 'by' }])
    await forgetAccount(home, 'alice@one.example')
    assert.equal(await readFile(accountsFile(home), 'utf8'), 'edited by hand\n\nno-password\n', 'nothing to take out')
    await forgetAccount(home, 'edited')
    assert.deepEqual(await readdir(home.directory), [], 'the file went with its last account')
  } finally {
    await rm(home.directory, { recursive: true })
  }
})
