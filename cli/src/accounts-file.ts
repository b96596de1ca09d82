// accounts.txt in the home: the passwords that the first start made, so that a later start can show them again.
// Readable by its owner alone; deleting it loses nothing but the reminder.

import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Home } from '@scop/bottle/home'

export type MadeAccount = { readonly account: string; readonly password: string }

export const accountsFile = (home: Home): string => path.join(home.directory, 'accounts.txt')

export async function writeAccounts(home: Home, accounts: readonly MadeAccount[]): Promise<void> {
  const lines = accounts.map(({ account, password }) => `${account} ${password}\n`)
  const head = '# Accounts that the first "scop start" made. "scop user passwd" and "remove" take theirs out.\n'
  await writeFile(accountsFile(home), head + lines.join(''), { mode: 0o600 })
}

/** Takes out an account whose password is another now. The file goes with its last account. */
export async function forgetAccount(home: Home, account: string): Promise<void> {
  const accounts = await readAccounts(home)
  const kept = accounts.filter((made) => made.account !== account)
  if (kept.length === accounts.length) return
  if (kept.length === 0) await rm(accountsFile(home), { force: true })
  else await writeAccounts(home, kept)
}

/** None where the file is not there. */
export async function readAccounts(home: Home): Promise<readonly MadeAccount[]> {
  const text = await readFile(accountsFile(home), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((line) => {
    const [account, password] = line.split(' ')
    return account && password && !account.startsWith('#') ? [{ account, password }] : []
  })
}
