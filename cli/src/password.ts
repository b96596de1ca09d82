// Passwords: read from standard input, asked for twice without echo, or made. Never an argument: those are seen by all.

import { randomInt } from 'node:crypto'
import { EXIT, Failure } from './failure.ts'
import type { Session } from './session.ts'
import { readAll, type Terminal } from './terminal.ts'

export type PasswordSource = { readonly passwordStdin?: true; readonly generate?: true }

/** A new password by the way that the options name; `generated` says that nobody but us knows it yet. */
export async function newPassword(
  session: Session,
  source: PasswordSource,
): Promise<{ readonly password: string; readonly generated: boolean }> {
  if (source.generate && source.passwordStdin)
    throw new Failure('bad-options', 'Cannot take --generate and --password-stdin at once', { exit: EXIT.usage })
  if (source.generate) return { password: generatePassword(), generated: true }
  if (source.passwordStdin) return { password: await passwordFromInput(session.terminal), generated: false }
  const password = await askHidden(session.terminal, 'Password: ', '--password-stdin or --generate')
  if (password === '') throw new Failure('empty-password', 'Cannot take an empty password')
  if (password !== (await askHidden(session.terminal, 'Again: ', '--password-stdin or --generate')))
    throw new Failure('passwords-differ', 'The two passwords differ', { next: 'Try again, or use --generate.' })
  return { password, generated: false }
}

/** The first line of standard input. */
export async function passwordFromInput(terminal: Terminal): Promise<string> {
  const text = (await readAll(terminal.input, MAX_OCTETS)).toString('utf8')
  const password = text.split('\n', 1)[0]?.replace(/\r$/, '') ?? ''
  if (password === '') throw new Failure('empty-password', 'Cannot take an empty password', { exit: EXIT.usage })
  return password
}

/** Four groups of five characters that nobody mistakes for each other: 99 bits. */
export function generatePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}

/** Asks on standard error and reads one line, key by key, showing nothing. `instead`: options that need no terminal. */
export function askHidden(terminal: Terminal, question: string, instead: string): Promise<string> {
  const { input, errors } = terminal
  if (!input.isTTY || input.setRawMode === undefined)
    throw new Failure('no-terminal', 'Cannot ask for a password: standard input is not a terminal', {
      exit: EXIT.usage,
      next: `use ${instead}`,
    })
  errors.write(question)
  input.setRawMode(true)
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (): void => {
      input.off('data', read)
      input.setRawMode?.(false)
      input.pause()
      errors.write('\n')
    }
    const read = (chunk: Buffer | string): void => {
      for (const key of chunk.toString()) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          end()
          return resolve(typed)
        }
        if (key === '\u0003') {
          end()
          return reject(new Failure('interrupted', 'Interrupted', { exit: EXIT.interrupted }))
        }
        if (key === '\u007f' || key === '\b') typed = typed.replace(/.$/su, '')
        else if (key >= ' ') typed += key
      }
    }
    input.on('data', read)
    input.resume()
  })
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'
const MAX_OCTETS = 4096
