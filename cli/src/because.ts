// Because: who changes something and why. Stands in the directory's history for good.

import { hostname, userInfo } from 'node:os'
import type { Command } from 'commander'

export type BecauseOptions = { readonly author?: string; readonly reason?: string }

/** Adds --author and --reason. */
export function withBecause(command: Command): Command {
  return command
    .option('--author <name>', 'who asks for this change; default: this user at this machine')
    .option('--reason <text>', 'why; stands in the history')
}

export function because(
  { author, reason }: BecauseOptions,
  done: string,
): { readonly author: string; readonly reason: string } {
  return { author: author ?? defaultAuthor(), reason: reason ?? `scop ${done}` }
}

function defaultAuthor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}` // a user without an entry, as in some containers
  }
}
