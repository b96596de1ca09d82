// accounts.txt in the home: the passwords that the first start made, so that a later start can show them again.
// Readable by its owner alone; deleting it loses nothing but the reminder.

import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Home } from '@scop/bottle/home'

export type MadeAccount = { readonly account: string; readonly password: string }

export const accountsFile = (home: Home): string => path.join(home.directory, 'accounts.txt')

export async function writeAccounts(home: Home, accounts: readonly MadeAccount[]): Promise<void> {
  const lines = accounts.map(({ account, password }) => `${account} ${password}\n`)
  const head = '# Accounts that the first "scop start" made. Changing a password does not change this file.\n'
  await writeFile(accountsFile(home), head + lines.join(''), { mode: 0o600 })
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
